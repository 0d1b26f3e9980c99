#include <gtest/gtest.h>

#include "api/query/audit_note.h"
#include "api/query/testing/query_fixture.h"

namespace sallyport::api {
namespace {

using namespace testing;  // NOLINT: the fixture's words

class QueryAudit : public QueryTest {
 protected:
  json parameters() const { return json::parse(note.request_parameters, nullptr, false); }
  json response() const { return json::parse(note.response_elements, nullptr, false); }
};

TEST_F(QueryAudit, AChangeIsToldWithParametersAndAnswer) {
  done(call_as(root(), "CreateRole",
               {{"RoleName", "one"},
                {"AssumeRolePolicyDocument", kTransferTrust},
                {"Tags.member.1.Key", "a"},
                {"Tags.member.1.Value", "1"},
                {"Tags.member.2.Key", "b"},
                {"Tags.member.2.Value", "2"}}));
  EXPECT_EQ(note.event_source, "iam.amazonaws.com");
  EXPECT_EQ(note.event_name, "CreateRole");
  EXPECT_FALSE(note.read_only);
  EXPECT_EQ(parameters(),
            (json{{"roleName", "one"},
                  {"assumeRolePolicyDocument", kTransferTrust},
                  {"tags", {{{"key", "a"}, {"value", "1"}}, {{"key", "b"}, {"value", "2"}}}}}));
  EXPECT_EQ(response()["role"]["arn"], "arn:aws:iam::000000000000:role/one");
  EXPECT_EQ(response()["role"]["tags"][1]["key"], "b");
  EXPECT_EQ(note.error_code, "");
}

TEST_F(QueryAudit, WhatOnlyReadsHasNoAnswerInIt) {
  done(create_role("one"));
  done(call_as(root(), "GetRole", {{"RoleName", "one"}}));
  EXPECT_TRUE(note.read_only);
  EXPECT_EQ(note.response_elements, "");
  done(call_as(root(), "ListRoles"));
  EXPECT_EQ(note.request_parameters, "");
}

TEST_F(QueryAudit, SecretsAreHidden) {
  user("ann");
  const Answer made = call_as(root(), "CreateAccessKey", {{"UserName", "ann"}});
  EXPECT_EQ(response()["accessKey"]["accessKeyId"], text(made, "AccessKeyId"));
  EXPECT_EQ(response()["accessKey"]["secretAccessKey"], kHiddenInAudit);
  EXPECT_EQ(note.response_elements.find(text(made, "SecretAccessKey")), std::string::npos);

  done(call(
      "CreateRole",
      {{"RoleName", "open"},
       {"AssumeRolePolicyDocument",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]})"}}));
  const Answer assumed =
      call_as(root(), "AssumeRole",
              {{"RoleArn", "arn:aws:iam::000000000000:role/open"}, {"RoleSessionName", "work"}},
              QueryApi::kSts);
  done(assumed);
  EXPECT_EQ(note.event_source, "sts.amazonaws.com");
  EXPECT_TRUE(note.read_only);
  EXPECT_EQ(json::parse(note.resources, nullptr, false)[0]["ARN"],
            "arn:aws:iam::000000000000:role/open");
  EXPECT_EQ(response()["credentials"]["secretAccessKey"], kHiddenInAudit);
  EXPECT_EQ(response()["credentials"]["sessionToken"], kHiddenInAudit);
  EXPECT_EQ(response()["assumedRoleUser"]["arn"],
            "arn:aws:sts::000000000000:assumed-role/open/work");
  refused(call_as(root(), "AssumeRole", {{"TokenCode", "123456"}}, QueryApi::kSts), 400,
          "ValidationError");
  EXPECT_EQ(parameters(), (json{{"tokenCode", kHiddenInAudit}}));
}

TEST_F(QueryAudit, RefusalsAreToldToo) {
  refused(call_as(user("ann"), "GetRole", {{"RoleName", "one"}}), 403, "AccessDenied");
  EXPECT_EQ(note.event_name, "GetRole");
  EXPECT_EQ(note.error_code, "AccessDenied");
  EXPECT_NE(note.error_message.find("is not authorized to perform: iam:GetRole"),
            std::string::npos);
  EXPECT_EQ(parameters(), (json{{"roleName", "one"}}));
}

TEST_F(QueryAudit, AnUnknownActionIsNamedWithoutItsParameters) {
  refused(call_as(root(), "CreateLoginProfile", {{"Password", "secret"}}), 400, "InvalidAction");
  EXPECT_EQ(note.event_name, "CreateLoginProfile");
  EXPECT_EQ(note.request_parameters, "");
  EXPECT_EQ(note.error_code, "InvalidAction");
  refused(call_as(root(), "<b>"), 400, "InvalidAction");
  EXPECT_EQ(note.event_name, "");
}

TEST_F(QueryAudit, OddParameterNamesDoNoHarm) {
  call_as(root(), "ListRoles",
          {{"Tags.member.2.Key", "gap"},
           {"A.member.1", "x"},
           {"A.member.1.B", "under a text"},
           {"A", "over a list"},
           {"B.member.18446744073709551616", "y"},
           {"C.member", "z"},
           {".", "dots"},
           {"d.e.f.g.h.i.j.k.l.m", "deep"}});
  EXPECT_EQ(parameters()["a"], json::array({"x"}));
  EXPECT_FALSE(parameters().contains("d"));
}

}  // namespace
}  // namespace sallyport::api
