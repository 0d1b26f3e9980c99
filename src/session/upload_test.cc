#include "session/testing/session_fixture.h"

namespace sallyport::session {
namespace {

using testing::SessionTest;
using KeysSeen = std::set<std::string>;

TEST_F(SessionTest, PublishesAnUploadAtItsClose) {
  auto upload = open_upload("a.csv", kPut);
  ASSERT_TRUE(write(*upload, 0, "hello ").ok());
  ASSERT_TRUE(write(*upload, 6, "world").ok());
  EXPECT_EQ(upload->attributes().size, 11u);
  EXPECT_EQ(objects.find("demo", "ann/a.csv"), nullptr);
  ASSERT_TRUE(wait(upload->close()).ok());
  const auto* object = objects.find("demo", "ann/a.csv");
  ASSERT_NE(object, nullptr);
  EXPECT_EQ(object->content, "hello world");
  EXPECT_EQ(object->info.metadata,
            (storage::Metadata{{"user-agent", "AWSTransfer"},
                               {"user-agent-id", "ann@s-0123456789abcdef0"}}));

  const auto written = lines();
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(keys_of(written[0]),
            (KeysSeen{"activity-type", "mode", "path", "resource-arn", "session-id"}));
  EXPECT_EQ(written[0]["activity-type"], "OPEN");
  EXPECT_EQ(written[0]["mode"], "CREATE|TRUNCATE|WRITE");
  EXPECT_EQ(written[0]["path"], "/demo/ann/a.csv");
  EXPECT_EQ(keys_of(written[1]),
            (KeysSeen{"activity-type", "path", "bytes-in", "resource-arn", "session-id"}));
  EXPECT_EQ(written[1]["activity-type"], "CLOSE");
  EXPECT_EQ(written[1]["bytes-in"], "11");
  EXPECT_NE(metrics.text().find("sallyport_bytes_in_total{server=\"s-0123456789abcdef0\"} 11"),
            std::string::npos);
  expect_refused(write(*upload, 11, "x"), Errc::kInvalidArgument);
  expect_refused(wait(upload->close()), Errc::kInvalidArgument);
}

TEST_F(SessionTest, ReadsWhatIsThere) {
  objects.put("demo", "ann/a", "0123456789");
  auto opened = wait(session().open_download("a"));
  ASSERT_TRUE(opened.ok());
  Download& download = **opened;
  EXPECT_EQ(download.attributes().size, 10u);
  std::string buffer(4, '-');
  const iovec into{buffer.data(), buffer.size()};
  EXPECT_EQ(*wait(download.read_at(2, {&into, 1})), 4u);
  EXPECT_EQ(buffer, "2345");
  EXPECT_EQ(**download.try_read_at(8, {&into, 1}), 2u);
  EXPECT_EQ(*wait(download.read_at(10, {&into, 1})), 0u);
  ASSERT_TRUE(wait(download.close()).ok());
  expect_refused(wait(download.read_at(0, {&into, 1})), Errc::kInvalidArgument);
  expect_refused(wait(download.close()), Errc::kInvalidArgument);

  const auto written = lines();
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(written[0]["mode"], "READ");
  EXPECT_EQ(written[1]["activity-type"], "CLOSE");
  EXPECT_EQ(written[1]["bytes-out"], "6");

  expect_refused(wait(session().open_download("missing")), Errc::kNotFound);
  expect_refused(wait(session().open_download("/demo")), Errc::kConflict);
  EXPECT_TRUE(lines().empty());
}

TEST_F(SessionTest, WritesPartialCloseForADownloadThatWasCut) {
  objects.put("demo", "ann/a", "0123456789");
  auto opened = wait(session().open_download("a"));
  ASSERT_TRUE(opened.ok());
  wait((*opened)->connection_lost());
  EXPECT_EQ(lines().at(1)["activity-type"], "PARTIAL_CLOSE");
}

TEST_F(SessionTest, RefusesModesThatS3CannotServe) {
  struct Case {
    OpenMode mode;
    const char* text;
  };
  const Case cases[] = {
      {{.read = true, .write = true, .create = true, .truncate = true},
       "Cannot open file in mode: CREATE|READ|TRUNCATE|WRITE"},
      {{.read = true, .write = true, .create = true, .exclusive = true},
       "Cannot open file in mode: CREATE|EXCLUSIVE|READ|WRITE"},
      {{.read = true, .write = true, .append = true, .create = true},
       "Cannot open file in mode: APPEND|CREATE|READ|WRITE"},
      {{.write = true, .append = true, .create = true},
       "Cannot open file in mode: APPEND|CREATE|WRITE"},
      {{.create = true}, "Cannot open file in mode: CREATE"},
  };
  for (const Case& c : cases) {
    const auto refused = wait(session().open_upload("a", c.mode));
    expect_refused(refused, Errc::kUnsupported);
    EXPECT_EQ(refused.error().message, c.text);
    const auto written = lines();
    ASSERT_EQ(written.size(), 1u);
    EXPECT_EQ(written[0]["message"], c.text);
    EXPECT_EQ(written[0]["operation"], "OPEN");
  }
  EXPECT_TRUE(objects.calls.empty());
}

TEST_F(SessionTest, JudgesCreateAndExclusive) {
  objects.put("demo", "ann/old", "old");
  objects.put("demo", "ann/dir/x", "1");
  const OpenMode exclusive{.write = true, .create = true, .exclusive = true};
  expect_refused(wait(session().open_upload("old", exclusive)), Errc::kAlreadyExists);
  expect_refused(wait(session().open_upload("missing", {.write = true})), Errc::kNotFound);
  expect_refused(wait(session().open_upload("dir", {.write = true})), Errc::kConflict);
  expect_refused(wait(session().open_upload("/", kPut)), Errc::kConflict);

  auto made_meanwhile = open_upload("new", exclusive);
  objects.put("demo", "ann/new", "theirs");
  expect_refused(wait(made_meanwhile->close()), Errc::kAlreadyExists);
  EXPECT_EQ(objects.find("demo", "ann/new")->content, "theirs");
}

TEST_F(SessionTest, TakesAnOpenWithoutTruncateAsRewriting) {
  objects.put("demo", "ann/old", "old content");
  auto rewritten = open_upload("old", {.write = true});
  ASSERT_TRUE(write(*rewritten, 0, "new").ok());
  ASSERT_TRUE(wait(rewritten->close()).ok());
  EXPECT_EQ(objects.find("demo", "ann/old")->content, "new");

  auto untouched = open_upload("old", {.write = true, .create = true});
  ASSERT_TRUE(wait(untouched->close()).ok());
  EXPECT_EQ(objects.find("demo", "ann/old")->content, "new");
  auto made = open_upload("empty", {.write = true, .create = true});
  ASSERT_TRUE(wait(made->close()).ok());
  EXPECT_NE(objects.find("demo", "ann/empty"), nullptr);

  auto truncated = open_upload("old", {.write = true, .truncate = true});
  ASSERT_TRUE(wait(truncated->close()).ok());
  EXPECT_EQ(objects.find("demo", "ann/old")->content, "");
}

TEST_F(SessionTest, AnUntouchedFileStaysWhateverIsKnownOfIt) {
  constexpr OpenMode kKeep{.write = true, .create = true};
  objects.put("demo", "ann/old", "old content");
  auto asked_in_vain = open_upload("old", kKeep);
  objects.fail_next = Error(Errc::kUnavailable, "the store is away");
  expect_refused(wait(asked_in_vain->close()), Errc::kUnavailable);
  EXPECT_EQ(objects.find("demo", "ann/old")->content, "old content");

  allow(
      R"({"Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::demo/ann/*"}]})");
  auto unseen = open_upload("old", kKeep);
  ASSERT_TRUE(wait(unseen->close()).ok());
  auto lost = open_upload("old", kKeep);
  wait(lost->connection_lost());
  EXPECT_EQ(objects.find("demo", "ann/old")->content, "old content");
  auto made = open_upload("new", kKeep);
  ASSERT_TRUE(wait(made->close()).ok());
  EXPECT_EQ(objects.find("demo", "ann/new")->content, "");
}

TEST_F(SessionTest, RefusesRandomWritesAndKeepsTheOldFile) {
  objects.put("demo", "ann/a", "old");
  for (const std::uint64_t offset : {0u, 3u, 7u}) {
    auto upload = open_upload("a", kPut);
    ASSERT_TRUE(write(*upload, 0, "12345").ok());
    const auto refused = write(*upload, offset, "12345");
    expect_refused(refused, Errc::kUnsupported);
    EXPECT_EQ(refused.error().message,
              "AWS Transfer does not support random access writes to S3 objects");
    expect_refused(write(*upload, 5, "6"), Errc::kUnsupported);
    expect_refused(wait(upload->close()), Errc::kUnsupported);
    EXPECT_EQ(objects.find("demo", "ann/a")->content, "old");
  }
  EXPECT_EQ(objects.aborted, 3);
  const auto written = lines();
  ASSERT_EQ(written.size(), 9u);
  EXPECT_EQ(written[1]["operation"], "WRITE");
  EXPECT_EQ(written[1]["message"],
            "AWS Transfer does not support random access writes to S3 objects");
  EXPECT_EQ(written[2]["operation"], "CLOSE");
}

TEST_F(SessionTest, KeepsWhatCameWhenTheConnectionIsLost) {
  auto upload = open_upload("a", kPut);
  ASSERT_TRUE(write(*upload, 0, "half").ok());
  wait(upload->connection_lost());
  EXPECT_EQ(objects.find("demo", "ann/a")->content, "half");
  const auto written = lines();
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(keys_of(written[1]),
            (KeysSeen{"activity-type", "path", "bytes-in", "resource-arn", "session-id"}));
  EXPECT_EQ(written[1]["activity-type"], "PARTIAL_CLOSE");
  EXPECT_EQ(written[1]["bytes-in"], "4");
  wait(upload->connection_lost());
  EXPECT_TRUE(lines().empty());
}

TEST_F(SessionTest, LeavesNothingOfAFailedUploadWhenTheConnectionIsLost) {
  auto upload = open_upload("a", kPut);
  expect_refused(write(*upload, 9, "x"), Errc::kUnsupported);
  wait(upload->connection_lost());
  EXPECT_EQ(objects.find("demo", "ann/a"), nullptr);
}

TEST_F(SessionTest, LeavesNothingOfAnUploadThatIsDropped) {
  open_upload("a", kPut).reset();
  EXPECT_EQ(objects.find("demo", "ann/a"), nullptr);
}

TEST_F(SessionTest, SaysWhyACloseFailed) {
  auto upload = open_upload("a", kPut);
  ASSERT_TRUE(write(*upload, 0, "0123456789abc").ok());
  objects.fail_commit = Error(Errc::kPermissionDenied, "no", "AccessDenied");
  expect_refused(wait(upload->close()), Errc::kPermissionDenied);
  const auto written = lines();
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(keys_of(written[1]),
            (KeysSeen{"activity-type", "operation", "path", "message", "bytes-in", "request-id",
                      "s3extended-request-id", "resource-arn", "session-id"}));
  EXPECT_EQ(written[1]["operation"], "CLOSE");
  EXPECT_EQ(written[1]["message"], "Access denied");
  EXPECT_EQ(written[1]["bytes-in"], "13");
}

TEST_F(SessionTest, KeepsFailingAfterStorageFailedAWrite) {
  auto upload = open_upload("a", kPut);
  objects.fail_write = Error(Errc::kUnavailable, "No space left on device");
  expect_refused(write(*upload, 0, "x"), Errc::kUnavailable);
  expect_refused(write(*upload, 0, "x"), Errc::kUnavailable);
  expect_refused(wait(upload->close()), Errc::kUnavailable);
  EXPECT_EQ(objects.find("demo", "ann/a"), nullptr);
}

TEST_F(SessionTest, RefusesUploadsIntoAMissingBucketAsAFailure) {
  const auto refused = wait(session().open_upload("/nobucket/a", kPut));
  expect_refused(refused, Errc::kIo);
  const auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0]["operation"], "OPEN");
  EXPECT_EQ(written[0]["path"], "/nobucket/a");
}

TEST_F(SessionTest, LooksAtNothingBeforeAnOrdinaryUpload) {
  allow(
      R"({"Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::demo/ann/*"}]})");
  auto upload = open_upload("a", kPut);
  ASSERT_TRUE(wait(upload->close()).ok());
  EXPECT_EQ(objects.calls, std::vector<std::string>{"create demo/ann/a"});
}

TEST_F(SessionTest, LetsAHandleOutliveItsSession) {
  auto upload = open_upload("a", kPut);
  log_in_again();
  ASSERT_TRUE(write(*upload, 0, "x").ok());
  ASSERT_TRUE(wait(upload->close()).ok());
  EXPECT_EQ(objects.find("demo", "ann/a")->content, "x");
}

}  // namespace
}  // namespace sallyport::session
