// A resource store of its own for one test, with roles and users put in by hand. For tests only.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "model/role.h"
#include "model/user.h"
#include "net/loop.h"
#include "state/database.h"
#include "state/repository.h"
#include "state/resource_store.h"
#include "state/test_folder.h"

namespace sallyport::iam::testing {

inline constexpr std::string_view kTransferTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"transfer.amazonaws.com"},"Action":"sts:AssumeRole"}]})";

class Resources {
 public:
  Resources() {
    const state::MigrationSet sets[] = {state::resource_schema()};
    state::DatabaseOptions options;
    options.sync = state::DatabaseOptions::Sync::kOff;
    auto opened = state::Database::open_sqlite(folder_.file("state.db"), options, sets);
    if (!opened.ok()) std::abort();
    database_ = std::move(opened).value();
    store_ = std::make_unique<state::ResourceStore>(*database_);
  }
  state::ResourceStore& store() { return *store_; }
  std::string file(const std::string& name) const { return folder_.file(name); }

  static model::Role role(std::string name, std::string trust, std::string policy) {
    model::Role role;
    role.id = "AROAEXAMPLEEXAMPLE123";
    role.arn = model::Place().role_arn("/", name);
    role.name = std::move(name);
    role.assume_role_policy_document = std::move(trust);
    if (!policy.empty()) role.inline_policies["inline"] = std::move(policy);
    return role;
  }
  static model::IamUser user(std::string name, std::string policy) {
    model::IamUser user;
    user.id = "AIDAEXAMPLEEXAMPLE123";
    user.arn = "arn:aws:iam::000000000000:user/" + name;
    user.name = std::move(name);
    if (!policy.empty()) user.inline_policies["inline"] = std::move(policy);
    return user;
  }
  static model::ManagedPolicy policy(std::string name, std::string document) {
    model::ManagedPolicy policy;
    policy.id = "ANPAEXAMPLEEXAMPLE123";
    policy.arn = "arn:aws:iam::000000000000:policy/" + name;
    policy.name = std::move(name);
    policy.versions = {{"v1", std::move(document), {}}};
    return policy;
  }
  // Of any type that the repository knows.
  template <class T>
  void put(const T& value) {
    const state::ResourceKey key = state::key_of(value);
    put(key.kind, key.parent, key.id, to_document(value));
  }
  void put(std::string_view kind, std::string parent, std::string id, std::string document) {
    const state::ResourceKey key{std::string(kind), std::move(parent), std::move(id)};
    const auto old = net::sync_wait(store_->get(key));
    state::ResourceChange change{state::ResourceChange::Op::kInsert, key, 0, std::move(document)};
    if (old.ok()) {
      change.op = state::ResourceChange::Op::kUpdate;
      change.version = old->version;
    }
    apply(std::move(change));
  }
  void remove(std::string_view kind, std::string id) {
    apply({state::ResourceChange::Op::kRemove, {std::string(kind), "", std::move(id)}, 0, {}});
  }
  void remove_role(std::string name) { remove(state::kind::kRole, std::move(name)); }

 private:
  void apply(state::ResourceChange change) {
    std::vector<state::ResourceChange> changes{std::move(change)};
    if (!net::sync_wait(store_->apply(std::move(changes))).ok()) std::abort();
  }

  state::TestFolder folder_;
  std::unique_ptr<state::Database> database_;
  std::unique_ptr<state::ResourceStore> store_;
};

}  // namespace sallyport::iam::testing
