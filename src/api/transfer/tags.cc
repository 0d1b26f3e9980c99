#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/transfer/operations.h"
#include "api/transfer/stored.h"

namespace sallyport::api {

namespace {

using nlohmann::json;
using Tags = std::vector<model::Tag>;
using TagsChange = std::function<Outcome<bool>(Tags&)>;

template <class T>
Task<Outcome<Tags>> load_tags_of(const TransferContext& context, std::string parent,
                                 std::string id) {
  CO_TRY_ASSIGN(auto stored, co_await load_stored<T>(context, std::move(parent), std::move(id)));
  co_return std::move(stored.value.tags);
}

template <class T>
Task<Outcome<Done>> change_tags_of(const TransferContext& context, std::string parent,
                                   std::string id, TagsChange change) {
  const Change<T> on_tags = [&change](T& value) { return change(value.tags); };
  CO_TRY(co_await change_stored<T>(context, std::move(parent), std::move(id), on_tags));
  co_return done();
}

// Every kind of resource that has tags, by the word for it in ARNs.
struct TaggedKind {
  std::string_view word;
  bool of_server;  // the server's id comes between the word and its own
  Task<Outcome<Tags>> (*load)(const TransferContext&, std::string, std::string);
  Task<Outcome<Done>> (*change)(const TransferContext&, std::string, std::string, TagsChange);
};
template <class T>
constexpr TaggedKind tagged_kind(std::string_view word, bool of_server) {
  return {word, of_server, &load_tags_of<T>, &change_tags_of<T>};
}
constexpr TaggedKind kKinds[] = {
    tagged_kind<model::Server>("server", false),
    tagged_kind<model::User>("user", true),
    tagged_kind<model::HostKeyRecord>("host-key", true),
    tagged_kind<model::Agreement>("agreement", true),
    tagged_kind<model::Certificate>("certificate", false),
    tagged_kind<model::Connector>("connector", false),
    tagged_kind<model::Profile>("profile", false),
    tagged_kind<model::WebApp>("webapp", false),
    tagged_kind<model::Workflow>("workflow", false),
};

struct TaggedResource {
  const TaggedKind* kind;
  std::string server;  // empty where there is none
  std::string id;
};

std::optional<TaggedResource> resource_of(const TransferContext& context, std::string_view arn) {
  const std::string prefix =
      fmt::format("arn:aws:transfer:{}:{}:", context.place.region, context.place.account);
  if (!arn.starts_with(prefix)) return std::nullopt;
  arn.remove_prefix(prefix.size());
  const auto word_end = arn.find('/');
  if (word_end == std::string_view::npos) return std::nullopt;
  const std::string_view rest = arn.substr(word_end + 1);
  for (const TaggedKind& kind : kKinds) {
    if (arn.substr(0, word_end) != kind.word) continue;
    if (!kind.of_server) return TaggedResource{&kind, "", std::string(rest)};
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos || slash + 1 == rest.size()) return std::nullopt;
    return TaggedResource{&kind, std::string(rest.substr(0, slash)),
                          std::string(rest.substr(slash + 1))};
  }
  return std::nullopt;
}

// ResourceNotFoundException unless the ARN's server, if it names one, is there.
Task<Outcome<TaggedResource>> find_resource(const TransferContext& context, std::string arn) {
  auto resource = resource_of(context, arn);
  if (!resource)
    co_return Fault(Errc::kNotFound, "Unknown resource").about("Resource", std::move(arn));
  if (resource->kind->of_server) {
    const model::ServerId server(resource->server);
    CO_TRY(co_await load_server(context, server));
  }
  co_return std::move(*resource);
}

Task<Outcome<Done>> change_tags(const TransferContext& context, std::string arn,
                                TagsChange change) {
  CO_TRY_ASSIGN(auto resource, co_await find_resource(context, std::move(arn)));
  co_return co_await resource.kind->change(context, std::move(resource.server),
                                           std::move(resource.id), std::move(change));
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

Task<Outcome<Tags>> load_tags(const TransferContext& context, std::string arn) {
  CO_TRY_ASSIGN(auto resource, co_await find_resource(context, std::move(arn)));
  co_return co_await resource.kind->load(context, std::move(resource.server),
                                         std::move(resource.id));
}

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
