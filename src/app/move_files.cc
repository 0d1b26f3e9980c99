#include "app/move_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "app/private_file.h"
#include "codec/json.h"

namespace sallyport::app {
namespace {

// Where the value at the front ends; 0 when it does not.
std::size_t end_of_value(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && (depth == 0 || --depth == 0)) {
      return i + 1;
    }
  }
  return 0;
}

}  // namespace

Result<std::string> read_moved(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream in(path, std::ios::binary);
  if (!in) return errno_error("reading " + path, errno);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Result<void> write_moved(const std::string& path, std::string_view text) {
  if (path == "-") return write_text(STDOUT_FILENO, text, "standard output");
  return write_private_file(path, text);
}

Result<std::string> as_json_lines(std::string_view text) {
  std::string out;
  codec::JsonLimits limits;
  limits.max_bytes = 512 * 1024 * 1024;
  for (std::size_t number = 1;; ++number) {
    const auto start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return out;
    text.remove_prefix(start);
    const std::size_t end = end_of_value(text);
    auto value = codec::parse_json(text.substr(0, end == 0 ? text.size() : end), limits);
    if (!value.ok())
      return std::move(value).error().with_context(fmt::format("JSON value {}", number));
    out += codec::write_json(*value) + '\n';
    if (end == 0) return out;
    text.remove_prefix(end);
  }
}

}  // namespace sallyport::app
