#include "api/query/entity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/digest.h"
#include "iam/managed_policies.h"

namespace sallyport::api {

namespace {

constexpr int kMaxAttempts = 8;
constexpr std::uint32_t kScanPage = 500;
constexpr std::string_view kMoved = "ConcurrentModification";
constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kIdLength = 17;

std::string entity_id(std::string_view prefix, ByteView bytes) {
  std::string id(prefix);
  for (const auto byte : bytes.first(kIdLength)) id += kIdAlphabet[byte % kIdAlphabet.size()];
  return id;
}

// When it was made is not known here.
model::ManagedPolicy policy_of_aws(const iam::ManagedPolicy& known) {
  constexpr std::string_view kPrefix = "arn:aws:iam::aws:policy";
  model::ManagedPolicy policy;
  policy.name = known.name;
  policy.arn = known.arn;
  policy.path =
      policy.arn.substr(kPrefix.size(), policy.arn.size() - kPrefix.size() - policy.name.size());
  policy.id = entity_id("ANPA", crypto::sha256(known.arn));
  policy.versions = {{policy.default_version, std::string(known.document), {}}};
  return policy;
}

template <class T>
Outcome<Done> is_ours(const state::Versioned<T>& stored) {
  if (stored.version > 0) return done();
  return Fault(Errc::kPermissionDenied, "Cannot update policies outside your own account.");
}

}  // namespace

std::string iam_arn(const model::Place& place, std::string_view noun, std::string_view path,
                    std::string_view name) {
  return fmt::format("arn:aws:iam::{}:{}{}{}", place.account, noun, path, name);
}

std::string policy_name_of(std::string_view arn) {
  const auto slash = arn.rfind('/');
  return std::string(slash == std::string_view::npos ? arn : arn.substr(slash + 1));
}

std::string new_entity_id(Random& random, std::string_view prefix) {
  std::array<std::uint8_t, kIdLength> bytes;
  random.fill(bytes);
  return entity_id(prefix, bytes);
}

std::string iam_time(WallTime time) {
  std::string text = to_iso8601_ms(time);
  if (const auto dot = text.find('.'); dot != std::string::npos) text = text.substr(0, dot) + "Z";
  return text;
}

std::size_t policy_size(std::string_view document) {
  return static_cast<std::size_t>(std::count_if(document.begin(), document.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ';
  }));
}

template <class T>
Task<Outcome<state::Versioned<T>>> load(const QueryContext& context, std::string id) {
  auto found = co_await state::Repository<T>(context.resources).get("", id);
  if (found.ok()) co_return std::move(found).value();
  if (found.error().code != Errc::kNotFound) co_return std::move(found).error();
  co_return no_such_entity(
      fmt::format("The {} with name {} cannot be found.", EntityWords<T>::kNoun, id));
}
template Task<Outcome<state::Versioned<model::Role>>> load(const QueryContext&, std::string);
template Task<Outcome<state::Versioned<model::IamUser>>> load(const QueryContext&, std::string);

template <>
Task<Outcome<state::Versioned<model::ManagedPolicy>>> load(const QueryContext& context,
                                                           std::string id) {
  if (const auto* of_aws = iam::find_managed_policy(id))
    co_return state::Versioned<model::ManagedPolicy>{policy_of_aws(*of_aws), 0};
  auto found = co_await state::Repository<model::ManagedPolicy>(context.resources)
                   .get("", policy_name_of(id));
  if (found.ok() && found->value.arn == id) co_return std::move(found).value();
  if (!found.ok() && found.error().code != Errc::kNotFound) co_return std::move(found).error();
  co_return no_such_entity(fmt::format("Policy {} was not found.", id));
}

Task<Outcome<Done>> commit(const QueryContext& context, Steps steps) {
  auto applied = co_await context.resources.apply(std::move(steps));
  if (applied.ok()) co_return done();
  const Errc code = applied.error().code;
  const bool moved =
      code == Errc::kConflict || code == Errc::kNotFound || code == Errc::kAlreadyExists;
  if (!moved) co_return std::move(applied).error();
  co_return Fault(Errc::kConflict,
                  "The request was rejected because multiple requests to change this object were "
                  "submitted simultaneously. Submit your request again.",
                  std::string(kMoved));
}

Task<Outcome<Done>> retried(Attempt attempt) {
  for (int i = 1;; ++i) {
    auto result = co_await attempt();
    if (result.ok() || result.error().reason != kMoved || i == kMaxAttempts) co_return result;
  }
}

template <class T>
Task<Outcome<Done>> change(const QueryContext& context, std::string id, Change<T> change) {
  const Attempt attempt = [&]() -> Task<Outcome<Done>> {
    CO_TRY_ASSIGN(auto stored, co_await load<T>(context, id));
    CO_TRY(is_ours(stored));
    Steps more;
    CO_TRY(change(stored.value, more));
    more.insert(more.begin(), state::Repository<T>::updating(stored.value, stored.version));
    co_return co_await commit(context, std::move(more));
  };
  co_return co_await retried(attempt);
}
template Task<Outcome<Done>> change(const QueryContext&, std::string, Change<model::Role>);
template Task<Outcome<Done>> change(const QueryContext&, std::string, Change<model::IamUser>);
template Task<Outcome<Done>> change(const QueryContext&, std::string, Change<model::ManagedPolicy>);

template <class T>
Task<Outcome<Done>> for_each(const QueryContext& context, std::function<void(const T&)> visit) {
  std::string after;
  while (true) {
    CO_TRY_ASSIGN(const auto page,
                  co_await state::Repository<T>(context.resources).list("", after, kScanPage));
    for (const auto& item : page.items) visit(item.value);
    if (!page.more) co_return done();
    after = page.items.back().value.name;
  }
}
template Task<Outcome<Done>> for_each(const QueryContext&, std::function<void(const model::Role&)>);
template Task<Outcome<Done>> for_each(const QueryContext&,
                                      std::function<void(const model::IamUser&)>);

template Task<Outcome<Done>> for_each(const QueryContext&,
                                      std::function<void(const model::ManagedPolicy&)>);

template <class T>
Task<Outcome<bool>> insert_new(const QueryContext& context, T entity) {
  bool taken = false;
  const std::function<void(const T&)> look = [&](const T& other) {
    taken = taken || iam::equal_ignoring_case(other.name, entity.name);
  };
  CO_TRY(co_await for_each<T>(context, look));
  if (taken) co_return false;
  auto inserted = co_await state::Repository<T>(context.resources).insert(std::move(entity));
  if (inserted.ok()) co_return true;
  if (inserted.error().code != Errc::kAlreadyExists) co_return std::move(inserted).error();
  co_return false;
}
template Task<Outcome<bool>> insert_new(const QueryContext&, model::Role);
template Task<Outcome<bool>> insert_new(const QueryContext&, model::IamUser);
template Task<Outcome<bool>> insert_new(const QueryContext&, model::ManagedPolicy);

Fault delete_conflict(std::string message) {
  return {Errc::kConflict, std::move(message), "DeleteConflict"};
}

void write_tags(codec::XmlWriter& xml, const std::vector<model::Tag>& tags) {
  if (tags.empty()) return;
  xml.open("Tags");
  for (const auto& tag : tags)
    xml.open("member").element("Key", tag.key).element("Value", tag.value).close();
  xml.close();
}

}  // namespace sallyport::api
