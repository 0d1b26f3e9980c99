#include <fmt/format.h>

#include <algorithm>

#include "api/query/actions.h"
#include "api/query/callers_user.h"
#include "api/query/entity.h"
#include "api/query/listing.h"
#include "iam/credentials.h"

namespace sallyport::api {

namespace {

using model::AccessKey;
using model::IamUser;
using Keys = state::Repository<AccessKey>;

constexpr std::size_t kMaxKeysPerUser = 2;
constexpr TextRule kKeyId{16, 128, R"([\w]+)"};

std::string_view status_of(const AccessKey& key) {
  return key.active ? "Active" : "Inactive";
}

Fault no_such_key(const std::string& id) {
  return no_such_entity(fmt::format("The Access Key with id {} cannot be found.", id));
}

// A key of this user, and no other's.
Task<Outcome<state::Versioned<AccessKey>>> load_key(const QueryContext& context, std::string user,
                                                    std::string id) {
  CO_TRY(co_await load<IamUser>(context, user));
  auto found = co_await Keys(context.resources).get("", id);
  if (found.ok() && found->value.user_name == user) co_return std::move(found).value();
  if (!found.ok() && found.error().code != Errc::kNotFound) co_return std::move(found).error();
  co_return no_such_key(id);
}

void write_key(codec::XmlWriter& xml, const AccessKey& key) {
  xml.element("UserName", key.user_name).element("AccessKeyId", key.id);
  xml.element("Status", status_of(key)).element("CreateDate", iam_time(key.created));
}

}  // namespace

Task<Outcome<Done>> create_access_key(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const auto given = read.optional_name("UserName", kMaxUserName);
  CO_TRY(read.check());
  CO_TRY_ASSIGN(const std::string user, user_or_caller(call, given));
  CO_TRY_ASSIGN(const auto made, call.context.credentials.new_access_key(user));
  const Change<IamUser> add = [&made](IamUser& owner, Steps& more) -> Outcome<Done> {
    if (owner.access_key_ids.size() >= kMaxKeysPerUser) {
      return Fault(Errc::kLimitExceeded,
                   fmt::format("Cannot exceed quota for AccessKeysPerUser: {}", kMaxKeysPerUser));
    }
    owner.access_key_ids.push_back(made.key.id);
    more.push_back(Keys::insertion(made.key));
    return done();
  };
  CO_TRY(co_await change(call.context, user, add));
  xml.open("AccessKey");
  write_key(xml, made.key);
  xml.element("SecretAccessKey", made.secret.reveal()).close();
  co_return done();
}

Task<Outcome<Done>> list_access_keys(const QueryCall& call, codec::XmlWriter& xml) {
  Parameters read(call);
  const auto given = read.optional_name("UserName", kMaxUserName);
  CO_TRY_ASSIGN(const auto page, read_page(call, read, given.value_or("")));
  CO_TRY_ASSIGN(const std::string user, user_or_caller(call, given));
  CO_TRY_ASSIGN(const auto stored, co_await load<IamUser>(call.context, user));
  std::vector<AccessKey> keys;
  for (const std::string& id : stored.value.access_key_ids) {
    auto key = co_await Keys(call.context.resources).get("", id);
    if (key.ok()) {
      keys.push_back(std::move(key->value));
    } else if (key.error().code != Errc::kNotFound) {  // deleted meanwhile
      co_return std::move(key).error();
    }
  }
  const auto id_of = [](const AccessKey& key) -> const std::string& { return key.id; };
  std::sort(keys.begin(), keys.end(),
            [](const AccessKey& a, const AccessKey& b) { return a.id < b.id; });
  write_page(call, xml, page, "AccessKeyMetadata", keys, id_of, [&xml](const AccessKey& key) {
    xml.open("member");
    write_key(xml, key);
    xml.close();
  });
  co_return done();
}

Task<Outcome<Done>> update_access_key(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const auto given = read.optional_name("UserName", kMaxUserName);
  const std::string id = read.text("AccessKeyId", kKeyId);
  const auto status = read.one_of("Status", {"Active", "Inactive"});
  if (!status) read.missing("Status");
  CO_TRY(read.check());
  CO_TRY_ASSIGN(const std::string user, user_or_caller(call, given));
  const Attempt attempt = [&]() -> Task<Outcome<Done>> {
    CO_TRY_ASSIGN(auto key, co_await load_key(call.context, user, id));
    key.value.active = status == "Active";
    Steps steps{Keys::updating(key.value, key.version)};
    co_return co_await commit(call.context, std::move(steps));
  };
  co_return co_await retried(attempt);
}

Task<Outcome<Done>> delete_access_key(const QueryCall& call, codec::XmlWriter&) {
  Parameters read(call);
  const auto given = read.optional_name("UserName", kMaxUserName);
  const std::string id = read.text("AccessKeyId", kKeyId);
  CO_TRY(read.check());
  CO_TRY_ASSIGN(const std::string user, user_or_caller(call, given));
  const Change<IamUser> remove = [&id](IamUser& owner, Steps& more) -> Outcome<Done> {
    if (std::erase(owner.access_key_ids, id) == 0) return no_such_key(id);
    more.push_back(Keys::removal("", id));
    return done();
  };
  co_return co_await change(call.context, user, remove);
}

}  // namespace sallyport::api
