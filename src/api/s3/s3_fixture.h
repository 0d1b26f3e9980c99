// An S3 API with a bucket "files", and callers of every kind. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/s3/service.h"
#include "api/testing/api_fixture.h"
#include "codec/base64.h"
#include "codec/percent_encoding.h"
#include "crypto/digest.h"
#include "model/iam_user.h"

namespace sallyport::api::testing {

// The text of the first element of that name, as it stands there.
inline std::string xml_of(const std::string& body, const std::string& element) {
  const auto begin = body.find("<" + element + ">");
  if (begin == std::string::npos) return "";
  const auto from = begin + element.size() + 2;
  return body.substr(from, body.find("</" + element + ">", from) - from);
}
inline int count_of(const std::string& body, const std::string& element) {
  int found = 0;
  for (auto at = body.find("<" + element + ">"); at != std::string::npos;
       at = body.find("<" + element + ">", at + 1))
    ++found;
  return found;
}

inline std::string md5_base64(const std::string& text) {
  return codec::base64_encode(crypto::digest(crypto::DigestKind::kMd5, as_bytes(text)));
}
inline std::string md5_hex(const std::string& text) {
  return to_hex(crypto::digest(crypto::DigestKind::kMd5, as_bytes(text)));
}

class S3Test : public ::testing::Test {
 protected:
  using Headers = ApiFixture::HeaderList;

  void SetUp() override { ASSERT_EQ(api.s3("PUT", "/files").status, 200); }

  static std::string text(const Answer& answer, const std::string& element) {
    return xml_of(answer.body, element);
  }
  static int count(const Answer& answer, const std::string& element) {
    return count_of(answer.body, element);
  }
  static std::string header(const Answer& answer, const std::string& name) {
    return std::string(answer.headers.get(name));
  }
  static void refused(const Answer& answer, int status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(text(answer, "Code"), code) << answer.body;
  }
  // Its ETag as the header has it.
  std::string put(const std::string& key, const std::string& body, const Headers& headers = {}) {
    const Answer answer = api.s3("PUT", "/files/" + key, body, headers);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return header(answer, "ETag");
  }
  std::string get(const std::string& key) {
    const Answer answer = api.s3("GET", "/files/" + key);
    return answer.status == 200 ? answer.body : std::to_string(answer.status);
  }
  bool exists(const std::string& key) { return api.s3("HEAD", "/files/" + key).status == 200; }
  void version(const std::string& status) {
    const Answer answer = api.s3(
        "PUT", "/files?versioning",
        "<VersioningConfiguration><Status>" + status + "</Status></VersioningConfiguration>");
    EXPECT_EQ(answer.status, 200) << answer.body;
  }

  ApiFixture api;
};

// Requests as they reach the service once the front door knows who calls.
class S3CallerTest : public S3Test {
 protected:
  iam::Identity user(const std::string& name, const std::string& statements) {
    model::IamUser user;
    user.name = name;
    user.id = "AIDA" + std::string(17 - name.size(), 'X') + name;
    user.arn = "arn:aws:iam::000000000000:user/" + name;
    user.inline_policies["test"] = R"({"Version":"2012-10-17","Statement":[)" + statements + "]}";
    state::Repository<model::IamUser> users(*api.resources);
    EXPECT_TRUE(net::sync_wait(users.insert(user)).ok());
    return net::sync_wait(api.authorizer->user(name)).value();
  }
  // {"Effect":"Allow","Action":…,"Resource":…}
  static std::string allow(const std::string& action, const std::string& resource,
                           const std::string& condition = {}) {
    return R"({"Effect":"Allow","Action":")" + action + R"(","Resource":"arn:aws:s3:::)" +
           resource + "\"" + (condition.empty() ? "" : ",\"Condition\":" + condition) + "}";
  }
  void bucket_policy(const std::string& statements) {
    const Answer answer = api.s3("PUT", "/files?policy",
                                 R"({"Version":"2012-10-17","Statement":[)" + statements + "]}");
    EXPECT_EQ(answer.status, 204) << answer.body;
  }
  Answer as(iam::Identity identity, const std::string& method, const std::string& target,
            std::string body = {}, const Headers& headers = {}) {
    return net::sync_wait(exchange(std::move(identity), method, target, std::move(body), headers));
  }
  void denied(const Answer& answer) { refused(answer, 403, "AccessDenied"); }

  AuditNote note;  // of the last call

 private:
  Task<Answer> exchange(iam::Identity identity, std::string method, std::string target,
                        std::string body, Headers headers) {
    http::HttpRequest request;
    request.method = method;
    request.target = target;
    request.headers.add("Host", "127.0.0.1:4566");
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    request.headers.add("Content-Length", std::to_string(body.size()));
    Caller caller;
    caller.identity = std::move(identity);
    caller.request_id = "id-1";
    caller.time = api.clock.wall();
    if (caller.identity.kind() != iam::Identity::Kind::kAnonymous) {
      caller.access_key = "AKIAUSER";
      caller.auth_type = "REST-HEADER";
      caller.signed_at = api.clock.wall();
    }
    note = {};
    caller.audit = &note;
    http::MemoryBodyReader reader(std::move(body));
    auto opened = http::open_unsigned_body(request, reader);
    if (!opened.ok()) co_return Answer{400, {}, opened.error().message};
    auto response = co_await service.handle(request, **opened, caller);
    Answer answer{response.status, std::move(response.headers), std::move(response.body)};
    while (response.stream) {
      Bytes piece(4096);
      auto got = co_await response.stream->read(piece);
      EXPECT_TRUE(got.ok());
      if (!got.ok() || *got == 0) break;
      answer.body += as_text(ByteView(piece.data(), *got));
    }
    co_return answer;
  }

  S3Service service{S3Context{*api.objects,
                              *api.authorizer,
                              *api.resources,
                              model::Place{},
                              PageTokens(SecretString(std::string(32, 'k'))),
                              {"localhost"}}};
};

}  // namespace sallyport::api::testing
