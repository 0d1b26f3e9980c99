#include "api/moves/backup_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "api/moves/lines.h"
#include "base/bytes.h"
#include "codec/json.h"
#include "crypto/digest.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

constexpr std::string_view kFormat = "sallyport-backup";
constexpr int kVersion = 1;

Error malformed(std::string_view what) {
  return Error(Errc::kInvalidArgument, fmt::format("this is not a whole backup: {}", what));
}

Result<json> read_object(std::string_view line) {
  auto object = read_line(line);
  if (!object.ok() || !object->is_object()) return malformed("a line is not a JSON object");
  return object;
}

Result<std::string> read_head(std::string_view line) {
  TRY_ASSIGN(const json head, read_object(line));
  if (text_in(head, "Format") != kFormat)
    return malformed("its first line does not say that it is one");
  if (head.value("Version", json()) != kVersion)
    return Error(Errc::kUnsupported,
                 "the backup is of a newer release of Sallyport; restore it there");
  return text_in(head, "KeyCheck");
}

Result<state::Resource> read_resource(const json& object) {
  state::Resource resource;
  resource.key = {text_in(object, "Kind"), text_in(object, "Parent"), text_in(object, "Id")};
  resource.document = text_in(object, "Document");
  if (resource.key.kind.empty() || resource.key.id.empty() || resource.document.empty())
    return malformed("a line is not a resource");
  return resource;
}

std::string sum_of(std::string_view text) {
  return to_hex(crypto::sha256(text));
}

}  // namespace

std::string write_backup(const std::vector<state::Resource>& resources, std::string_view key_check,
                         WallTime now) {
  std::string out = codec::write_json(json{{"Format", kFormat},
                                           {"Version", kVersion},
                                           {"KeyCheck", key_check},
                                           {"Time", to_iso8601_ms(now)}});
  out += '\n';
  for (const state::Resource& resource : resources) {
    out += codec::write_json(json{{"Kind", resource.key.kind},
                                  {"Parent", resource.key.parent},
                                  {"Id", resource.key.id},
                                  {"Document", resource.document}});
    out += '\n';
  }
  const std::string sum = sum_of(out);
  return out + codec::write_json(json{{"Resources", resources.size()}, {"Sha256", sum}}) + '\n';
}

Result<Backup> read_backup(std::string_view text) {
  const std::string_view whole = text;
  Backup backup;
  TRY_ASSIGN(backup.key_check, read_head(take_line(text)));
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  while (!text.empty()) {
    const std::string_view before = whole.substr(0, whole.size() - text.size());
    TRY_ASSIGN(const json object, read_object(take_line(text)));
    if (object.contains("Sha256")) {
      if (!text.empty() || text_in(object, "Sha256") != sum_of(before) ||
          object.value("Resources", json()) != backup.resources.size())
        return malformed("it was altered, or lines are missing");
      return backup;
    }
    TRY_ASSIGN(state::Resource resource, read_resource(object));
    const state::ResourceKey& key = resource.key;
    if (!seen.emplace(key.kind, key.parent, key.id).second)
      return malformed("a resource is there twice");
    backup.resources.push_back(std::move(resource));
  }
  return malformed("its end is missing");
}

}  // namespace sallyport::api
