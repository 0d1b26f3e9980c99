#include "events/file_events.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

namespace sallyport::events {
namespace {

using nlohmann::json;

class Collector final : public EventSink {
 public:
  explicit Collector(std::vector<BusEvent>& seen) : seen_(&seen) {}
  void deliver(const BusEvent& event) override { seen_->push_back(event); }

 private:
  std::vector<BusEvent>* seen_;
};

class FileEventsTest : public testing::Test {
 protected:
  FileEventsTest() { bus_.add(std::make_unique<Collector>(seen_)); }

  static FileEvent event(FileActivity activity) {
    FileEvent out;
    out.activity = activity;
    out.protocol = "SFTP";
    out.server_id = "s-0123456789abcdef0";
    out.server_arn = "arn:aws:transfer:eu-west-1:111122223333:server/s-0123456789abcdef0";
    out.username = "ann";
    out.session_id = "0f1e2d3c4b5a69788796";
    out.client_ip = "198.51.100.7";
    out.path = "/demo-bucket/ann/a.csv";
    out.start = from_unix_ms(1767323043250);
    out.end = from_unix_ms(1767323045678);
    return out;
  }
  json published(const FileEvent& event) {
    bus_.publish(event);
    json out = json::parse(seen_.back().json, nullptr, false);
    EXPECT_TRUE(out.is_object()) << seen_.back().json;
    return out;
  }

  SystemRandom random_;
  EventBus bus_{random_};
  std::vector<BusEvent> seen_;
};

TEST_F(FileEventsTest, UploadIsOfTheDocumentedShape) {
  FileEvent upload = event(FileActivity::kUpload);
  upload.bytes = 121;
  upload.etag = "00112233445566778899aabbccddeeff-1";
  json seen = published(upload);
  EXPECT_EQ(seen["id"].get<std::string>().size(), 36u);
  EXPECT_EQ(seen["id"].get<std::string>()[14], '4');
  seen.erase("id");
  EXPECT_EQ(seen, json::parse(R"({
    "version": "0", "detail-type": "SFTP Server File Upload Completed", "source": "aws.transfer",
    "account": "111122223333", "time": "2026-01-02T03:04:05Z", "region": "eu-west-1",
    "resources": ["arn:aws:transfer:eu-west-1:111122223333:server/s-0123456789abcdef0"],
    "detail": {"status-code": "COMPLETED", "protocol": "SFTP", "bytes": 121,
      "client-ip": "198.51.100.7", "end-timestamp": "2026-01-02T03:04:05.678Z",
      "etag": "00112233445566778899aabbccddeeff-1", "file-path": "/demo-bucket/ann/a.csv",
      "server-id": "s-0123456789abcdef0", "username": "ann",
      "session-id": "0f1e2d3c4b5a69788796", "start-timestamp": "2026-01-02T03:04:03.250Z"}})"));
  EXPECT_EQ(seen_.back().server_id, "s-0123456789abcdef0");
  EXPECT_EQ(seen_.back().detail_type, "SFTP Server File Upload Completed");
  EXPECT_EQ(seen_.back().time, upload.end);
}

TEST_F(FileEventsTest, FailureTellsCodeAndMessage) {
  FileEvent download = event(FileActivity::kDownload);
  download.failure = FileFailure::kPartialDownload;
  download.failure_message = "File was partially downloaded.";
  download.bytes = 4100;
  const json seen = published(download);
  EXPECT_EQ(seen["detail-type"], "SFTP Server File Download Failed");
  EXPECT_EQ(seen["detail"]["status-code"], "FAILED");
  EXPECT_EQ(seen["detail"]["failure-code"], "PARTIAL_DOWNLOAD");
  EXPECT_EQ(seen["detail"]["failure-message"], "File was partially downloaded.");
  EXPECT_EQ(seen["detail"]["bytes"], 4100);
  EXPECT_FALSE(seen["detail"].contains("etag"));
}

TEST_F(FileEventsTest, EachActivityNamesItsPathsAsDocumented) {
  struct Case {
    FileActivity activity;
    std::string_view type;
    std::set<std::string> paths;
  };
  const Case cases[] = {
      {FileActivity::kUpload, "File Upload", {"file-path"}},
      {FileActivity::kDownload, "File Download", {"file-path"}},
      {FileActivity::kDelete, "File Delete", {"file-path"}},
      {FileActivity::kRename, "File Rename", {"original-file-path", "renamed-file-path"}},
      {FileActivity::kDirectoryCreate, "Directory Create", {"directory-path"}},
      {FileActivity::kDirectoryDelete, "Directory Delete", {"directory-path"}},
  };
  for (const Case& one : cases) {
    FileEvent file = event(one.activity);
    file.new_path = "/demo-bucket/ann/b.csv";
    for (const bool fails : {false, true}) {
      file.failure = fails ? FileFailure::kUnknown : FileFailure::kNone;
      const json seen = published(file);
      EXPECT_EQ(seen["detail-type"],
                "SFTP Server " + std::string(one.type) + (fails ? " Failed" : " Completed"));
      EXPECT_EQ(seen["detail"].value("failure-code", ""), fails ? "UNKNOWN_ERROR" : "");
      std::set<std::string> paths;
      for (const auto& [key, value] : seen["detail"].items()) {
        if (key.ends_with("-path")) paths.insert(key);
      }
      EXPECT_EQ(paths, one.paths);
    }
  }
}

TEST_F(FileEventsTest, HostileNamesStayValues) {
  FileEvent file = event(FileActivity::kDelete);
  const std::string path("/b/\",\"bytes\":9,\"x\":\"\n\0\xff", 24);
  file.path = path;
  const json seen = published(file);
  EXPECT_FALSE(seen["detail"].contains("bytes"));
  EXPECT_EQ(seen["detail"]["file-path"].get<std::string>().substr(0, 14), "/b/\",\"bytes\":9");
  EXPECT_EQ(seen_.back().json.find('\n'), std::string::npos);
}

TEST_F(FileEventsTest, AnArnThatIsNoneGivesNoAccount) {
  FileEvent file = event(FileActivity::kDelete);
  file.server_arn = "nonsense";
  const json seen = published(file);
  EXPECT_FALSE(seen.contains("account"));
  EXPECT_FALSE(seen.contains("region"));
}

TEST_F(FileEventsTest, EverySinkGetsEveryEvent) {
  std::vector<BusEvent> other;
  bus_.add(std::make_unique<Collector>(other));
  bus_.publish(event(FileActivity::kDelete));
  bus_.publish(event(FileActivity::kRename));
  ASSERT_EQ(seen_.size(), 2u);
  ASSERT_EQ(other.size(), 2u);
  EXPECT_EQ(other[1].json, seen_[1].json);
  EXPECT_NE(json::parse(seen_[0].json)["id"], json::parse(seen_[1].json)["id"]);
}

TEST(EventBus, WithoutSinksNobodyListens) {
  SystemRandom random;
  EXPECT_FALSE(EventBus(random).has_sinks());
  EventBus(random).publish({});
}

}  // namespace
}  // namespace sallyport::events
