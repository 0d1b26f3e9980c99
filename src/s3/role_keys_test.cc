#include "s3/role_keys.h"

#include <gtest/gtest.h>

#include "iam/authorizer.h"
#include "s3/test_service.h"

namespace sallyport::s3 {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing_support::refusal_answer;
using testing_support::session_answer;
using testing_support::sts_at;
using testing_support::TestService;

using Session = std::shared_ptr<const iam::AssumeRoleRequest>;

Session session_named(std::string name, std::string policy = {}, std::string role = "demo") {
  auto out = std::make_shared<iam::AssumeRoleRequest>();
  out->role_arn = "arn:aws:iam::111122223333:role/" + role;
  out->session_name = std::move(name);
  out->session_policy = std::move(policy);
  return out;
}

// Has others when those it gave are refused.
class OwnKeys final : public KeySource {
 public:
  Task<Result<Keys>> get() override {
    if (failure) co_return *failure;
    if (keys_ == nullptr) {
      auto made = std::make_shared<HeldKeys>();
      made->keys = {"OWN" + std::to_string(++given), SecretString("s"), ""};
      keys_ = std::move(made);
    }
    co_return keys_;
  }
  void refused(const Keys& keys) override {
    if (has_others && keys == keys_) keys_.reset();
  }
  std::optional<Error> failure;
  bool has_others = true;
  int given = 0;

 private:
  Keys keys_;
};

struct Setting : TestService {
  explicit Setting(std::vector<std::string> answers, std::size_t most = 100)
      : TestService(std::move(answers)),
        sts(sts_at("http://sts.example"), *pool, clock),
        roles(sts, own, clock, most) {}
  Task<std::string> get(Session session) {
    auto keys = co_await roles.get(std::move(session));
    co_return keys.ok() ? (*keys)->keys.access_key
                        : std::string(errc_name(keys.error().code)) + " " + keys.error().reason;
  }

  OwnKeys own;
  Sts sts;
  CachedRoleKeys roles;
};

Task<void> several_sessions() {
  Setting s({session_answer("A"), session_answer("B"), session_answer("C"), session_answer("D")});
  const Session ann = session_named("ann"), bob = session_named("bob");
  const Session narrow = session_named("ann", "{}"), other = session_named("ann", "", "other");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(co_await s.get(ann), "A");
    EXPECT_EQ(co_await s.get(bob), "B");
    EXPECT_EQ(co_await s.get(narrow), "C");
    EXPECT_EQ(co_await s.get(other), "D");
    EXPECT_EQ(co_await s.get(session_named("ann")), "A");  // it is what it says
  }
  EXPECT_EQ(s.calls(), 4u);
  EXPECT_EQ(s.roles.size(), 4u);
  co_await s.end();
}

TEST(RoleKeysTest, one_for_each_role_name_and_policy) {
  net::sync_wait(several_sessions());
}

Task<void> too_many() {
  Setting s({session_answer("A")}, 8);
  for (int i = 0; i < 50; ++i) (void)co_await s.get(session_named("u" + std::to_string(i)));
  EXPECT_LE(s.roles.size(), 8u);
  const std::size_t before = s.calls();
  (void)co_await s.get(session_named("u49"));
  EXPECT_EQ(s.calls(), before);
  (void)co_await s.get(session_named("u0"));
  EXPECT_EQ(s.calls(), before + 1);
  // What has expired goes though there is room.
  s.clock.advance(minutes(61));
  (void)co_await s.get(session_named("new"));
  (void)co_await s.get(session_named("newer"));
  EXPECT_LE(s.roles.size(), 5u);
  co_await s.end();
}

TEST(RoleKeysTest, the_least_recently_used_go) {
  net::sync_wait(too_many());
}

Task<void> refuse_and_trust() {
  Setting s({refusal_answer(403, "AccessDenied"), session_answer("A")});
  const Session ann = session_named("ann");
  EXPECT_EQ(co_await s.get(ann), "permission_denied AssumeRole");
  EXPECT_EQ(s.calls(), 1u);
  EXPECT_EQ(co_await s.get(ann), "A");
  co_await s.end();
}

TEST(RoleKeysTest, a_trust_that_is_put_right_counts_at_the_next_call) {
  net::sync_wait(refuse_and_trust());
}

Task<void> refused_by_store() {
  Setting s({session_answer("A"), session_answer("B")});
  const Session ann = session_named("ann");
  const Keys first = *co_await s.roles.get(ann);
  s.roles.refused(ann, first);
  EXPECT_EQ(co_await s.get(ann), "A");  // too young
  s.clock.advance(seconds(5));
  s.roles.refused(session_named("bob"), first);
  EXPECT_EQ(co_await s.get(ann), "A");  // another's
  s.roles.refused(ann, first);
  EXPECT_EQ(co_await s.get(ann), "B");
  co_await s.end();
}

TEST(RoleKeysTest, that_the_store_refuses_are_replaced) {
  net::sync_wait(refused_by_store());
}

Task<void> renew_in_time() {
  Setting s({session_answer("A"), refusal_answer(403, "AccessDenied"),
             session_answer("B", "AssumeRole", "2026-11-21T21:40:00Z")});
  const Session ann = session_named("ann");
  EXPECT_EQ(co_await s.get(ann), "A");
  s.clock.advance(minutes(55));
  EXPECT_EQ(co_await s.get(ann), "A");  // refused, and the session holds
  EXPECT_EQ(s.calls(), 2u);
  s.clock.advance(seconds(1));
  EXPECT_EQ(co_await s.get(ann), "B");
  co_await s.end();
}

TEST(RoleKeysTest, are_renewed_before_they_expire_and_serve_meanwhile) {
  net::sync_wait(renew_in_time());
}

Task<void> own_refused() {
  Setting s({refusal_answer(403, "ExpiredToken"), session_answer("A"),
             refusal_answer(403, "InvalidClientTokenId")});
  EXPECT_EQ(co_await s.get(session_named("ann")), "A");
  EXPECT_EQ(s.own.given, 2);
  EXPECT_NE(s.script.requests[1].find("Credential=OWN2/"), std::string::npos);
  s.own.has_others = false;
  EXPECT_EQ(co_await s.get(session_named("bob")), "unavailable CallerKeysRefused");
  EXPECT_EQ(s.calls(), 3u);
  co_await s.end();
}

TEST(RoleKeysTest, own_keys_that_are_refused_are_replaced_once) {
  net::sync_wait(own_refused());
}

Task<void> own_missing() {
  Setting s({session_answer("A")});
  for (const Errc code : {Errc::kInvalidArgument, Errc::kPermissionDenied, Errc::kUnavailable}) {
    s.own.failure = Error(code, "nothing");
    // No refusal of the user's role.
    EXPECT_EQ(co_await s.get(session_named("u" + std::string(errc_name(code)))), "unavailable ");
  }
  EXPECT_EQ(s.calls(), 0u);
  co_await s.end();
}

TEST(RoleKeysTest, without_own_keys_the_store_is_unavailable) {
  net::sync_wait(own_missing());
}

Task<void> expired_on_arrival() {
  Setting s({session_answer("A", "AssumeRole", "2026-11-21T19:39:59Z")});
  EXPECT_EQ(co_await s.get(session_named("ann")), "unavailable ");
  EXPECT_EQ(co_await s.get(session_named("ann")), "unavailable ");
  EXPECT_EQ(s.calls(), 1u);
  co_await s.end();
}

TEST(RoleKeysTest, that_expired_before_they_came_are_none) {
  net::sync_wait(expired_on_arrival());
}

Task<void> get_into(Setting& s, Session session, std::vector<std::string>& out) {
  out.push_back(co_await s.get(std::move(session)));
}

Task<void> at_once() {
  Setting s({session_answer("A")});
  std::vector<std::string> got;
  {
    net::TaskScope scope;
    for (int i = 0; i < 100; ++i) scope.spawn(get_into(s, session_named("ann"), got));
    co_await scope.join();
  }
  EXPECT_EQ(got, std::vector<std::string>(100, "A"));
  EXPECT_EQ(s.calls(), 1u);
  // So many sessions that some are dropped while they are on their way.
  Setting small({session_answer("B")}, 4);
  got.clear();
  {
    net::TaskScope scope;
    for (int i = 0; i < 40; ++i)
      scope.spawn(get_into(small, session_named("u" + std::to_string(i)), got));
    co_await scope.join();
  }
  EXPECT_EQ(got, std::vector<std::string>(40, "B"));
  EXPECT_LE(small.roles.size(), 4u);
  co_await small.end();
  co_await s.end();
}

TEST(RoleKeysTest, many_at_once_ask_once) {
  net::sync_wait(at_once());
}

}  // namespace
}  // namespace sallyport::s3
