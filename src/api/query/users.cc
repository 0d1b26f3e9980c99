#include <fmt/format.h>

#include "api/query/actions.h"
#include "api/query/callers_user.h"
#include "api/query/entity.h"
#include "api/query/listing.h"
#include "api/query/permission.h"

namespace sallyport::api {

namespace {

using model::IamUser;
using Users = state::Repository<IamUser>;

void write_user(codec::XmlWriter& xml, std::string_view element, const IamUser& user,
                bool with_tags) {
  xml.open(element);
  xml.element("Path", user.path).element("UserName", user.name).element("UserId", user.id);
  xml.element("Arn", user.arn).element("CreateDate", iam_time(user.created));
  if (with_tags) write_tags(xml, user.tags);
  xml.close();
}

Outcome<IamUser> read_user(const QueryCall& call) {
  Parameters read(call);
  IamUser user;
  user.name = read.name("UserName", kMaxNewUserName);
  user.path = read.path("Path").value_or("/");
  user.tags = read.tags(true);
  read.refuse("PermissionsBoundary");
  TRY(read.check());
  user.id = new_entity_id(call.context.random, "AIDA");
  user.arn = iam_arn(call.context.place, "user", user.path, user.name);
  user.created = call.context.clock.wall();
  return user;
}

Fault already_exists(const std::string& name) {
  return {Errc::kAlreadyExists, fmt::format("User with name {} already exists.", name)};
}

// The keys go with the user they belong to.
Task<Outcome<Steps>> keys_renamed(const QueryContext& context, IamUser user, std::string name) {
  Steps steps;
  for (const std::string& id : user.access_key_ids) {
    CO_TRY_ASSIGN(auto key,
                  co_await state::Repository<model::AccessKey>(context.resources).get("", id));
    key.value.user_name = name;
    steps.push_back(state::Repository<model::AccessKey>::updating(key.value, key.version));
  }
  co_return steps;
}

}  // namespace

Task<Outcome<Done>> create_user(const QueryCall& call, codec::XmlWriter& xml) {
  CO_TRY_ASSIGN(const auto user, read_user(call));
  CO_TRY_ASSIGN(const bool stored, co_await insert_new(call.context, user));
  if (!stored) co_return already_exists(user.name);
  write_user(xml, "User", user, true);
  co_return done();
}

Task<Outcome<Done>> get_user(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const auto given = read.optional_name("UserName", kMaxUserName);
  CO_TRY(read.check());
  const iam::Identity& caller = call.caller.identity;
  if (!given && caller.is_root()) {
    xml.open("User").element("UserId", caller.user_id()).element("Arn", caller.caller_arn());
    xml.close();
    co_return done();
  }
  CO_TRY_ASSIGN(const std::string name, user_or_caller(call, given));
  CO_TRY_ASSIGN(const auto stored, co_await load<IamUser>(call.context, name));
  write_user(xml, "User", stored.value, true);
  co_return done();
}

Task<Outcome<Done>> list_users(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const std::string prefix = read.path_prefix();
  CO_TRY_ASSIGN(const auto wanted, read_page(call, read));
  CO_TRY_ASSIGN(const auto page,
                co_await Users(call.context.resources).list("", wanted.after, wanted.limit));
  xml.open("Users");
  for (const auto& user : page.items)
    if (user.value.path.starts_with(prefix)) write_user(xml, "member", user.value, false);
  xml.close();
  write_truncation(call, xml, wanted, page.more,
                   page.items.empty() ? "" : page.items.back().value.name);
  co_return done();
}

Task<Outcome<Done>> update_user(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const std::string name = read.name("UserName", kMaxUserName);
  const auto new_name = read.optional_name("NewUserName", kMaxNewUserName);
  const auto new_path = read.path("NewPath");
  CO_TRY(read.check());
  const Attempt attempt = [&]() -> Task<Outcome<Done>> {
    CO_TRY_ASSIGN(auto stored, co_await load<IamUser>(call.context, name));
    IamUser moved = stored.value;
    moved.name = new_name.value_or(moved.name);
    moved.path = new_path.value_or(moved.path);
    moved.arn = iam_arn(call.context.place, "user", moved.path, moved.name);
    if (moved.arn != stored.value.arn) CO_TRY(co_await ask_permission(call, moved.arn));
    Steps steps;
    if (moved.name == name) {
      steps.push_back(Users::updating(moved, stored.version));
    } else {
      auto taken = co_await load<IamUser>(call.context, moved.name);
      if (taken.ok()) co_return already_exists(moved.name);
      if (taken.error().code != Errc::kNotFound) co_return std::move(taken).error();
      CO_TRY_ASSIGN(steps, co_await keys_renamed(call.context, stored.value, moved.name));
      for (auto& step : removal_of(stored)) steps.push_back(std::move(step));
      steps.push_back(Users::insertion(moved));
    }
    co_return co_await commit(call.context, std::move(steps));
  };
  co_return co_await retried(attempt);
}

Task<Outcome<Done>> delete_user(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const std::string name = read.name("UserName", kMaxUserName);
  CO_TRY(read.check());
  const Attempt attempt = [&]() -> Task<Outcome<Done>> {
    CO_TRY_ASSIGN(const auto stored, co_await load<IamUser>(call.context, name));
    CO_TRY(has_no_policies(stored.value));
    if (!stored.value.access_key_ids.empty())
      co_return delete_conflict("Cannot delete entity, must delete access keys first.");
    co_return co_await commit(call.context, removal_of(stored));
  };
  co_return co_await retried(attempt);
}

}  // namespace sallyport::api
