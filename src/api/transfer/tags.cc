#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/transfer/host_keys.h"
#include "api/transfer/operations.h"

namespace sallyport::api {

namespace {

using nlohmann::json;
using Tags = std::vector<model::Tag>;
using TagsChange = std::function<Outcome<bool>(Tags&)>;

// What an ARN of this installation names: a server, one of its users or one of its host keys.
struct TaggedResource {
  enum class Kind : std::uint8_t { kServer, kUser, kHostKey } kind;
  model::ServerId server;
  std::string name;  // of the user or the key
};

std::optional<TaggedResource> resource_of(const TransferContext& context, std::string_view arn) {
  const std::string prefix =
      fmt::format("arn:aws:transfer:{}:{}:", context.place.region, context.place.account);
  if (!arn.starts_with(prefix)) return std::nullopt;
  arn.remove_prefix(prefix.size());
  using Kind = TaggedResource::Kind;
  constexpr std::string_view kServer = "server/";
  if (arn.starts_with(kServer)) {
    return TaggedResource{Kind::kServer, model::ServerId(std::string(arn.substr(kServer.size()))),
                          ""};
  }
  for (const auto& [word, kind] :
       {std::pair<std::string_view, Kind>{"user/", Kind::kUser}, {"host-key/", Kind::kHostKey}}) {
    if (!arn.starts_with(word)) continue;
    const std::string_view rest = arn.substr(word.size());
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos || slash + 1 == rest.size()) return std::nullopt;
    return TaggedResource{kind, model::ServerId(std::string(rest.substr(0, slash))),
                          std::string(rest.substr(slash + 1))};
  }
  return std::nullopt;
}

Fault unknown_resource(const std::string& arn) {
  return Fault(Errc::kNotFound, "Unknown resource").about("Resource", arn);
}

Task<Outcome<Done>> change_tags(const TransferContext& context, std::string arn,
                                TagsChange change) {
  const auto resource = resource_of(context, arn);
  if (!resource) co_return unknown_resource(arn);
  switch (resource->kind) {
    case TaggedResource::Kind::kServer:
      CO_TRY(co_await change_server(context, resource->server,
                                    [&](model::Server& server) { return change(server.tags); }));
      break;
    case TaggedResource::Kind::kUser:
      CO_TRY(co_await load_server(context, resource->server));
      CO_TRY(co_await change_user(context, resource->server, resource->name,
                                  [&](model::User& user) { return change(user.tags); }));
      break;
    case TaggedResource::Kind::kHostKey:
      CO_TRY(co_await change_host_key(context, resource->server, model::HostKeyId(resource->name),
                                      [&](model::HostKeyRecord& key) { return change(key.tags); }));
      break;
  }
  co_return done();
}

Task<Outcome<Tags>> load_tags(const TransferContext& context, std::string arn) {
  const auto resource = resource_of(context, arn);
  if (!resource) co_return unknown_resource(arn);
  CO_TRY_ASSIGN(auto server, co_await load_server(context, resource->server));
  if (resource->kind == TaggedResource::Kind::kServer) co_return std::move(server.value.tags);
  if (resource->kind == TaggedResource::Kind::kUser) {
    CO_TRY_ASSIGN(auto user, co_await load_user(context, resource->server, resource->name));
    co_return std::move(user.value.tags);
  }
  const model::HostKeyId id(resource->name);
  CO_TRY_ASSIGN(auto key, co_await load_host_key(context, resource->server, id));
  co_return std::move(key.value.tags);
}

// A tag of a known key takes its place; new ones go to the end.
void put_tag(Tags& tags, const model::Tag& tag) {
  for (auto& known : tags) {
    if (known.key != tag.key) continue;
    known.value = tag.value;
    return;
  }
  tags.push_back(tag);
}

}  // namespace

Task<Outcome<json>> tag_resource(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const Tags added, read_tags(request, "Tags"));
  CO_TRY(co_await change_tags(context, text_of(request, "Arn"), [&](Tags& tags) -> Outcome<bool> {
    for (const auto& tag : added) put_tag(tags, tag);
    if (tags.size() > context.limits.tags_per_resource)
      return quota_exceeded("TagsPerResource", context.limits.tags_per_resource);
    return true;
  }));
  co_return json();
}

Task<Outcome<json>> untag_resource(const TransferContext& context, json request) {
  const auto keys = texts_of(request, "TagKeys");
  CO_TRY(
      co_await change_tags(context, text_of(request, "Arn"), [&keys](Tags& tags) -> Outcome<bool> {
        return std::erase_if(tags, [&keys](const model::Tag& tag) {
                 return std::find(keys.begin(), keys.end(), tag.key) != keys.end();
               }) > 0;
      }));
  co_return json();
}

Task<Outcome<json>> list_tags_for_resource(const TransferContext& context, json request) {
  const std::string arn = text_of(request, "Arn");
  const std::string listing = "ListTagsForResource|" + arn;
  auto loaded = co_await load_tags(context, arn);
  if (!loaded.ok()) {
    // The operation does not model ResourceNotFoundException.
    if (loaded.error().code == Errc::kNotFound) co_return invalid_request(loaded.error().message);
    co_return std::move(loaded).error();
  }
  CO_TRY_ASSIGN(const auto wanted, read_page_request(context, listing, request));
  std::size_t first = 0;
  std::from_chars(wanted.after.data(), wanted.after.data() + wanted.after.size(), first);
  const Tags& all = *loaded;
  Tags page;
  for (std::size_t i = first; i < all.size() && page.size() < wanted.limit; ++i)
    page.push_back(all[i]);

  json answer = {{"Arn", arn}, {"Tags", tags_json(page)}};
  if (first + page.size() < all.size())
    answer["NextToken"] = context.tokens.make(listing, std::to_string(first + page.size()));
  co_return answer;
}

}  // namespace sallyport::api
