// What sessions tell the event bus of files and directories.
#include "session/testing/session_fixture.h"

namespace sallyport::session {
namespace {

using nlohmann::json;

class FileOperationTest : public testing::SessionTest {
 protected:
  class Collector final : public events::EventSink {
   public:
    explicit Collector(std::vector<json>& seen) : seen_(&seen) {}
    void deliver(const events::BusEvent& event) override {
      seen_->push_back(json::parse(event.json, nullptr, false));
    }

   private:
    std::vector<json>* seen_;
  };

  FileOperationTest() {
    bus.add(std::make_unique<Collector>(seen_));
    facts.protocol = "SFTP";
    facts.source_ip = "192.0.2.1";
  }

  // The one event since the last call; its detail alone, without what all have in common.
  json told(std::string_view type) {
    EXPECT_EQ(seen_.size(), 1u);
    if (seen_.empty()) return json::object();
    json event = std::move(seen_.back());
    seen_.clear();
    EXPECT_EQ(event["detail-type"], "SFTP Server " + std::string(type));
    json detail = event["detail"];
    EXPECT_EQ(detail["server-id"], server.id.str());
    EXPECT_EQ(detail["username"], "ann");
    EXPECT_EQ(detail["session-id"], session().id());
    EXPECT_EQ(detail["client-ip"], "192.0.2.1");
    EXPECT_EQ(detail["protocol"], "SFTP");
    EXPECT_EQ(detail["status-code"], type.ends_with("Completed") ? "COMPLETED" : "FAILED");
    for (const char* common :
         {"server-id", "username", "session-id", "client-ip", "protocol", "status-code"})
      detail.erase(common);
    EXPECT_EQ(detail["start-timestamp"], "2026-01-02T03:04:05.000Z");
    EXPECT_EQ(detail["end-timestamp"], "2026-01-02T03:04:07.000Z");
    detail.erase("start-timestamp");
    detail.erase("end-timestamp");
    return detail;
  }
  void two_seconds() { clock.advance(std::chrono::seconds(2)); }
  void back() { clock.set_wall(from_unix_ms(1767323045000)); }

  std::unique_ptr<Download> open_download(std::string path) {
    auto opened = wait(session().open_download(std::move(path)));
    EXPECT_TRUE(opened.ok());
    return opened.ok() ? std::move(*opened) : nullptr;
  }
  static void read(Download& download, std::uint64_t offset, std::size_t size) {
    std::string buffer(size, '-');
    const iovec into{buffer.data(), buffer.size()};
    EXPECT_EQ(*wait(download.read_at(offset, {&into, 1})), size);
  }

  std::vector<json> seen_;
};

TEST_F(FileOperationTest, UploadTellsBytesETagAndTimes) {
  auto upload = open_upload("a", kPut);
  ASSERT_TRUE(write(*upload, 0, "hello").ok());
  EXPECT_TRUE(seen_.empty());
  two_seconds();
  ASSERT_TRUE(wait(upload->close()).ok());
  const json detail = told("File Upload Completed");
  EXPECT_EQ(detail, (json{{"file-path", "/demo/ann/a"}, {"bytes", 5}, {"etag", "0-1"}}));
}

TEST_F(FileOperationTest, UploadThatWasCutIsPartial) {
  auto upload = open_upload("a", kPut);
  ASSERT_TRUE(write(*upload, 0, "half").ok());
  two_seconds();
  wait(upload->connection_lost());
  EXPECT_EQ(told("File Upload Failed"),
            (json{{"file-path", "/demo/ann/a"},
                  {"bytes", 4},
                  {"failure-code", "PARTIAL_UPLOAD"},
                  {"failure-message", "File was partially uploaded."}}));
}

TEST_F(FileOperationTest, UploadThatFailedIsToldOnceAtItsEnd) {
  auto upload = open_upload("a", kPut);
  expect_refused(write(*upload, 9, "x"), Errc::kUnsupported);
  expect_refused(write(*upload, 10, "x"), Errc::kUnsupported);
  EXPECT_TRUE(seen_.empty());
  two_seconds();
  expect_refused(wait(upload->close()), Errc::kUnsupported);
  EXPECT_EQ(told("File Upload Failed"),
            (json{{"file-path", "/demo/ann/a"},
                  {"bytes", 0},
                  {"failure-code", "UNKNOWN_ERROR"},
                  {"failure-message",
                   "AWS Transfer does not support random access writes to S3 objects"}}));

  back();
  upload = open_upload("a", kPut);
  two_seconds();
  objects.fail_commit = Error(Errc::kIo, "write to /var/lib/secret");
  expect_refused(wait(upload->close()), Errc::kIo);
  EXPECT_EQ(told("File Upload Failed")["failure-message"], "Failure");
}

TEST_F(FileOperationTest, UploadThatIsDroppedTellsNothing) {
  open_upload("a", kPut).reset();
  EXPECT_TRUE(seen_.empty());
}

TEST_F(FileOperationTest, DownloadIsCompleteWhenItWasReadToItsEnd) {
  objects.put("demo", "ann/a", "0123456789");
  auto download = open_download("a");
  read(*download, 0, 6);
  read(*download, 6, 4);
  two_seconds();
  ASSERT_TRUE(wait(download->close()).ok());
  EXPECT_EQ(told("File Download Completed"),
            (json{{"file-path", "/demo/ann/a"}, {"bytes", 10}, {"etag", "0-1"}}));

  back();
  objects.put("demo", "ann/empty", "");
  download = open_download("empty");
  two_seconds();
  ASSERT_TRUE(wait(download->close()).ok());
  EXPECT_EQ(told("File Download Completed")["bytes"], 0);
}

TEST_F(FileOperationTest, DownloadOfAPartIsPartialHoweverItEnds) {
  objects.put("demo", "ann/a", "0123456789");
  for (const bool lost : {false, true}) {
    back();
    auto download = open_download("a");
    read(*download, 6, 4);
    two_seconds();
    if (lost) {
      wait(download->connection_lost());
    } else {
      ASSERT_TRUE(wait(download->close()).ok());
    }
    EXPECT_EQ(told("File Download Failed"),
              (json{{"file-path", "/demo/ann/a"},
                    {"bytes", 4},
                    {"failure-code", "PARTIAL_DOWNLOAD"},
                    {"failure-message", "File was partially downloaded."}}));
  }
}

TEST_F(FileOperationTest, OpenThatIsRefusedIsATransferThatFailed) {
  clock.advance(std::chrono::seconds(-2));
  const auto refused = [this](std::string_view type, const char* message) {
    ASSERT_EQ(seen_.size(), 1u);
    EXPECT_EQ(seen_[0]["detail-type"], "SFTP Server " + std::string(type));
    EXPECT_EQ(seen_[0]["detail"]["failure-code"], "UNKNOWN_ERROR");
    EXPECT_EQ(seen_[0]["detail"]["failure-message"], message);
    EXPECT_FALSE(seen_[0]["detail"].contains("bytes"));
    seen_.clear();
  };
  expect_refused(wait(session().open_download("missing")), Errc::kNotFound);
  refused("File Download Failed", "No such file or directory");
  expect_refused(wait(session().open_upload("a", {.write = true, .append = true})),
                 Errc::kUnsupported);
  refused("File Upload Failed", "Cannot open file in mode: APPEND|WRITE");
  allow(R"({"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]})");
  expect_refused(wait(session().open_upload("a", kPut)), Errc::kPermissionDenied);
  refused("File Upload Failed", "Permission denied");
}

TEST_F(FileOperationTest, NamesAndDirectoriesAreToldByTheirPaths) {
  objects.put("demo", "ann/a", "1");
  const auto tell = [this](std::string_view type) {
    EXPECT_EQ(seen_.size(), 1u) << type;
    if (seen_.empty()) return json::object();
    json event = std::move(seen_.back());
    seen_.clear();
    EXPECT_EQ(event["detail-type"], "SFTP Server " + std::string(type));
    json paths = json::object();
    for (const auto& [key, value] : event["detail"].items())
      if (key.ends_with("-path")) paths[key] = value;
    return paths;
  };
  const json two{{"original-file-path", "/demo/ann/a"}, {"renamed-file-path", "/demo/ann/b"}};
  ASSERT_TRUE(wait(session().rename("a", "b")).ok());
  EXPECT_EQ(tell("File Rename Completed"), two);
  expect_refused(wait(session().rename("a", "b")), Errc::kNotFound);
  EXPECT_EQ(tell("File Rename Failed"), two);
  ASSERT_TRUE(wait(session().remove_file("b")).ok());
  EXPECT_EQ(tell("File Delete Completed"), (json{{"file-path", "/demo/ann/b"}}));
  expect_refused(wait(session().remove_file("b")), Errc::kNotFound);
  EXPECT_EQ(tell("File Delete Failed"), (json{{"file-path", "/demo/ann/b"}}));
  const json directory{{"directory-path", "/demo/ann/d"}};
  ASSERT_TRUE(wait(session().make_directory("d")).ok());
  EXPECT_EQ(tell("Directory Create Completed"), directory);
  expect_refused(wait(session().make_directory("d")), Errc::kAlreadyExists);
  EXPECT_EQ(tell("Directory Create Failed"), directory);
  ASSERT_TRUE(wait(session().remove_directory("d")).ok());
  EXPECT_EQ(tell("Directory Delete Completed"), directory);
  expect_refused(wait(session().remove_directory("d")), Errc::kNotFound);
  EXPECT_EQ(tell("Directory Delete Failed"), directory);
}

TEST_F(FileOperationTest, LogicalUsersPathsAreTheRealOnes) {
  make_logical({{"/in", "/demo/elsewhere", "DIRECTORY", true}});
  ASSERT_TRUE(wait(session().make_directory("/in/d")).ok());
  ASSERT_EQ(seen_.size(), 1u);
  EXPECT_EQ(seen_[0]["detail"]["directory-path"], "/demo/elsewhere/d");
}

TEST_F(FileOperationTest, LooksAndAttributesTellNothing) {
  objects.put("demo", "ann/a", "1");
  ASSERT_TRUE(wait(session().stat("a")).ok());
  ASSERT_TRUE(list(".").ok());
  expect_refused(wait(session().set_attributes("a")), Errc::kUnsupported);
  EXPECT_TRUE(seen_.empty());
}

}  // namespace
}  // namespace sallyport::session
