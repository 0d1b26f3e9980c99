#include <fmt/format.h>

#include "api/query/actions.h"
#include "api/query/entity.h"
#include "api/query/listing.h"
#include "codec/percent_encoding.h"

namespace sallyport::api {

namespace {

template <class T>
Fault no_such_policy(const std::string& name) {
  return no_such_entity(
      fmt::format("The {} policy with name {} cannot be found.", EntityWords<T>::kNoun, name));
}

template <class T>
Outcome<Done> check_size(const T& entity) {
  constexpr std::size_t kLimit = EntityWords<T>::kMaxInlineBytes;
  std::size_t size = 0;
  for (const auto& [name, document] : entity.inline_policies) size += policy_size(document);
  if (size <= kLimit) return done();
  return Fault(Errc::kLimitExceeded,
               fmt::format("Maximum policy size of {} bytes exceeded for {} {}", kLimit,
                           EntityWords<T>::kNoun, entity.name));
}

}  // namespace

template <class T>
Task<Outcome<Done>> put_inline_policy(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const std::string name = EntityWords<T>::read(read);
  const std::string policy = read.name("PolicyName", kMaxPolicyName);
  const std::string document = read.policy_document("PolicyDocument");
  CO_TRY(read.check());
  const Change<T> put = [&](T& entity, Steps&) -> Outcome<Done> {
    entity.inline_policies[policy] = document;
    TRY(check_size(entity));
    TRY(iam::PolicyDocument::parse(document, iam::PolicyKind::kIdentity));
    return done();
  };
  co_return co_await change(call.context, name, put);
}

template <class T>
Task<Outcome<Done>> get_inline_policy(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string name = EntityWords<T>::read(read);
  const std::string policy = read.name("PolicyName", kMaxPolicyName);
  CO_TRY(read.check());
  CO_TRY_ASSIGN(const auto stored, co_await load<T>(call.context, name));
  const auto found = stored.value.inline_policies.find(policy);
  if (found == stored.value.inline_policies.end()) co_return no_such_policy<T>(policy);
  xml.element(EntityWords<T>::kParameter, name).element("PolicyName", policy);
  xml.element("PolicyDocument", codec::percent_encode(found->second));
  co_return done();
}

template <class T>
Task<Outcome<Done>> list_inline_policies(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string name = EntityWords<T>::read(read);
  CO_TRY_ASSIGN(const auto page, read_page(call, read, name));
  CO_TRY_ASSIGN(const auto stored, co_await load<T>(call.context, name));
  write_page(
      call, xml, page, "PolicyNames", stored.value.inline_policies,
      [](const auto& policy) -> const std::string& { return policy.first; },
      [&xml](const auto& policy) { xml.element("member", policy.first); });
  co_return done();
}

template <class T>
Task<Outcome<Done>> delete_inline_policy(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const std::string name = EntityWords<T>::read(read);
  const std::string policy = read.name("PolicyName", kMaxPolicyName);
  CO_TRY(read.check());
  const Change<T> remove = [&policy](T& entity, Steps&) -> Outcome<Done> {
    if (entity.inline_policies.erase(policy) == 0) return no_such_policy<T>(policy);
    return done();
  };
  co_return co_await change(call.context, name, remove);
}

template Task<Outcome<Done>> put_inline_policy<model::Role>(const QueryCall&, codec::XmlWriter&);
template Task<Outcome<Done>> put_inline_policy<model::IamUser>(const QueryCall&, codec::XmlWriter&);
template Task<Outcome<Done>> get_inline_policy<model::Role>(const QueryCall&, codec::XmlWriter&);
template Task<Outcome<Done>> get_inline_policy<model::IamUser>(const QueryCall&, codec::XmlWriter&);
template Task<Outcome<Done>> list_inline_policies<model::Role>(const QueryCall&, codec::XmlWriter&);
template Task<Outcome<Done>> list_inline_policies<model::IamUser>(const QueryCall&,
                                                                  codec::XmlWriter&);
template Task<Outcome<Done>> delete_inline_policy<model::Role>(const QueryCall&, codec::XmlWriter&);
template Task<Outcome<Done>> delete_inline_policy<model::IamUser>(const QueryCall&,
                                                                  codec::XmlWriter&);

}  // namespace sallyport::api
