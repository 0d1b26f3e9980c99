#include <nlohmann/json.hpp>
#include <utility>

#include "storage/embedded_columns.h"

namespace sallyport::storage::index {

ObjectRow object_of(const state::Row& row, int at) {
  ObjectRow out;
  out.location = static_cast<Location>(row.integer(at));
  out.content = static_cast<std::uint64_t>(row.integer(at + 1));
  out.stamp.size = static_cast<std::uint64_t>(row.integer(at + 2));
  out.modified_ms = row.integer(at + 3);
  out.etag = row.string(at + 4);
  out.stamp.inode = static_cast<std::uint64_t>(row.integer(at + 5));
  out.stamp.mtime_ns = row.integer(at + 6);
  out.version = row.integer(at + 7);
  out.content_type = row.string(at + 8);
  out.metadata = row.string(at + 9);
  out.headers = row.string(at + 10);
  out.tags = row.string(at + 11);
  out.checksums = row.string(at + 12);
  out.part_count = static_cast<std::uint32_t>(row.integer(at + 13));
  out.version_id = row.string(at + 14);
  out.rank = row.integer(at + 15);
  return out;
}

std::string encode(const Strings& strings) {
  if (strings.empty()) return "{}";
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [name, value] : strings) json[name] = value;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Strings decode(std::string_view text) {
  Strings out;
  if (text.size() <= 2) return out;
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return out;
  for (const auto& [name, value] : json.items()) {
    if (value.is_string()) out.emplace(name, value.get<std::string>());
  }
  return out;
}

void describe(ObjectRow& row, const PutOptions& options) {
  row.content_type = options.content_type;
  row.metadata = encode(options.metadata);
  row.headers = encode(options.headers);
}

void describe_as(ObjectRow& row, const ObjectRow& other) {
  row.content_type = other.content_type;
  row.metadata = other.metadata;
  row.headers = other.headers;
}

ObjectInfo info_of(std::string key, const ObjectRow& row, bool versioned) {
  ObjectInfo info;
  info.key = std::move(key);
  info.size = row.stamp.size;
  info.modified = from_unix_ms(row.modified_ms);
  info.etag = row.etag;
  info.content_type = row.content_type;
  info.metadata = decode(row.metadata);
  info.headers = decode(row.headers);
  info.checksums = decode(row.checksums);
  info.tag_count = static_cast<std::uint32_t>(decode(row.tags).size());
  info.part_count = row.part_count;
  info.version_id = versioned || !row.version_id.empty() ? public_id(row.version_id) : "";
  return info;
}

}  // namespace sallyport::storage::index
