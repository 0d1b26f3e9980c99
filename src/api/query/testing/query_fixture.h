// IAM and STS over a folder of their own, called as the root or as anybody else. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "api/query/service.h"
#include "api/testing/api_fixture.h"
#include "codec/form.h"

namespace sallyport::api::testing {

inline constexpr const char* kTransferTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"transfer.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
inline constexpr const char* kAllowS3 =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})";
inline constexpr const char* kS3FullAccess = "arn:aws:iam::aws:policy/AmazonS3FullAccess";

using Fields = std::vector<std::pair<std::string, std::string>>;

class QueryTest : public ::testing::Test {
 protected:
  // By the root, over the whole API.
  Answer call(const std::string& action, const Fields& fields = {}) {
    return api.query("iam", form_of(action, fields));
  }

  // By anyone; what was told to the audit log is in `note`.
  Answer call_as(const iam::Identity& who, const std::string& action, const Fields& fields = {},
                 QueryApi which = QueryApi::kIam) {
    note = AuditNote();
    Caller caller;
    caller.identity = who;
    caller.access_key = "AKIACALLERCALLERCALL";
    caller.source_ip = "192.0.2.1";
    caller.request_id = "request";
    caller.time = api.clock.wall();
    caller.audit = &note;
    auto response = net::sync_wait(service.handle(which, form_of(action, fields), caller));
    return {response.status, std::move(response.headers), std::move(response.body)};
  }

  // Makes the user `name` with one inline policy, and is it.
  iam::Identity user(const std::string& name, const std::string& policy = "") {
    done(call("CreateUser", {{"UserName", name}}));
    if (!policy.empty())
      done(call("PutUserPolicy",
                {{"UserName", name}, {"PolicyName", "p"}, {"PolicyDocument", policy}}));
    return net::sync_wait(api.authorizer->user(name)).value();
  }
  static iam::Identity root() { return iam::Identity::root(); }
  // {"Effect": "Allow", "Action": action, "Resource": resource} as a document.
  static std::string allow(const std::string& action, const std::string& resource,
                           const json& condition = json::object()) {
    json statement = {{"Effect", "Allow"}, {"Action", action}, {"Resource", resource}};
    if (!condition.empty()) statement["Condition"] = condition;
    return json{{"Version", "2012-10-17"}, {"Statement", {statement}}}.dump();
  }

  Answer create_role(const std::string& name) {
    return call("CreateRole", {{"RoleName", name}, {"AssumeRolePolicyDocument", kTransferTrust}});
  }
  // Its ARN.
  std::string create_policy(const std::string& name) {
    const Answer made = call("CreatePolicy", {{"PolicyName", name}, {"PolicyDocument", kAllowS3}});
    done(made);
    return text(made, "Arn");
  }

  // The text of the first element of that name, "" without one.
  static std::string text(const Answer& answer, const std::string& element) {
    const auto all = texts(answer, element);
    return all.empty() ? "" : all.front();
  }
  static std::vector<std::string> texts(const Answer& answer, const std::string& element) {
    std::vector<std::string> out;
    const std::string open = "<" + element + ">", close = "</" + element + ">";
    for (auto at = answer.body.find(open); at != std::string::npos;
         at = answer.body.find(open, at)) {
      at += open.size();
      out.push_back(answer.body.substr(at, answer.body.find(close, at) - at));
    }
    return out;
  }

  static void done(const Answer& answer) { ASSERT_EQ(answer.status, 200) << answer.body; }
  static void refused(const Answer& answer, int status, const std::string& code,
                      const std::string& message = "") {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(text(answer, "Code"), code) << answer.body;
    if (!message.empty()) EXPECT_EQ(text(answer, "Message"), message);
  }

  ApiFixture api;
  AuditNote note;
  QueryService service{QueryContext{*api.resources, *api.authorizer, *api.credentials, api.clock,
                                    api.random, model::Place{},
                                    PageTokens(SecretString(std::string(32, 'k')))}};

 private:
  static std::string form_of(const std::string& action, const Fields& fields) {
    codec::Form form;
    form.add("Action", action);
    form.add("Version", "2010-05-08");
    for (const auto& [name, value] : fields) form.add(name, value);
    return form.encode();
  }
};

}  // namespace sallyport::api::testing
