#include "events/server_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "events/json_text.h"
#include "net/blocking_pool.h"
#include "net/loop.h"

namespace sallyport::events {
namespace {

using nlohmann::json;

class ServerLogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "sallyport-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    auto store = state::LogStore::open((folder_ / "log.db").string());
    ASSERT_TRUE(store.ok());
    log_ = std::make_unique<EventLog>(std::move(*store), pool_, EventLogOptions{});
    server_.id = model::ServerId("s-0123456789abcdef0");
    server_.arn = "arn:aws:transfer:us-east-1:111122223333:server/s-0123456789abcdef0";
  }
  void TearDown() override {
    log_.reset();
    std::filesystem::remove_all(folder_);
  }

  ServerLog server_log() { return ServerLog(*log_, clock_, server_); }
  // The one line that was written.
  state::LogLine only_line() {
    const auto lines = net::sync_wait(log_->query({}));
    EXPECT_TRUE(lines.ok());
    EXPECT_EQ(lines->size(), 1u);
    return lines->at(0);
  }

  std::filesystem::path folder_;
  net::BlockingPool pool_{"log", 1};
  ManualClock clock_{SystemClock().wall()};
  model::Server server_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(ServerLogTest, WritesALineOfTheDocumentedShape) {
  ServerEvent event;
  event.activity_type = "CLOSE";
  event.user = "ann";
  event.with("path", "/demo-bucket/ann/a.csv")
      .with("bytes-in", "121")
      .with("bytes-out", "")
      .with("session-id", "0f1e2d3c4b5a69788796");
  server_log().write(event);
  const auto line = only_line();
  EXPECT_EQ(line.group, "/aws/transfer/s-0123456789abcdef0");
  EXPECT_EQ(line.stream, "s-0123456789abcdef0/ann");
  EXPECT_EQ(line.time, clock_.wall());
  EXPECT_EQ(
      line.message,
      R"({"activity-type":"CLOSE","path":"/demo-bucket/ann/a.csv","bytes-in":"121",)"
      R"("session-id":"0f1e2d3c4b5a69788796",)"
      R"("resource-arn":"arn:aws:transfer:us-east-1:111122223333:server/s-0123456789abcdef0"})");
}

TEST_F(ServerLogTest, WritesFailedAuthenticationToTheErrorsStream) {
  server_.structured_log_destinations = {
      "arn:aws:logs:us-east-1:111122223333:log-group:/my/logs:*"};
  ServerEvent event;
  event.activity_type = "AUTH_FAILURE";
  event.user = "nobody";
  event.with("method", "publickey").with("user", "nobody");
  server_log().write_error_stream(event);
  const auto line = only_line();
  EXPECT_EQ(line.group, "/my/logs");
  EXPECT_EQ(line.stream, "ERRORS");
  EXPECT_EQ(json::parse(line.message)["user"], "nobody");
}

TEST_F(ServerLogTest, TakesHostileBytes) {
  ServerEvent event;
  event.activity_type = "AUTH_FAILURE";
  event.user = std::string("a:*\n\0\xff", 6) + std::string(1000, 'x');
  const std::string client("SSH-2.0-\"},\n{\"\\\0\xc3(\xed\xa0\x80\x7f", 22);
  event.with("user", event.user).with("client", client).with("kex", std::string(100'000, '\xff'));
  server_log().write(event);
  const auto line = only_line();
  const json parsed = json::parse(line.message, nullptr, false);
  ASSERT_TRUE(parsed.is_object()) << line.message;
  EXPECT_EQ(parsed.size(), 5u);
  EXPECT_EQ(line.message.find('\n'), std::string::npos);
  EXPECT_LE(parsed["kex"].get<std::string>().size(), 8192u);
  EXPECT_EQ(parsed["client"].get<std::string>().substr(0, 15),
            std::string("SSH-2.0-\"},\n{\"\\", 15));
  EXPECT_EQ(line.stream.substr(0, 25), "s-0123456789abcdef0/a____");
  EXPECT_LE(line.stream.size(), 512u);
}

TEST_F(ServerLogTest, KeepsAPublicKeyWhole) {
  ServerEvent event;
  event.activity_type = "CONNECTED";
  event.with("ssh-public-key", std::string(20'000, 'A')).with("client", std::string(20'000, 'B'));
  server_log().write(event);
  const json parsed = json::parse(only_line().message);
  EXPECT_EQ(parsed["ssh-public-key"].get<std::string>().size(), 20'000u);
  EXPECT_EQ(parsed["client"].get<std::string>().size(), 8192u);
}

TEST_F(ServerLogTest, WritesTextWhereOnlyALoggingRoleIsSet) {
  server_.logging_role = "arn:aws:iam::111122223333:role/logs";
  ServerEvent event;
  event.activity_type = "CLOSE";
  event.user = "ann";
  event.with("session-id", "0f1e2d3c4b5a69788796")
      .with("path", "/demo-bucket/ann/a.csv")
      .with("bytes-in", "121");
  server_log().write(event);
  const auto line = only_line();
  EXPECT_EQ(line.group, "/aws/transfer/s-0123456789abcdef0");
  EXPECT_EQ(line.stream, "ann.0f1e2d3c4b5a69788796");
  EXPECT_EQ(line.message, "CLOSE Path=/demo-bucket/ann/a.csv BytesIn=121");
}

TEST_F(ServerLogTest, WritesBothFormatsWhereBothAreSet) {
  server_.logging_role = "arn:aws:iam::111122223333:role/logs";
  server_.structured_log_destinations = {
      "arn:aws:logs:us-east-1:111122223333:log-group:/my/logs:*"};
  ServerEvent event;
  event.activity_type = "AUTH_FAILURE";
  event.with("method", "publickey").with("user", "nobody");
  server_log().write_error_stream(event);
  const auto lines = net::sync_wait(log_->query({}));
  ASSERT_TRUE(lines.ok());
  ASSERT_EQ(lines->size(), 2u);
  EXPECT_EQ(lines->at(0).group, "/my/logs");
  EXPECT_EQ(json::parse(lines->at(0).message)["user"], "nobody");
  EXPECT_EQ(lines->at(1).group, "/aws/transfer/s-0123456789abcdef0");
  EXPECT_EQ(lines->at(1).message, "ERRORS AUTH_FAILURE Method=publickey User=nobody");
  for (const auto& line : *lines) EXPECT_EQ(line.stream, "ERRORS");
}

TEST_F(ServerLogTest, NamesTextStreamsAsCloudWatchAllows) {
  server_.logging_role = "arn:aws:iam::111122223333:role/logs";
  ServerEvent event;
  event.activity_type = "DISCONNECTED";
  event.user = "a:*\n" + std::string(1000, 'x');
  event.with("session-id", "0f1e2d3c4b5a69788796");
  server_log().write(event);
  const auto line = only_line();
  EXPECT_EQ(line.stream.substr(0, 6), "a___xx");
  EXPECT_TRUE(line.stream.ends_with(".0f1e2d3c4b5a69788796")) << line.stream;
  EXPECT_LE(line.stream.size(), 512u);
}

TEST(LogGroupsOf, FallsBackForADestinationThatIsNoLogGroup) {
  model::Server server;
  server.id = model::ServerId("s-1");
  for (const char* arn : {"", "nonsense", "arn:aws:logs:r:a:log-stream:x:*", "arn:aws:logs:r:a",
                          "arn:aws:logs:r:a:log-group:x:y:*", "arn:aws:logs:r:a:log-group:"}) {
    server.structured_log_destinations = {arn};
    EXPECT_EQ(log_groups_of(server).json, "/aws/transfer/s-1") << arn;
    EXPECT_EQ(log_groups_of(server).text, "") << arn;
  }
  server.structured_log_destinations = {"arn:aws:logs:r:a:log-group:x"};
  EXPECT_EQ(log_groups_of(server).json, "x");
}

TEST(LogGroupsOf, FollowEachSwitchByItself) {
  model::Server server;
  server.id = model::ServerId("s-1");
  EXPECT_EQ(log_groups_of(server).json, "/aws/transfer/s-1");
  EXPECT_EQ(log_groups_of(server).text, "");
  server.logging_role = "arn:aws:iam::111122223333:role/logs";
  EXPECT_EQ(log_groups_of(server).json, "");
  EXPECT_EQ(log_groups_of(server).text, "/aws/transfer/s-1");
  server.structured_log_destinations = {"arn:aws:logs:r:a:log-group:x:*"};
  EXPECT_EQ(log_groups_of(server).json, "x");
  EXPECT_EQ(log_groups_of(server).text, "/aws/transfer/s-1");
}

TEST(CleanUtf8, ReplacesWhatIsInvalidAndKeepsTheRest) {
  EXPECT_EQ(clean_utf8("gr\xc3\xbc\xc3\x9f", 100), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(clean_utf8("a\xff"
                       "b\xc3",
                       100),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd");
  EXPECT_EQ(clean_utf8("", 100), "");
}

TEST(CleanUtf8, CutsBetweenCharacters) {
  EXPECT_EQ(clean_utf8("abcdef", 6), "abcdef");
  EXPECT_EQ(clean_utf8("abcdefg", 6), "abc\xe2\x80\xa6");
  // Two bytes a character: the third does not fit whole.
  EXPECT_EQ(clean_utf8("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 6), "\xc3\xa4\xe2\x80\xa6");
  EXPECT_EQ(clean_utf8(std::string(50, '\xff'), 3), "\xe2\x80\xa6");
}

TEST(AppendJsonString, EscapesWhatMustBe) {
  std::string out;
  append_json_string(out, std::string_view("\"\\\n\r\t\0\x1f/\x7f", 9));
  EXPECT_EQ(out, "\"\\\"\\\\\\n\\r\\t\\u0000\\u001f/\x7f\"");
}

}  // namespace
}  // namespace sallyport::events
