#include "api/s3/part_sizes.h"

#include <charconv>

namespace sallyport::api {

namespace {

// Takes a number off the front.
bool take_number(std::string_view& text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

struct Run {
  std::uint64_t size = 0;
  std::uint64_t count = 1;
};

bool take_run(std::string_view& text, Run& out) {
  out = {};
  if (!take_number(text, out.size)) return false;
  if (text.starts_with('*')) {
    text.remove_prefix(1);
    if (!take_number(text, out.count)) return false;
  }
  if (out.count == 0 || out.count > storage::kMaxParts || out.size > storage::kMaxPartBytes)
    return false;
  if (text.empty()) return true;
  if (!text.starts_with(',') || text.size() == 1) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string encode_part_sizes(const std::vector<storage::PartInfo>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size();) {
    std::size_t end = i + 1;
    while (end < parts.size() && parts[end].size == parts[i].size) ++end;
    if (!out.empty()) out += ",";
    out += std::to_string(parts[i].size);
    if (end - i > 1) out += "*" + std::to_string(end - i);
    i = end;
  }
  return out;
}

std::optional<ByteRange> find_part(std::string_view sizes, std::uint32_t number,
                                   std::uint64_t size) {
  std::optional<ByteRange> found;
  std::uint64_t at = 0, before = 0;
  for (Run run; !sizes.empty();) {
    if (!take_run(sizes, run) || run.size * run.count > size - at) return std::nullopt;
    if (number > before && number <= before + run.count && run.size != 0) {
      const std::uint64_t first = at + (number - before - 1) * run.size;
      found = ByteRange{first, first + run.size - 1};
    }
    before += run.count;
    at += run.size * run.count;
  }
  if (at != size) return std::nullopt;
  return found;
}

}  // namespace sallyport::api
