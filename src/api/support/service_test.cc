#include "api/support/service.h"

#include <gmock/gmock.h>

#include "api/support/findings.h"
#include "api/testing/api_fixture.h"
#include "iam/testing/resources.h"
#include "model/iam_user.h"
#include "session/explain_plan.h"
#include "session/explain_role.h"
#include "session/registry.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using ::testing::HasSubstr;
using testing::json;

constexpr const char* kDemoRole = "arn:aws:iam::000000000000:role/demo";

class SupportTest : public ::testing::Test {
 protected:
  SupportTest() {
    server = api.add_server();
    api.set_state(server, model::ServerState::kOnline);
    api.endpoints.list = {{model::ServerId(server), "SFTP", "127.0.0.1", 2222, "ONLINE", ""}};
    api.s3("PUT", "/demo");
    api.s3("PUT", "/demo/ann/");
    put_role(
        iam::testing::kTransferTrust,
        R"({"Version":"2012-10-17","Statement":[{"Sid":"All","Effect":"Allow","Action":"s3:*","Resource":"*"}]})");
    user.server_id = model::ServerId(server);
    user.user_name = "ann";
    user.arn = model::Place().user_arn(user.server_id, user.user_name);
    user.role = kDemoRole;
    user.home_directory = "/demo/ann";
    user.ssh_public_keys.push_back({model::SshPublicKeyId("key-1"), testing::kEd25519Key, {}});
  }

  void put_role(std::string_view trust, std::string_view policy) {
    role = iam::testing::Resources::role("demo", std::string(trust), std::string(policy));
    store(state::Repository<model::Role>(*api.resources), role, "", "demo");
  }
  void put_user() { put_user(user); }
  void put_user(const model::User& one) {
    store(state::Repository<model::User>(*api.resources), one, server, one.user_name);
  }
  // An IAM user with one policy.
  iam::Identity caller_with(const std::string& name, std::string policy) {
    model::IamUser one;
    one.name = name;
    one.id = "AIDATESTTESTTESTTEST1";
    one.arn = "arn:aws:iam::000000000000:user/" + name;
    one.inline_policies["rights"] = std::move(policy);
    store(state::Repository<model::IamUser>(*api.resources), one, "", name);
    return net::sync_wait(api.authorizer->user(name)).value();
  }

  Answer get(const std::string& target, std::optional<iam::Identity> who = {}) {
    return call("GET", target, who);
  }
  Answer call(const std::string& method, const std::string& target,
              std::optional<iam::Identity> who = {}) {
    const SupportContext context{
        *api.resources, *api.authorizer, *api.objects,   *api.log, api.endpoints, api.sessions,
        api.pool,       api.clock,       model::Place(), host,     stores};
    const SupportService service(context);
    http::HttpRequest request;
    request.method = method;
    request.target = target;
    Caller caller;
    caller.identity = who ? *who : iam::Identity::root();
    note = AuditNote();
    caller.audit = &note;
    auto response = net::sync_wait(service.handle(request, caller));
    return {response.status, std::move(response.headers), std::move(response.body)};
  }
  std::string question(const std::string& path, const std::string& more = "") {
    return "/_sallyport/explain-access?server=" + server + "&user=ann&path=" + path + more;
  }
  json explain(const std::string& path, const std::string& action) {
    const Answer answer = get(question(path, "&action=" + action));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.parsed();
  }

  // The findings of one area and kind.
  std::vector<json> found(const std::string& area, const std::string& kind) {
    const Answer answer = get("/_sallyport/doctor");
    EXPECT_EQ(answer.status, 200) << answer.body;
    const json told = answer.parsed();
    std::vector<json> out;
    for (const json& one : told["Findings"])
      if (one["Area"] == area && one["Kind"] == kind) out.push_back(one);
    return out;
  }
  json only(const std::string& area, const std::string& kind) {
    const auto all = found(area, kind);
    EXPECT_EQ(all.size(), 1u) << area << " " << kind;
    return all.empty() ? json::object() : all.front();
  }

  ApiFixture api;
  AuditNote note;  // of the last call
  std::string server;
  model::Role role;
  model::User user;
  std::function<HostFacts()> host;
  StoresElsewhere stores;

 private:
  template <class T>
  static void store(state::Repository<T> repository, T value, std::string parent, std::string id) {
    const auto old = net::sync_wait(repository.get(std::move(parent), std::move(id)));
    const auto stored = old.ok() ? net::sync_wait(repository.update(std::move(value), old->version))
                                 : net::sync_wait(repository.insert(std::move(value)));
    EXPECT_TRUE(stored.ok());
  }
};

TEST_F(SupportTest, ListsLiveSessionsWithWhatTheyMoved) {
  const auto ann =
      api.sessions.enter(model::ServerId(server), "2001:db8::7", from_unix_ms(5), [] {});
  const auto stranger = api.sessions.enter(model::ServerId(server), "198.51.100.7", {}, [] {});
  ann->authenticated("ann", model::SshPublicKeyId("key-1"), "0123456789abcdef0123");
  ann->moved(7, 50);
  ann->open_files(2);
  const Answer answer = get("/_sallyport/sessions?server=" + server + "&user=ann");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.parsed(), json::parse(R"([{"ServerId":")" + server + R"(","UserName":"ann",
      "SessionId":"0123456789abcdef0123","SourceIp":"2001:db8::7",
      "Since":"1970-01-01T00:00:00.005Z","OpenFiles":2,"BytesIn":7,"BytesOut":50}])"));
  EXPECT_EQ(get("/_sallyport/sessions").parsed().size(), 1u);
  EXPECT_EQ(get("/_sallyport/sessions?user=bob").parsed(), json::array());
  EXPECT_EQ(note.event_name, "ListSessions");
  EXPECT_TRUE(note.read_only);
}

TEST_F(SupportTest, EndsTheSessionsThatAreNamedAndNotesIt) {
  int ended = 0;
  const auto first = api.sessions.enter(model::ServerId(server), "", {}, [&] { ++ended; });
  const auto second = api.sessions.enter(model::ServerId(server), "", {}, [&] { ++ended; });
  first->authenticated("ann", model::SshPublicKeyId(), "aaaa");
  second->authenticated("ann", model::SshPublicKeyId(), "bbbb");
  Answer answer = call("DELETE", "/_sallyport/sessions?session=aaaa");
  EXPECT_EQ(answer.parsed(), json({{"Ended", 1}}));
  EXPECT_EQ(note.event_name, "EndSessions");
  EXPECT_FALSE(note.read_only);
  EXPECT_EQ(json::parse(note.request_parameters), json({{"session", "aaaa"}}));
  EXPECT_EQ(json::parse(note.response_elements), json({{"ended", 1}}));
  answer = call("DELETE", "/_sallyport/sessions?user=ann&server=" + server);
  EXPECT_EQ(answer.parsed(), json({{"Ended", 1}}));
  EXPECT_EQ(ended, 2);
}

TEST_F(SupportTest, RefusesToEndWhatIsNotNamedOrNotThere) {
  int ended = 0;
  const auto one = api.sessions.enter(model::ServerId(server), "", {}, [&] { ++ended; });
  one->authenticated("ann", model::SshPublicKeyId(), "aaaa");
  EXPECT_EQ(call("DELETE", "/_sallyport/sessions").type(), "ValidationException");
  const Answer missing = call("DELETE", "/_sallyport/sessions?session=bbbb");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(note.error_code, "ResourceNotFoundException");
  EXPECT_EQ(call("DELETE", "/_sallyport/sessions?user=bob").parsed(), json({{"Ended", 0}}));
  EXPECT_EQ(call("POST", "/_sallyport/sessions?user=ann").status, 404);
  EXPECT_EQ(ended, 0);
}

TEST_F(SupportTest, SessionsAreForWhoMayListAndEndThem) {
  int ended = 0;
  const auto one = api.sessions.enter(model::ServerId(server), "", {}, [&] { ++ended; });
  one->authenticated("ann", model::SshPublicKeyId(), "aaaa");
  const auto reader = caller_with(
      "reader",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sallyport:ListSessions","Resource":")" +
          model::Place().server_arn(model::ServerId(server)) + R"("}]})");
  const std::string of_server = "/_sallyport/sessions?server=" + server;
  EXPECT_EQ(get(of_server, reader).status, 200);
  EXPECT_EQ(get("/_sallyport/sessions", reader).status, 403);
  EXPECT_EQ(call("DELETE", of_server, reader).status, 403);
  EXPECT_EQ(note.error_code, "AccessDeniedException");
  EXPECT_EQ(call("DELETE", of_server, iam::Identity::anonymous()).status, 403);
  EXPECT_EQ(ended, 0);
}

TEST_F(SupportTest, ExplainAccessTellsTheStatement) {
  put_user();
  const json told = explain("a.txt", "put");
  EXPECT_EQ(told["Allowed"], true);
  EXPECT_EQ(told["Path"], "/demo/ann/a.txt");
  EXPECT_EQ(told["Place"]["Bucket"], "demo");
  EXPECT_EQ(told["Place"]["Content"], "missing");
  EXPECT_EQ(told["Role"]["Assumed"], true);
  const json& ask = told["Actions"][0]["Needs"][0]["AnyOf"][0];
  EXPECT_EQ(ask["Action"], "s3:PutObject");
  EXPECT_EQ(ask["Source"], "role policy");
  EXPECT_EQ(ask["Policy"], "inline");
  EXPECT_EQ(ask["Sid"], "All");
}

TEST_F(SupportTest, ExplainAccessWithoutAnActionTellsOfEveryVerb) {
  put_user();
  const json told = get(question("/demo/ann")).parsed();
  EXPECT_EQ(told["Actions"].size(), session::kVerbs.size());
  EXPECT_EQ(told["Allowed"], true) << told.dump(1);
}

TEST_F(SupportTest, ExplainAccessTakesEncodedPathsAndS3Actions) {
  put_user();
  const json told = explain("a%20b%2B%C3%A9", "S3:getobject");
  EXPECT_EQ(told["Place"]["Key"], "ann/a b+é");
  EXPECT_EQ(told["Actions"][0]["Action"], "s3:GetObject");
}

TEST_F(SupportTest, ExplainAccessOfRenameTakesTheNewName) {
  put_user();
  const Answer answer = get(question("a", "&action=rename&to=/demo/b"));
  EXPECT_THAT(answer.body, HasSubstr("arn:aws:s3:::demo/b"));
}

TEST_F(SupportTest, ExplainAccessRefusesWhatItDoesNotKnow) {
  put_user();
  const Answer action = get(question("a", "&action=fly"));
  EXPECT_EQ(action.status, 400);
  EXPECT_EQ(action.type(), "ValidationException");
  EXPECT_THAT(action.message(), HasSubstr("known are ls, stat, get, put"));
  const Answer bob = get("/_sallyport/explain-access?server=" + server + "&user=bob&path=a");
  EXPECT_EQ(bob.status, 404);
  EXPECT_THAT(bob.message(), HasSubstr("has no user 'bob'"));
  const Answer other = get("/_sallyport/explain-access?server=s-00000000000000000&user=a&path=a");
  EXPECT_EQ(other.status, 404);
  EXPECT_THAT(other.message(), HasSubstr("there is no server"));
  EXPECT_EQ(get("/_sallyport/explain-access?server=" + server).status, 400);
  EXPECT_EQ(get(question("a%00b")).status, 400);
  EXPECT_EQ(get(question("%zz")).status, 400);
  EXPECT_EQ(get("/_sallyport/nothing").status, 404);
}

TEST_F(SupportTest, ExplainAccessSaysWhereAnotherStoreDecides) {
  put_user();
  stores.place_of = [](std::string_view) { return BucketPlace::kEnforced; };
  const Answer answer = get(question("a"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.message(), HasSubstr("the bucket demo is in another S3 store"));
  user.home_directory_type = model::HomeDirectoryType::kLogical;
  user.home_directory = "";
  user.home_directory_mappings = {{"/in", "/far/in"}};
  put_user();
  EXPECT_THAT(get(question("/")).message(), HasSubstr("the bucket far is in another S3 store"));
  stores.place_of = [](std::string_view) { return BucketPlace::kHere; };
  EXPECT_EQ(get(question("/")).status, 200);
}

TEST_F(SupportTest, ExplainAccessDoesNotMissABucketOfAnotherStore) {
  user.home_directory = "/far/ann";
  put_user();
  stores.place_of = [](std::string_view) { return BucketPlace::kElsewhere; };
  const json told = get(question("a")).parsed();
  EXPECT_EQ(told["Allowed"], true) << told.dump(1);
  EXPECT_FALSE(told["Place"].contains("BucketExists"));
  EXPECT_EQ(told["Place"]["Content"], "unknown");
  EXPECT_THAT(told["Notes"][0].get<std::string>(), HasSubstr("far is in another S3 store"));
}

TEST_F(SupportTest, NobodyAsksUnsignedOrWithoutTheRight) {
  put_user();
  const auto nobody = iam::Identity::anonymous();
  for (const std::string& target :
       {question("a"), std::string("/_sallyport/doctor"), std::string("/_sallyport/endpoints")})
    EXPECT_EQ(get(target, nobody).status, 403) << target;

  const auto half = caller_with(
      "half",
      R"({"Statement":[{"Effect":"Allow","Action":"transfer:DescribeUser","Resource":"*"}]})");
  const Answer explained = get(question("a"), half);
  EXPECT_EQ(explained.status, 403);
  EXPECT_EQ(explained.type(), "AccessDeniedException");
  EXPECT_THAT(explained.message(), HasSubstr("iam:SimulatePrincipalPolicy"));
  const Answer examined = get("/_sallyport/doctor", half);
  EXPECT_EQ(examined.status, 403);
  EXPECT_THAT(examined.message(), HasSubstr("sallyport:Doctor"));
  // Who may not ask about ann does not learn whether there is a bob either.
  const Answer bob = get("/_sallyport/explain-access?server=" + server + "&user=bob&path=a", half);
  EXPECT_EQ(bob.status, 403);
}

TEST_F(SupportTest, WhoHasTheRightsMayAskAndSeesNoObjectsByThat) {
  put_user();
  const auto may = caller_with(
      "may",
      R"({"Statement":[{"Effect":"Allow","Action":["transfer:DescribeUser","iam:SimulatePrincipalPolicy"],"Resource":"*"}]})");
  const Answer answer = get(question("a", "&action=get"), may);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.parsed()["Allowed"], true);
  EXPECT_EQ(answer.parsed()["Place"]["Content"], "unknown");
  EXPECT_FALSE(answer.parsed()["Place"].contains("BucketExists"));
}

TEST_F(SupportTest, FrontDoorLeadsToItWhateverServiceIsSigned) {
  put_user();
  for (const char* service : {"transfer", "s3", "iam"}) {
    http::HttpRequest request;
    request.method = "GET";
    request.target = question("a");
    EXPECT_EQ(api.send_signed(std::move(request), "", service).status, 200) << service;
  }
  http::HttpRequest unsigned_request;
  unsigned_request.method = "GET";
  unsigned_request.target = "/_sallyport/doctor";
  unsigned_request.headers.add("Host", "127.0.0.1:4566");
  EXPECT_EQ(api.send(std::move(unsigned_request), "").status, 403);
}

TEST_F(SupportTest, DoctorFindsNothingInAHealthyInstallation) {
  put_user();
  const json told = get("/_sallyport/doctor").parsed();
  EXPECT_EQ(told["Problems"], 0) << told.dump(1);
  EXPECT_EQ(told["Warnings"], 0) << told.dump(1);
}

TEST_F(SupportTest, DoctorFindsARoleWithoutTrust) {
  put_user();
  put_role(R"({"Version":"2012-10-17","Statement":[]})", R"({"Statement":[]})");
  const auto kind = static_cast<int>(session::RoleFault::Kind::kUnreadableTrust);
  const auto not_trusted = static_cast<int>(session::RoleFault::Kind::kNotTrusted);
  auto all = found("roles", "role-" + std::to_string(not_trusted));
  if (all.empty()) all = found("roles", "role-" + std::to_string(kind));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0]["Level"], "problem");
  EXPECT_THAT(all[0].value("Next", ""),
              HasSubstr("aws iam update-assume-role-policy --role-name demo"));
  EXPECT_THAT(all[0].value("Next", ""), HasSubstr("transfer.amazonaws.com"));
}

TEST_F(SupportTest, DoctorFindsAMissingRoleOnceForAllItsUsers) {
  user.role = "arn:aws:iam::000000000000:role/gone";
  put_user();
  user.user_name = "bob";
  put_user();
  const auto missing = static_cast<int>(session::RoleFault::Kind::kMissing);
  const json one = only("roles", "role-" + std::to_string(missing));
  EXPECT_THAT(one.value("Subject", ""), HasSubstr("used by user ann of " + server + " and 1 more"));
  EXPECT_THAT(one.value("Next", ""), HasSubstr("aws iam create-role --role-name gone"));
}

TEST_F(SupportTest, DoctorFindsMissingAttachedPoliciesAndUnreadableOnes) {
  put_user();
  role.attached_policy_arns = {"arn:aws:iam::000000000000:policy/gone"};
  role.inline_policies["broken"] = "{";
  state::Repository<model::Role> roles(*api.resources);
  const auto stored = net::sync_wait(roles.get("", "demo"));
  ASSERT_TRUE(net::sync_wait(roles.update(role, stored->version)).ok());
  using Kind = session::RoleFault::Kind;
  const auto kind = [](Kind k) { return "role-" + std::to_string(static_cast<int>(k)); };
  EXPECT_THAT(only("roles", kind(Kind::kMissingPolicy)).value("Next", ""),
              HasSubstr("detach-role-policy"));
  EXPECT_THAT(only("roles", kind(Kind::kUnreadablePolicy)).value("Next", ""),
              HasSubstr("delete-role-policy --role-name demo --policy-name broken"));
}

TEST_F(SupportTest, DoctorFindsUsersWhoCannotLogInOrAreLedNowhere) {
  user.ssh_public_keys.clear();
  user.home_directory = "/nowhere/ann";
  put_user();
  user.user_name = "bob";
  user.home_directory = "/demo/bob";
  put_user();
  user.user_name = "eve";
  user.home_directory = "";
  put_user();
  const auto without_key = found("users", "no-key");
  ASSERT_EQ(without_key.size(), 3u);
  EXPECT_THAT(without_key[0].value("Text", ""), HasSubstr("trusted_user_ca"));
  EXPECT_EQ(only("users", "bucket-missing")["Next"], "aws s3api create-bucket --bucket nowhere");
  EXPECT_EQ(only("users", "target-missing")["Next"],
            "aws s3api put-object --bucket demo --key bob/");
  EXPECT_THAT(only("users", "no-home").value("Subject", ""), HasSubstr("eve"));
}

TEST_F(SupportTest, DoctorSaysOfBucketsThatAllAreThereOnlyIfTheyAre) {
  user.home_directory = "/nowhere/ann";
  put_user();
  EXPECT_EQ(only("users", "bucket-missing")["Level"], "problem");
  EXPECT_TRUE(found("buckets", "fine").empty());
  user.home_directory = "/demo/ann";
  put_user();
  EXPECT_EQ(only("buckets", "fine")["Text"],
            "1 in the data folder that users are led to: all there");
}

TEST_F(SupportTest, DoctorSaysWhatItDoesNotLookAt) {
  put_user();
  EXPECT_EQ(only("users", "fine")["Text"], "1 looked at: can log in and are led to what is there");
  stores.place_of = [](std::string_view) { return BucketPlace::kEnforced; };
  EXPECT_THAT(
      only("users", "fine").value("Text", ""),
      HasSubstr("or into other S3 stores, which are not looked at for that (ways there: 1)"));
  EXPECT_EQ(only("buckets", "fine")["Text"], "no user is led to any in the data folder");
}

TEST_F(SupportTest, DoctorBlamesNoRightsWhereNoFileSystemIsConfigured) {
  state::Repository<model::Server> servers(*api.resources);
  auto stored = net::sync_wait(servers.get("", server));
  ASSERT_TRUE(stored.ok());
  stored->value.domain = "EFS";
  ASSERT_TRUE(net::sync_wait(servers.update(stored->value, stored->version)).ok());
  user.home_directory = "/fs-0123456789abcdef0/ann";
  user.posix_profile = model::PosixProfile{1001, 1001, {}};
  put_user();
  EXPECT_EQ(found("users", "file-system-missing").size(), 1u);
  EXPECT_TRUE(found("users", "identity").empty());
}

TEST_F(SupportTest, DoctorLooksAtEveryMapping) {
  user.home_directory_type = model::HomeDirectoryType::kLogical;
  user.home_directory = "";
  user.home_directory_mappings = {
      {"/in", "/demo/${transfer:UserName}"}, {"/out", "/demo/out"}, {"/far", "/nowhere/x"}};
  put_user();
  EXPECT_THAT(only("users", "target-missing").value("Text", ""),
              HasSubstr("mapping /out leads to /demo/out"));
  EXPECT_THAT(only("users", "bucket-missing").value("Text", ""), HasSubstr("mapping /far"));
  user.home_directory_mappings = {{"/in", "/demo/ann/"}};
  put_user();
  EXPECT_EQ(only("users", "unusable")["Level"], "problem");
}

TEST_F(SupportTest, DoctorReadsSessionPolicies) {
  user.policy = R"({"Statement":[{"Effect":"Perhaps"}]})";
  put_user();
  EXPECT_EQ(only("users", "session-policy")["Level"], "problem");
  user.policy =
      R"({"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${Transfer:HomeBucket}/*"}]})";
  put_user();
  EXPECT_THAT(only("users", "session-policy-version").value("Next", ""),
              HasSubstr(R"("Version":"2012-10-17")"));
  user.policy =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${transfer:HomeBukcet}/*"}]})";
  put_user();
  EXPECT_EQ(only("users", "session-policy-variable")["Level"], "warning");
}

TEST_F(SupportTest, DoctorTellsServersThatDoNotListen) {
  put_user();
  api.endpoints.list.clear();
  EXPECT_EQ(only("servers", "not-listening")["Level"], "problem");
  api.set_state(server, model::ServerState::kStartFailed);
  EXPECT_EQ(only("servers", "start-failed")["Next"],
            "aws transfer start-server --server-id " + server);
  api.set_state(server, model::ServerState::kOffline);
  EXPECT_EQ(only("servers", "offline")["Level"], "warning");
  api.set_state(server, model::ServerState::kStopping);
  EXPECT_EQ(only("servers", "pending")["Level"], "warning");
}

TEST_F(SupportTest, DoctorReadsBucketPolicies) {
  state::Repository<model::BucketSettings> settings(*api.resources);
  model::BucketSettings one;
  one.bucket = "demo";
  one.policy = "{}";
  ASSERT_TRUE(net::sync_wait(settings.insert(one)).ok());
  EXPECT_EQ(only("buckets", "policy")["Next"], "aws s3api delete-bucket-policy --bucket demo");
}

TEST_F(SupportTest, DoctorLooksAtTheMachine) {
  host = [] {
    HostFacts facts;
    facts.data_dir = "/var/lib/sallyport";
    facts.total_bytes = 100'000'000'000;
    facts.free_bytes = 10'000'000;
    facts.files = {{"/var/lib/sallyport/credentials", true, false, 0644},
                   {"/var/lib/sallyport/master.key", true, true, 0600}};
    facts.file_clock = std::chrono::milliseconds(-7000);
    return facts;
  };
  EXPECT_EQ(only("data", "space")["Level"], "problem");
  EXPECT_EQ(only("files", "mode")["Next"], "chmod go= /var/lib/sallyport/credentials");
  EXPECT_THAT(only("clock", "file-system").value("Text", ""), HasSubstr("-7 s off"));
  host = [] {
    HostFacts facts;
    facts.data_dir = "/d";
    facts.write_error = "making a file: Read-only file system";
    return facts;
  };
  EXPECT_THAT(only("data", "not-writable").value("Text", ""), HasSubstr("Read-only file system"));
}

TEST_F(SupportTest, DoctorCountsWhatIsTooMuchToList) {
  Findings findings;
  for (std::size_t i = 0; i < Findings::kMaxOfAKind + 5; ++i)
    findings.add({"users", "no-key", Level::kWarning, "user", "has no key", ""});
  findings.fine("users", "all fine");
  const auto told = findings.json();
  EXPECT_EQ(told["Findings"].size(), Findings::kMaxOfAKind);
  EXPECT_EQ(told["More"][0]["Count"], 5);
  EXPECT_EQ(told["Warnings"], Findings::kMaxOfAKind + 5);
}

TEST_F(SupportTest, EndpointsSayTheHostNameOfEitherTag) {
  const auto told = [this] {
    const Answer answer = get("/_sallyport/endpoints");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.parsed()[0]["HostName"];
  };
  EXPECT_EQ(told(), "");
  const json arn = api.describe_server(server)["Arn"];
  for (const char* key : {"aws:transfer:customHostname", "transfer:customHostname"}) {
    const json tags = {{{"Key", key}, {"Value", std::string("files.") + key[0]}}};
    ASSERT_EQ(api.transfer("TagResource", {{"Arn", arn}, {"Tags", tags}}).status, 200);
    EXPECT_EQ(told(), tags[0]["Value"]);
  }
  api.endpoints.list[0].server_id = model::ServerId("s-00000000000000000");
  EXPECT_EQ(told(), "");
}

}  // namespace
}  // namespace sallyport::api
