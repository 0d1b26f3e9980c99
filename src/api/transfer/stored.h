// The common dealings with stored resources of every kind: loaded or unknown, changed without
// losing another's change, removed only when nothing uses them, listed in pages.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api/transfer/context.h"
#include "state/transfer_repository.h"

namespace sallyport::api {

// What errors call a kind of resource: ResourceType, and the text of ResourceNotFoundException.
struct KindWords {
  const char* type;
  const char* unknown;
};
template <class T>
inline constexpr KindWords kWords{};
template <>
inline constexpr KindWords kWords<model::Server>{"Server", "Unknown server"};
template <>
inline constexpr KindWords kWords<model::User>{"User", "Unknown user"};
template <>
inline constexpr KindWords kWords<model::HostKeyRecord>{"HostKey", "Unknown host key"};
template <>
inline constexpr KindWords kWords<model::Access>{"Access", "Unknown access"};
template <>
inline constexpr KindWords kWords<model::Agreement>{"Agreement", "Unknown agreement"};
template <>
inline constexpr KindWords kWords<model::Certificate>{"Certificate", "Unknown certificate"};
template <>
inline constexpr KindWords kWords<model::Connector>{"Connector", "Unknown connector"};
template <>
inline constexpr KindWords kWords<model::Profile>{"Profile", "Unknown profile"};
template <>
inline constexpr KindWords kWords<model::WebApp>{"WebApp", "Unknown web app"};
template <>
inline constexpr KindWords kWords<model::WebAppCustomization>{"WebAppCustomization",
                                                              "Unknown web app customization"};
template <>
inline constexpr KindWords kWords<model::Workflow>{"Workflow", "Unknown workflow"};

template <class T>
Fault unknown(std::string id) {
  return Fault(Errc::kNotFound, kWords<T>.unknown).about(kWords<T>.type, std::move(id));
}

// `parent` is the server's id, or empty, as the kind has it. ResourceNotFoundException.
template <class T>
Task<Outcome<state::Versioned<T>>> load_stored(const TransferContext& context, std::string parent,
                                               std::string id) {
  auto found = co_await state::Repository<T>(context.resources).get(std::move(parent), id);
  if (found.ok()) co_return std::move(found).value();
  if (found.error().code == Errc::kNotFound) co_return unknown<T>(std::move(id));
  co_return std::move(found).error();
}

// All of a kind under `parent`.
template <class T>
Task<Outcome<std::vector<T>>> load_all(const TransferContext& context, std::string parent) {
  constexpr std::uint32_t kAtOnce = 1000;
  std::vector<T> all;
  std::string after;
  for (bool more = true; more;) {
    CO_TRY_ASSIGN(auto page,
                  co_await state::Repository<T>(context.resources).list(parent, after, kAtOnce));
    more = page.more && !page.items.empty();
    for (auto& item : page.items) all.push_back(std::move(item.value));
    if (more) after = state::key_of(all.back()).id;
  }
  co_return all;
}

// A step that fails a change, so that it looks again, when `seen` has changed or gone meanwhile:
// for what a new reference names, and for what is removed as nothing refers to it.
template <class T>
state::ResourceChange hold(const state::Versioned<T>& seen) {
  return state::Repository<T>::updating(seen.value, seen.version);
}

using ResourceChanges = std::vector<state::ResourceChange>;
// Steps that are taken together with the change to this value and after it, looked up anew at each
// attempt; may refuse it.
template <class T>
using Beside = std::function<Task<Outcome<ResourceChanges>>(const T&)>;

void append(ResourceChanges& changes, ResourceChanges more);

// The step that refuses, as quota_exceeded() says it, a change that leaves more than `most` of a
// kind under `parent`; with `counts` only of those of which it says so.
template <class T>
ResourceChanges within_quota(std::string parent, std::string_view quota, std::uint32_t most,
                             std::function<bool(const T&)> counts = {}) {
  return {state::Repository<T>::at_most(most, std::move(parent),
                                        quota_exceeded(quota, most).message, std::move(counts))};
}

// Inserts, within these quotas. ResourceExistsException is the caller's to say: kAlreadyExists
// comes as it is.
template <class T>
Task<Outcome<Done>> insert_stored(const TransferContext& context, T value, ResourceChanges quotas,
                                  Beside<T> beside = {}) {
  for (int attempt = 0;; ++attempt) {
    ResourceChanges changes{state::Repository<T>::insertion(value)};
    append(changes, quotas);
    if (beside) {
      CO_TRY_ASSIGN(auto more, co_await beside(value));
      append(changes, std::move(more));
    }
    CO_TRY_ASSIGN(const bool taken, co_await try_changes(context, std::move(changes), attempt));
    if (taken) co_return done();
  }
}

// Steps that need the server to be there still, which its deletion would not see to.
// ResourceNotFoundException "Unknown server".
Task<Outcome<ResourceChanges>> require_server(const TransferContext& context,
                                              model::ServerId server);
template <class T>
Task<Outcome<ResourceChanges>> beside_of_server(const TransferContext& context,
                                                model::ServerId server, T value, Beside<T> beside) {
  CO_TRY_ASSIGN(auto changes, co_await require_server(context, std::move(server)));
  if (beside) {
    CO_TRY_ASSIGN(auto more, co_await beside(value));
    append(changes, std::move(more));
  }
  co_return changes;
}

// Inserts what belongs to a server.
template <class T>
Task<Outcome<Done>> insert_of_server(const TransferContext& context, model::ServerId server,
                                     T value, ResourceChanges quotas, Beside<T> beside = {}) {
  const Beside<T> with_server = [&](const T& made) {
    return beside_of_server<T>(context, server, made, beside);
  };
  co_return co_await insert_stored<T>(context, std::move(value), std::move(quotas), with_server);
}

// Loads, changes and stores; again from the start when another change came between, a few times,
// then kConflict. A change that answers false leaves things as they are. Returns what is stored.
template <class T>
using Change = std::function<Outcome<bool>(T&)>;
template <class T>
Task<Outcome<T>> change_stored(const TransferContext& context, std::string parent, std::string id,
                               Change<T> change, Beside<T> beside = {}) {
  for (int attempt = 0;; ++attempt) {
    CO_TRY_ASSIGN(auto stored, co_await load_stored<T>(context, parent, id));
    CO_TRY_ASSIGN(const bool changed, change(stored.value));
    if (!changed) co_return std::move(stored.value);
    ResourceChanges changes{state::Repository<T>::updating(stored.value, stored.version)};
    if (beside) {
      CO_TRY_ASSIGN(auto more, co_await beside(stored.value));
      append(changes, std::move(more));
    }
    CO_TRY_ASSIGN(const bool taken, co_await try_changes(context, std::move(changes), attempt));
    if (taken) co_return std::move(stored.value);
  }
}

// Removes what `check` lets go. A reference that is made meanwhile is seen: who makes one holds
// what it names.
template <class T>
using RemovalCheck = std::function<Task<Outcome<Done>>(const T&)>;
template <class T>
Task<Outcome<Done>> remove_stored(const TransferContext& context, std::string parent,
                                  std::string id, RemovalCheck<T> check = {}) {
  for (int attempt = 0;; ++attempt) {
    CO_TRY_ASSIGN(const auto stored, co_await load_stored<T>(context, parent, id));
    if (check) {
      CO_TRY(co_await check(stored.value));
    }
    ResourceChanges changes{hold(stored), state::Repository<T>::removal(parent, id)};
    CO_TRY_ASSIGN(const bool taken, co_await try_changes(context, std::move(changes), attempt));
    if (taken) co_return done();
  }
}

// A page as a List operation answers it: {member: […], "NextToken": …}. What `show` makes null of
// is passed over. `listing` names what is listed, and to what the token is bound.
template <class T>
using Shown = std::function<nlohmann::json(const T&)>;
template <class T>
Task<Outcome<nlohmann::json>> list_stored(const TransferContext& context, std::string listing,
                                          std::string parent, nlohmann::json request,
                                          const char* member, Shown<T> show) {
  CO_TRY_ASSIGN(auto wanted, read_page_request(context, listing, request));
  nlohmann::json shown = nlohmann::json::array();
  bool more = true;
  while (more && shown.size() < wanted.limit) {
    const auto room = static_cast<std::uint32_t>(wanted.limit - shown.size());
    CO_TRY_ASSIGN(
        const auto page,
        co_await state::Repository<T>(context.resources).list(parent, wanted.after, room));
    for (const auto& item : page.items) {
      if (auto entry = show(item.value); !entry.is_null()) shown.push_back(std::move(entry));
    }
    more = page.more && !page.items.empty();
    if (more) wanted.after = state::key_of(page.items.back().value).id;
  }
  nlohmann::json answer = {{member, std::move(shown)}};
  if (more) answer["NextToken"] = context.tokens.make(listing, wanted.after);
  co_return answer;
}

}  // namespace sallyport::api
