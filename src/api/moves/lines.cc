#include "api/moves/lines.h"

#include <nlohmann/json.hpp>

#include "codec/json.h"

namespace sallyport::api {

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

Result<nlohmann::json> read_line(std::string_view line) {
  codec::JsonLimits limits;
  limits.max_bytes = 16 * 1024 * 1024;
  return codec::parse_json(line, limits);
}

std::string text_in(const nlohmann::json& object, std::string_view member) {
  const auto it = object.find(member);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

}  // namespace sallyport::api
