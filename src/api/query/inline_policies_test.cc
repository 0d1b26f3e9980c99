#include <gtest/gtest.h>

#include "api/query/testing/query_fixture.h"
#include "codec/percent_encoding.h"

namespace sallyport::api {
namespace {

using namespace testing;  // NOLINT: the fixture's words

struct InlineKind {
  const char* noun;
  const char* parameter;
  std::size_t limit;
  const char* put;
  const char* get;
  const char* list;
  const char* remove;
};

// A role and a user alike.
class IamInlinePolicies : public QueryTest, public ::testing::WithParamInterface<InlineKind> {
 protected:
  void SetUp() override {
    done(create_role("one"));
    done(call("CreateUser", {{"UserName", "one"}}));
  }
  Answer act(const char* action, Fields more, const char* name = "one") {
    more.insert(more.begin(), {GetParam().parameter, name});
    return call(action, more);
  }
  Answer put(const std::string& name, const std::string& document) {
    return act(GetParam().put, {{"PolicyName", name}, {"PolicyDocument", document}});
  }
};

TEST_P(IamInlinePolicies, AreKeptAsGiven) {
  const std::string document = std::string(" ") + kAllowS3 + "\n";
  done(put("p", document));
  const Answer found = act(GetParam().get, {{"PolicyName", "p"}});
  EXPECT_EQ(text(found, GetParam().parameter), "one");
  EXPECT_EQ(text(found, "PolicyName"), "p");
  EXPECT_EQ(text(found, "PolicyDocument"), codec::percent_encode(document));
}

TEST_P(IamInlinePolicies, AreListedPageByPage) {
  for (const char* name : {"c", "a", "b"}) done(put(name, kAllowS3));
  const Answer first = act(GetParam().list, {{"MaxItems", "2"}});
  EXPECT_EQ(texts(first, "member"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(text(first, "IsTruncated"), "true");
  const Answer rest = act(GetParam().list, {{"Marker", text(first, "Marker")}});
  EXPECT_EQ(texts(rest, "member"), std::vector<std::string>{"c"});
  EXPECT_EQ(text(rest, "IsTruncated"), "false");
}

TEST_P(IamInlinePolicies, AreDeletedOnce) {
  done(put("p", kAllowS3));
  done(act(GetParam().remove, {{"PolicyName", "p"}}));
  const std::string sentence =
      std::string("The ") + GetParam().noun + " policy with name p cannot be found.";
  refused(act(GetParam().remove, {{"PolicyName", "p"}}), 404, "NoSuchEntity", sentence);
  refused(act(GetParam().get, {{"PolicyName", "p"}}), 404, "NoSuchEntity", sentence);
}

TEST_P(IamInlinePolicies, NeedTheirHolder) {
  const std::string sentence =
      std::string("The ") + GetParam().noun + " with name two cannot be found.";
  refused(act(GetParam().put, {{"PolicyName", "p"}, {"PolicyDocument", kAllowS3}}, "two"), 404,
          "NoSuchEntity", sentence);
  refused(act(GetParam().list, {}, "two"), 404, "NoSuchEntity", sentence);
}

TEST_P(IamInlinePolicies, MalformedOnesAreRefused) {
  for (const char* document : {"{", "[]", R"({"Statement":[{"Effect":"Maybe"}]})", kTransferTrust})
    refused(put("p", document), 400, "MalformedPolicyDocument");
  refused(put("p", ""), 400, "ValidationError");
  refused(put("p", "\xc4\x80"), 400, "ValidationError");
  refused(put("p q", kAllowS3), 400, "ValidationError");
  EXPECT_EQ(text(act(GetParam().list, {}), "member"), "");
}

TEST_P(IamInlinePolicies, AreBoundedTogether) {
  const std::string half = allow("s3:*", "arn:aws:s3:::" + std::string(GetParam().limit / 2, 'a'));
  const std::string spaces(GetParam().limit, ' ');
  done(put("p", half));
  done(put("p", half + spaces));
  refused(put("q", half), 409, "LimitExceeded",
          "Maximum policy size of " + std::to_string(GetParam().limit) + " bytes exceeded for " +
              GetParam().noun + " one");
}

INSTANTIATE_TEST_SUITE_P(
    Holders, IamInlinePolicies,
    ::testing::Values(InlineKind{"role", "RoleName", 10240, "PutRolePolicy", "GetRolePolicy",
                                 "ListRolePolicies", "DeleteRolePolicy"},
                      InlineKind{"user", "UserName", 2048, "PutUserPolicy", "GetUserPolicy",
                                 "ListUserPolicies", "DeleteUserPolicy"}),
    [](const auto& info) { return std::string(info.param.noun); });

}  // namespace
}  // namespace sallyport::api
