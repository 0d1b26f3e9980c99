// Files that are written at an extended server, over buckets in memory and a spool on disk.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "session/testing/session_fixture.h"
#include "state/test_folder.h"
#include "storage/testing/faulty_object_store.h"

namespace sallyport::session {
namespace {

using storage::testing::Call;
using testing::SessionTest;

constexpr OpenMode kUpdate{.read = true, .write = true};
constexpr OpenMode kAppend{.write = true, .append = true, .create = true};
constexpr OpenMode kReadWriteNew{.read = true, .write = true, .create = true, .truncate = true};

class EditedFileTest : public SessionTest {
 protected:
  EditedFileTest() { make_site(2'000'000, 1'000'000); }

  void make_site(std::uint64_t bytes, std::uint64_t file_bytes) {
    log_in_again();
    auto spool = Spool::open({folder.file("spool"), bytes, file_bytes}, pool);
    ASSERT_TRUE(spool.ok()) << spool.error().message;
    site = std::make_unique<SiteRules>(std::move(*spool), clock);
    site->set_compatibility({{"default", model::Compatibility::kExtended}});
  }
  std::string content(const std::string& key) {
    const auto* object = objects.find("demo", key);
    return object == nullptr ? "(none)" : object->content;
  }
  static std::string read(Upload& file, std::uint64_t offset, std::size_t n) {
    std::string out(n, '-');
    const iovec into{out.data(), n};
    const auto got = wait(file.read_at(offset, {&into, 1}));
    if (!got.ok()) return got.error().message;
    out.resize(*got);
    return out;
  }

  state::TestFolder folder;
};

TEST_F(EditedFileTest, IsPublishedWholeAfterWritesInAnyOrder) {
  auto file = open_upload("a", kPut);
  ASSERT_TRUE(write(*file, 6, "world").ok());
  EXPECT_EQ(file->attributes().size, 11u);
  ASSERT_TRUE(write(*file, 0, "hello ").ok());
  ASSERT_TRUE(write(*file, 1, "E").ok());
  EXPECT_EQ(objects.find("demo", "ann/a"), nullptr);
  ASSERT_TRUE(wait(file->close()).ok());
  EXPECT_EQ(content("ann/a"), "hEllo world");
  EXPECT_EQ(objects.find("demo", "ann/a")->info.metadata.at("user-agent"), "AWSTransfer");
  const auto written = lines();
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(written[0]["mode"], "CREATE|TRUNCATE|WRITE");
  EXPECT_EQ(written[1]["bytes-in"], "12");
  EXPECT_EQ(site->spool()->used(), 0u);
}

TEST_F(EditedFileTest, TakesWhatWasWrittenInOrderToTheSpool) {
  auto file = open_upload("a", kPut);
  ASSERT_TRUE(write(*file, 0, "0123").ok());
  ASSERT_TRUE(write(*file, 4, "4567").ok());
  EXPECT_EQ(site->spool()->used(), 0u) << "in order goes straight to storage";
  ASSERT_TRUE(write(*file, 10, "ab").ok());
  EXPECT_EQ(site->spool()->used(), 12u);
  ASSERT_TRUE(write(*file, 8, "89").ok());
  ASSERT_TRUE(wait(file->close()).ok());
  EXPECT_EQ(content("ann/a"), "0123456789ab");
}

TEST_F(EditedFileTest, HolesAreZeros) {
  auto file = open_upload("a", kPut);
  ASSERT_TRUE(write(*file, 3, "x").ok());
  ASSERT_TRUE(wait(file->close()).ok());
  EXPECT_EQ(content("ann/a"), std::string("\0\0\0x", 4));
}

TEST_F(EditedFileTest, AppendsWithoutTheSpoolWhateverTheOffset) {
  objects.put("demo", "ann/log", "old\n");
  auto file = open_upload("log", kAppend);
  EXPECT_EQ(file->attributes().size, 4u);
  ASSERT_TRUE(write(*file, 0, "new\n").ok());
  ASSERT_TRUE(write(*file, 0, "newer\n").ok());
  EXPECT_EQ(site->spool()->used(), 0u);
  EXPECT_EQ(content("ann/log"), "old\n");
  ASSERT_TRUE(wait(file->close()).ok());
  EXPECT_EQ(content("ann/log"), "old\nnew\nnewer\n");
  EXPECT_EQ(lines().back()["bytes-in"], "10");
}

TEST_F(EditedFileTest, AnUploadIsResumedWhereItEnded) {
  objects.put("demo", "ann/a", "first half ");
  auto file = open_upload("a", {.write = true, .create = true});
  ASSERT_TRUE(write(*file, 11, "second half").ok());
  ASSERT_TRUE(wait(file->close()).ok());
  EXPECT_EQ(content("ann/a"), "first half second half");
}

TEST_F(EditedFileTest, AppendsToNothing) {
  auto file = open_upload("log", kAppend);
  ASSERT_TRUE(write(*file, 0, "one").ok());
  ASSERT_TRUE(wait(file->close()).ok());
  EXPECT_EQ(content("ann/log"), "one");
}

TEST_F(EditedFileTest, ReadsSeeTheOldContentAndTheWrites) {
  objects.put("demo", "ann/a", "0123456789");
  auto file = open_upload("a", kUpdate);
  EXPECT_TRUE(file->readable());
  EXPECT_EQ(read(*file, 2, 3), "234");
  ASSERT_TRUE(write(*file, 4, "XY").ok());
  EXPECT_EQ(read(*file, 0, 100), "0123XY6789");
  EXPECT_EQ(read(*file, 10, 5), "");
  ASSERT_TRUE(write(*file, 10, "!").ok());
  EXPECT_EQ(read(*file, 8, 100), "89!");
  ASSERT_TRUE(wait(file->close()).ok());
  EXPECT_EQ(content("ann/a"), "0123XY6789!");
}

TEST_F(EditedFileTest, ReadsBackWhatWasWrittenInOrder) {
  auto file = open_upload("a", kReadWriteNew);
  ASSERT_TRUE(write(*file, 0, "abc").ok());
  EXPECT_EQ(read(*file, 1, 10), "bc");
  EXPECT_EQ(site->spool()->used(), 0u);
  ASSERT_TRUE(wait(file->close()).ok());
  EXPECT_EQ(content("ann/a"), "abc");
}

TEST_F(EditedFileTest, WithoutAWriteTheFileStaysWhatItWas) {
  objects.put("demo", "ann/a", "old");
  const auto etag = objects.find("demo", "ann/a")->info.etag;
  auto file = open_upload("a", kUpdate);
  ASSERT_TRUE(wait(file->close()).ok());
  EXPECT_EQ(content("ann/a"), "old");
  EXPECT_EQ(objects.aborted, 1);
  auto fresh = open_upload("new", {.write = true, .create = true});
  ASSERT_TRUE(wait(fresh->close()).ok());
  EXPECT_EQ(content("ann/new"), "");
}

TEST_F(EditedFileTest, KeepsTypeAndModeAndNotTheTimeOfWhatItChanges) {
  objects.put("demo", "ann/a", "old");
  auto& info = objects.buckets["demo"]["ann/a"].info;
  info.content_type = "text/csv";
  info.metadata = {{"mode", "33152"}, {"mtime", "1000000000"}, {"colour", "red"}};
  auto file = open_upload("a", kUpdate);
  EXPECT_EQ(file->attributes().mode, 0600u);
  ASSERT_TRUE(write(*file, 0, "new").ok());
  ASSERT_TRUE(wait(file->close()).ok());
  const auto& now = objects.find("demo", "ann/a")->info;
  EXPECT_EQ(now.content_type, "text/csv");
  EXPECT_EQ(now.metadata.at("mode"), "33152");
  EXPECT_EQ(now.metadata.at("colour"), "red");
  EXPECT_EQ(now.metadata.count("mtime"), 0u);
}

TEST_F(EditedFileTest, KeepsTheTimeAndModeSetOnTheHandle) {
  auto file = open_upload("a", kPut);
  ASSERT_TRUE(write(*file, 0, "x").ok());
  AttributeChange change;
  change.mode = 0100640;
  change.modified = from_unix_ms(1'000'000'000'000);
  ASSERT_TRUE(wait(file->set_attributes(change)).ok());
  EXPECT_EQ(file->attributes().mode, 0640u);
  ASSERT_TRUE(wait(file->close()).ok());
  const auto seen = wait(session().stat("a"));
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->mode, 0640u);
  EXPECT_EQ(to_unix_ms(seen->modified), 1'000'000'000'000);
  EXPECT_EQ(objects.find("demo", "ann/a")->info.metadata.at("mtime"), "1000000000");
}

// sshfs asks by name for what it has just opened.
TEST_F(EditedFileTest, IsSeenByNameInItsOwnSessionWhileItIsWritten) {
  auto file = open_upload("a", kPut);
  ASSERT_TRUE(write(*file, 0, "12345").ok());
  Session other(SessionServices{*store, authorizer, log, metrics, clock, random, &bus, site.get()},
                server, ann, facts);
  expect_refused(wait(other.stat("a")), Errc::kNotFound);
  expect_refused(wait(session().stat("b")), Errc::kNotFound);
  auto seen = wait(session().stat("/demo/ann/a"));
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->size, 5u);
  ASSERT_TRUE(wait(file->close()).ok());
  seen = wait(other.stat("a"));
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->size, 5u);
}

TEST_F(EditedFileTest, IsNotSeenByNameOnceItsHandleIsGone) {
  objects.put("demo", "ann/old", "1");
  {
    auto dropped = open_upload("a", kPut), older = open_upload("old", kUpdate);
    ASSERT_TRUE(write(*older, 1, "2").ok());
    EXPECT_EQ(wait(session().stat("old"))->size, 2u);
    EXPECT_TRUE(wait(session().stat("a")).ok());
  }
  EXPECT_EQ(wait(session().stat("old"))->size, 1u);
  expect_refused(wait(session().stat("a")), Errc::kNotFound);
  auto lost = open_upload("a", kPut), again = open_upload("a", kPut);
  lost.reset();
  EXPECT_TRUE(wait(session().stat("a")).ok()) << "the other handle is still there";
}

TEST_F(EditedFileTest, KeepsTheTimeAndModeSetByNameWhileItIsWritten) {
  auto file = open_upload("a", kPut);
  AttributeChange change;
  change.mode = 0100600;
  change.modified = from_unix_ms(1'000'000'000'000);
  ASSERT_TRUE(wait(session().set_attributes("a", change)).ok());
  expect_refused(wait(session().set_attributes("a", {.size = 3, .mode = {}, .modified = {}})),
                 Errc::kNotFound);
  ASSERT_TRUE(write(*file, 0, "x").ok());
  ASSERT_TRUE(wait(file->close()).ok());
  const auto seen = wait(session().stat("a"));
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->mode, 0600u);
  EXPECT_EQ(to_unix_ms(seen->modified), 1'000'000'000'000);
}

TEST_F(EditedFileTest, IsCutAndGrownOnTheHandleAndByName) {
  objects.put("demo", "ann/a", "0123456789");
  auto file = open_upload("a", kUpdate);
  AttributeChange change;
  change.size = 4;
  ASSERT_TRUE(wait(file->set_attributes(change)).ok());
  EXPECT_EQ(read(*file, 0, 100), "0123");
  change.size = 6;
  ASSERT_TRUE(wait(file->set_attributes(change)).ok());
  ASSERT_TRUE(wait(file->close()).ok());
  EXPECT_EQ(content("ann/a"), std::string("0123\0\0", 6));
  change.size = 2;
  ASSERT_TRUE(wait(session().set_attributes("a", change)).ok());
  EXPECT_EQ(content("ann/a"), "01");
  change.size = 0;
  ASSERT_TRUE(wait(session().set_attributes("a", change)).ok());
  EXPECT_EQ(content("ann/a"), "");
}

TEST_F(EditedFileTest, TheLastOfTwoWritersWinsWhole) {
  objects.put("demo", "ann/a", "......");
  auto first = open_upload("a", kUpdate), second = open_upload("a", kUpdate);
  ASSERT_TRUE(write(*first, 0, "11").ok());
  ASSERT_TRUE(write(*second, 4, "22").ok());
  ASSERT_TRUE(wait(second->close()).ok());
  EXPECT_EQ(content("ann/a"), "....22");
  ASSERT_TRUE(wait(first->close()).ok());
  EXPECT_EQ(content("ann/a"), "11....");
}

TEST_F(EditedFileTest, ALostConnectionKeepsWhatCame) {
  auto file = open_upload("a", kPut);
  ASSERT_TRUE(write(*file, 2, "cd").ok());
  ASSERT_TRUE(write(*file, 0, "ab").ok());
  wait(file->connection_lost());
  EXPECT_EQ(content("ann/a"), "abcd");
  EXPECT_EQ(lines().back()["activity-type"], "PARTIAL_CLOSE");
}

// ---- Refusals. ----

TEST_F(EditedFileTest, AFullSpoolFailsTheWriteAndPublishesNothing) {
  make_site(120, 60);
  objects.put("demo", "ann/a", "old");
  auto file = open_upload("a", kPut);
  ASSERT_TRUE(write(*file, 10, "x").ok());
  (void)lines();
  const auto too_large = write(*file, 60, "x");
  expect_refused(too_large, Errc::kLimitExceeded);
  EXPECT_EQ(too_large.error().message,
            "The file is larger than files that are not written in order may be: 60 bytes");
  const auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0]["activity-type"], "ERROR");
  EXPECT_EQ(written[0]["operation"], "WRITE");
  EXPECT_EQ(written[0]["message"], too_large.error().message);
  expect_refused(write(*file, 0, "y"), Errc::kLimitExceeded);
  expect_refused(wait(file->close()), Errc::kLimitExceeded);
  EXPECT_EQ(content("ann/a"), "old");
  EXPECT_EQ(site->spool()->used(), 0u);

  auto one = open_upload("one", kPut), two = open_upload("two", kPut);
  ASSERT_TRUE(write(*one, 59, "x").ok());
  const auto full = write(*two, 49, "x");
  expect_refused(full, Errc::kLimitExceeded);
  EXPECT_EQ(full.error().message,
            "The user's files that are not written in order take all the room of one user");
  ASSERT_TRUE(wait(one->close()).ok()) << "others go on";
  auto three = open_upload("three", kPut);
  EXPECT_TRUE(write(*three, 49, "x").ok()) << "room is given back";
}

TEST_F(EditedFileTest, HalfOfTheSpoolIsLeftToOtherUsers) {
  make_site(120, 60);
  auto own = open_upload("a", kPut);
  ASSERT_TRUE(write(*own, 59, "x").ok());
  auto other = site->spool()->create("s/ben"), third = site->spool()->create("s/eve");
  ASSERT_TRUE(wait(other->resize(60)).ok());
  const auto full = wait(third->resize(1));
  expect_refused(full, Errc::kLimitExceeded);
  EXPECT_EQ(full.error().message,
            "The server has no room for files that are not written in order now");
  other.reset();
  EXPECT_TRUE(wait(third->resize(1)).ok());
  ASSERT_TRUE(wait(own->close()).ok());
}

TEST_F(EditedFileTest, AnOffsetBeyondAllNumbersIsRefused) {
  auto file = open_upload("a", kPut);
  expect_refused(write(*file, UINT64_MAX, "x"), Errc::kLimitExceeded);
}

TEST_F(EditedFileTest, AnOldContentThatDoesNotFitIsRefused) {
  make_site(120, 60);
  objects.put("demo", "ann/a", std::string(61, 'x'));
  auto file = open_upload("a", kUpdate);
  expect_refused(write(*file, 0, "y"), Errc::kLimitExceeded);
  expect_refused(wait(file->close()), Errc::kLimitExceeded);
  EXPECT_EQ(content("ann/a"), std::string(61, 'x'));
}

TEST_F(EditedFileTest, TheSpoolReadsBackWhatAStoreCannot) {
  objects.no_read_back = true;
  auto file = open_upload("a", kReadWriteNew);
  ASSERT_TRUE(write(*file, 0, "abcdef").ok());
  EXPECT_EQ(site->spool()->used(), 6u);
  EXPECT_EQ(read(*file, 1, 10), "bcdef");
  ASSERT_TRUE(write(*file, 1, "x").ok());
  ASSERT_TRUE(wait(file->close()).ok());
  EXPECT_EQ(content("ann/a"), "axcdef");
  EXPECT_EQ(site->spool()->used(), 0u);
}

TEST_F(EditedFileTest, TheSpoolTakesTheOldContentAlongForAStoreThatReadsNothingBack) {
  objects.no_read_back = true;
  objects.put("demo", "ann/log", "old\n");
  auto file = open_upload("log", kAppend);
  ASSERT_TRUE(write(*file, 0, "new\n").ok());
  EXPECT_EQ(site->spool()->used(), 8u);
  ASSERT_TRUE(wait(file->close()).ok());
  EXPECT_EQ(content("ann/log"), "old\nnew\n");
}

TEST_F(EditedFileTest, BeyondTheSpoolAStoreThatReadsNothingBackWantsTheOrder) {
  objects.no_read_back = true;
  make_site(2'000, 1'000);
  auto file = open_upload("a", kPut);
  const std::string much(600, 'a');
  ASSERT_TRUE(write(*file, 0, much).ok());
  ASSERT_TRUE(write(*file, 600, much).ok()) << "in order needs no spool";
  expect_refused(write(*file, 1, "x"), Errc::kUnsupported);
  auto other = open_upload("b", kPut);
  EXPECT_TRUE(write(*other, 1, "x").ok()) << "there was nothing to take along";
}

TEST_F(EditedFileTest, FailuresOfTheStoreAreToldAndPublishNothing) {
  storage::testing::FaultyObjectStore faulty(objects);
  store = &faulty;
  log_in_again();
  objects.put("demo", "ann/a", "0123456789");
  for (const Call call : {Call::kOpen, Call::kCreate}) {
    faulty.faults().fail(call, Error(Errc::kIo, "broken"));
    expect_refused(wait(session().open_upload("a", kUpdate)), Errc::kIo);
  }
  for (const Call call : {Call::kRead, Call::kWrite, Call::kCommit}) {
    auto file = open_upload("a", kUpdate);
    faulty.faults().fail(call, Error(Errc::kIo, "broken"));
    const auto written = write(*file, 0, "x");
    EXPECT_EQ(written.ok(), call != Call::kRead);
    expect_refused(wait(file->close()), Errc::kIo);
    EXPECT_EQ(content("ann/a"), "0123456789");
    EXPECT_EQ(site->spool()->used(), 0u);
  }
}

TEST_F(EditedFileTest, AppendAndReadWriteWantTheRightToRead) {
  objects.put("demo", "ann/a", "old");
  allow(
      R"({"Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:ListBucket"],"Resource":"*"}]})");
  expect_refused(wait(session().open_upload("a", kAppend)), Errc::kPermissionDenied);
  expect_refused(wait(session().open_upload("a", kUpdate)), Errc::kPermissionDenied);
  auto blind = open_upload("a", kPut);
  ASSERT_TRUE(write(*blind, 0, "new").ok());
  ASSERT_TRUE(wait(blind->close()).ok());
  EXPECT_EQ(content("ann/a"), "new");
}

// A client that goes on where it says it was would otherwise leave zeros in the place of the rest.
TEST_F(EditedFileTest, WhatIsNotReadIsNotReplacedByZeros) {
  constexpr OpenMode kGoOn{.write = true};
  objects.put("demo", "ann/a", "old and long");
  for (const char* actions : {R"(["s3:PutObject","s3:ListBucket"])", R"(["s3:PutObject"])"}) {
    allow(std::string(R"({"Statement":[{"Effect":"Allow","Resource":"*","Action":)") + actions +
          "}]}");
    auto file = open_upload("a", OpenMode{.write = true, .create = true});
    expect_refused(write(*file, 3, "new"), Errc::kPermissionDenied);
    expect_refused(wait(file->close()), Errc::kPermissionDenied);
    auto cut = open_upload("a", OpenMode{.write = true, .create = true});
    expect_refused(wait(cut->set_attributes({.size = 3, .mode = {}, .modified = {}})),
                   Errc::kPermissionDenied);
    expect_refused(wait(cut->close()), Errc::kPermissionDenied);
    EXPECT_EQ(content("ann/a"), "old and long");
  }
  allow(
      R"({"Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:ListBucket"],"Resource":"*"}]})");
  expect_refused(wait(session().set_attributes("a", {.size = 3, .mode = {}, .modified = {}})),
                 Errc::kPermissionDenied);
  EXPECT_EQ(content("ann/a"), "old and long");
  auto whole = open_upload("a", kGoOn);
  ASSERT_TRUE(write(*whole, 0, "new").ok());
  ASSERT_TRUE(wait(whole->close()).ok());
  auto fresh = open_upload("b", OpenMode{.write = true, .create = true});
  ASSERT_TRUE(write(*fresh, 1, "x").ok()) << "there is nothing that it could replace";
  ASSERT_TRUE(wait(fresh->close()).ok());
  EXPECT_EQ(content("ann/a"), "new");
}

TEST_F(EditedFileTest, AnUntouchedFileStaysWhateverIsKnownOfIt) {
  constexpr OpenMode kKeep{.write = true, .create = true};
  auto made_meanwhile = open_upload("a", kKeep);
  objects.put("demo", "ann/a", "old");
  objects.fail_next = Error(Errc::kUnavailable, "the store is away");
  expect_refused(wait(made_meanwhile->close()), Errc::kUnavailable);
  EXPECT_EQ(content("ann/a"), "old");

  allow(R"({"Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]})");
  auto unseen = open_upload("a", kKeep);
  ASSERT_TRUE(wait(unseen->close()).ok());
  EXPECT_EQ(content("ann/a"), "old");
  auto made = open_upload("b", kKeep);
  ASSERT_TRUE(wait(made->close()).ok());
  EXPECT_EQ(content("ann/b"), "");
}

TEST_F(EditedFileTest, ExclusiveSaysNothingOfFilesThatAreThere) {
  objects.put("demo", "ann/a", "old");
  for (const bool extended : {true, false}) {
    make_site(1'000, 1'000);
    if (!extended) site->set_compatibility({});
    auto file = open_upload("a", OpenMode{.write = true, .exclusive = true});
    ASSERT_TRUE(wait(file->close()).ok());
    EXPECT_EQ(content("ann/a"), "old");
  }
}

TEST_F(EditedFileTest, JudgesCreateAndExclusive) {
  objects.put("demo", "ann/old", "old");
  objects.put("demo", "ann/dir/x", "1");
  const OpenMode exclusive{.read = true, .write = true, .create = true, .exclusive = true};
  expect_refused(wait(session().open_upload("old", exclusive)), Errc::kAlreadyExists);
  expect_refused(wait(session().open_upload("missing", kUpdate)), Errc::kNotFound);
  expect_refused(wait(session().open_upload("dir", kUpdate)), Errc::kConflict);
  auto made_meanwhile = open_upload("new", exclusive);
  ASSERT_TRUE(write(*made_meanwhile, 1, "x").ok());
  objects.put("demo", "ann/new", "theirs");
  expect_refused(wait(made_meanwhile->close()), Errc::kAlreadyExists);
  EXPECT_EQ(content("ann/new"), "theirs");
}

TEST_F(EditedFileTest, LimitsOfTheDayFailTheWriteOfEveryServer) {
  for (const bool extended : {true, false}) {
    make_site(1'000, 1'000);
    if (!extended) site->set_compatibility({});
    site->limits().apply(
        {{"default", {{.upload_bytes_per_day = 5, .upload_files_per_day = 2}, {}}}});
    (void)lines();
    auto file = open_upload("a", kPut);
    ASSERT_TRUE(write(*file, 0, "12345").ok());
    const auto refused = write(*file, 5, "6");
    expect_refused(refused, Errc::kLimitExceeded);
    EXPECT_EQ(refused.error().message, "Daily upload limit reached: 5 bytes a day");
    expect_refused(wait(file->close()), Errc::kLimitExceeded);
    auto second = open_upload("b", kPut);
    expect_refused(wait(session().open_upload("c", kPut)), Errc::kLimitExceeded);
    const auto written = lines();
    EXPECT_EQ(written.back()["operation"], "OPEN");
    EXPECT_EQ(written.back()["message"], "Daily upload limit reached: 2 files a day");
  }
}

TEST_F(EditedFileTest, HolesCountAsBytesOfTheDay) {
  make_site(1'000, 1'000);
  site->limits().apply({{"default", {{.upload_bytes_per_day = 10}, {}}}});
  auto file = open_upload("a", kPut);
  expect_refused(write(*file, 100, "x"), Errc::kLimitExceeded);
  expect_refused(wait(file->close()), Errc::kLimitExceeded);
  auto grown = open_upload("a", kPut);
  expect_refused(wait(grown->set_attributes({.size = 100, .mode = {}, .modified = {}})),
                 Errc::kLimitExceeded);
  expect_refused(wait(grown->close()), Errc::kLimitExceeded);
  EXPECT_EQ(objects.find("demo", "ann/a"), nullptr);
  auto beyond = open_upload("b", kPut);
  expect_refused(write(*beyond, ~std::uint64_t{0} - 4, "x"), Errc::kLimitExceeded);
  auto small = open_upload("c", kPut);
  ASSERT_TRUE(write(*small, 3, "x").ok()) << "what failed was not counted";
  ASSERT_TRUE(wait(small->close()).ok());
}

TEST_F(EditedFileTest, ATagOfTheServerWinsAndABadOneIsStrict) {
  objects.put("demo", "ann/a", "old");
  server.tags = {{"sallyport:compatibility", "strict"}};
  log_in_again();
  EXPECT_FALSE(session().extended());
  expect_refused(wait(session().open_upload("a", kUpdate)), Errc::kUnsupported);
  server.tags = {{"sallyport:compatibility", "better"}};
  log_in_again();
  EXPECT_FALSE(session().extended());
  site->set_compatibility({});
  server.tags = {{"sallyport:compatibility", "extended"}};
  log_in_again();
  EXPECT_TRUE(session().extended());
}

// ---- The spool itself. ----

TEST_F(EditedFileTest, SpoolFilesHaveNoNameAndLeftOnesAreRemoved) {
  auto file = open_upload("a", kPut);
  ASSERT_TRUE(write(*file, 5, "x").ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder.file("spool")));
  file.reset();
  std::ofstream(folder.file("spool") + "/spool-1-0") << "left";
  std::ofstream(folder.file("spool") + "/notes.txt") << "somebody's";
  make_site(10, 10);
  EXPECT_FALSE(std::filesystem::exists(folder.file("spool") + "/spool-1-0"));
  EXPECT_TRUE(std::filesystem::exists(folder.file("spool") + "/notes.txt"));
}

}  // namespace
}  // namespace sallyport::session
