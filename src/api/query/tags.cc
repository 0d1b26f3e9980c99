#include <algorithm>

#include "api/query/actions.h"
#include "api/query/entity.h"
#include "api/query/listing.h"
#include "iam/pattern.h"

namespace sallyport::api {

namespace {

template <class T>
bool same_key(std::string_view a, std::string_view b) {
  return EntityWords<T>::kTagsIgnoreCase ? iam::equal_ignoring_case(a, b) : a == b;
}

}  // namespace

template <class T>
Task<Outcome<Done>> tag_entity(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const std::string id = EntityWords<T>::read(read);
  const auto tags = read.tags(EntityWords<T>::kTagsIgnoreCase);
  if (tags.empty()) read.missing("Tags");
  CO_TRY(read.check());
  const Change<T> add = [&tags](T& entity, Steps&) -> Outcome<Done> {
    for (const model::Tag& tag : tags) {
      const auto found =
          std::find_if(entity.tags.begin(), entity.tags.end(),
                       [&tag](const model::Tag& known) { return same_key<T>(known.key, tag.key); });
      if (found == entity.tags.end()) {
        entity.tags.push_back(tag);
      } else {
        *found = tag;  // the key in its newest spelling
      }
    }
    if (entity.tags.size() > kMaxTags) {
      return Fault(Errc::kLimitExceeded, "The number of tags has reached the maximum limit of 50.");
    }
    return done();
  };
  co_return co_await change(call.context, id, add);
}

template <class T>
Task<Outcome<Done>> untag_entity(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const std::string id = EntityWords<T>::read(read);
  const auto keys = read.tag_keys();
  CO_TRY(read.check());
  const Change<T> remove = [&keys](T& entity, Steps&) {
    std::erase_if(entity.tags, [&keys](const model::Tag& tag) {
      return std::any_of(keys.begin(), keys.end(),
                         [&tag](const std::string& key) { return same_key<T>(tag.key, key); });
    });
    return done();
  };
  co_return co_await change(call.context, id, remove);
}

template <class T>
Task<Outcome<Done>> list_entity_tags(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string id = EntityWords<T>::read(read);
  CO_TRY_ASSIGN(const auto page, read_page(call, read, id));
  CO_TRY_ASSIGN(auto stored, co_await load<T>(call.context, id));
  auto& tags = stored.value.tags;
  std::sort(tags.begin(), tags.end(),
            [](const model::Tag& a, const model::Tag& b) { return a.key < b.key; });
  write_page(
      call, xml, page, "Tags", tags,
      [](const model::Tag& tag) -> const std::string& { return tag.key; },
      [&xml](const model::Tag& tag) {
        xml.open("member").element("Key", tag.key).element("Value", tag.value).close();
      });
  co_return done();
}

#define SALLYPORT_TAG_ACTIONS(T)                                                     \
  template Task<Outcome<Done>> tag_entity<T>(const QueryCall&, codec::XmlWriter&);   \
  template Task<Outcome<Done>> untag_entity<T>(const QueryCall&, codec::XmlWriter&); \
  template Task<Outcome<Done>> list_entity_tags<T>(const QueryCall&, codec::XmlWriter&)
SALLYPORT_TAG_ACTIONS(model::Role);
SALLYPORT_TAG_ACTIONS(model::IamUser);
SALLYPORT_TAG_ACTIONS(model::ManagedPolicy);
#undef SALLYPORT_TAG_ACTIONS

}  // namespace sallyport::api
