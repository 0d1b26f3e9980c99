// Uploads to stores that know less than Amazon's; the faults of the way are gateway_acts_test's.
#include "s3/writer.h"

#include "s3/testing/scripted_store.h"
#include "state/test_folder.h"

namespace sallyport::s3 {
namespace {

using http::testing_support::answer_of;
using testing_support::error_xml;
using testing_support::ScriptedStore;

struct Uploaded {
  Result<storage::ObjectInfo> info = Error(Errc::kInternal, "");
  std::vector<std::string> heads;
  std::vector<std::string> bodies;
  std::size_t held = 0;  // blocks of memory, when the commit had answered

  std::string methods() const {
    std::string out;
    for (const std::string& head : heads) out += head.substr(0, head.find(' ')) + " ";
    return out;
  }
  bool says(std::size_t i, const char* field) const {
    return heads.at(i).find(field) != std::string::npos;
  }
};

Task<Uploaded> upload(std::vector<std::string> answers, storage::PutOptions options,
                      std::string content) {
  ScriptedStore s(std::move(answers));
  state::TestFolder folder;
  const state::MigrationSet sets[] = {UploadLedger::migrations()};
  const auto database = state::Database::open_sqlite(folder.file("state.db"), {}, sets).value();
  UploadLedger ledger(*database, s.clock);
  BlockMemory memory(32 << 20);
  net::TaskScope scope;
  Uploaded out;
  const WriterServices services{*s.requester, memory, ledger, WriteDefaults(),
                                [&scope](Task<void> t) { scope.spawn(std::move(t)); }};
  storage::ObjectRef object("b", "k");
  {
    const auto writer = make_writer(services, s.caller, std::move(object), std::move(options));
    const iovec from{content.data(), content.size()};
    const auto written = co_await writer->write(std::span(&from, 1));
    EXPECT_TRUE(written.ok());
    out.info = co_await writer->commit();
    out.held = memory.out();
  }
  co_await scope.join();
  const auto left = co_await ledger.left("scripted");
  EXPECT_TRUE(left.ok() && left->empty());
  out.heads = s.script.requests;
  out.bodies = s.script.bodies;
  co_await s.end();
  co_return out;
}

Uploaded uploaded(std::vector<std::string> answers, std::size_t size = 5) {
  storage::PutOptions options;
  options.only_if_absent = true;
  return net::sync_wait(upload(std::move(answers), std::move(options), std::string(size, 'x')));
}

const std::string kNotThere = "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n";
const std::string kThere = "HTTP/1.1 200 OK\r\nETag: \"old\"\r\nContent-Length: 9\r\n\r\n";
const std::string kUnknown = answer_of(501, error_xml("NotImplemented"));
const std::string kStored = answer_of(200, "", "ETag: \"e\"\r\n");

TEST(WriterTest, a_new_file_is_asked_for_with_a_condition) {
  const Uploaded u = uploaded({kStored});
  EXPECT_EQ(u.info.value().etag, "e");
  EXPECT_TRUE(u.says(0, "If-None-Match: *"));
}

TEST(WriterTest, a_page_that_is_no_stores_answer_is_no_success) {
  const Uploaded u = uploaded({answer_of(200, "<html><body>Back soon</body></html>")});
  ASSERT_FALSE(u.info.ok());
  EXPECT_EQ(u.info.error().code, Errc::kCorrupt);
}

TEST(WriterTest, what_failed_leaves_its_memory_to_others) {
  const Uploaded u = uploaded({answer_of(403, error_xml("AccessDenied"))}, std::size_t{1} << 20);
  EXPECT_FALSE(u.info.ok());
  EXPECT_EQ(u.held, 0u);
}

TEST(WriterTest, a_store_without_conditions_is_asked_before) {
  const Uploaded u = uploaded({kUnknown, kNotThere, kStored});
  EXPECT_EQ(u.info.value().etag, "e");
  EXPECT_EQ(u.methods(), "PUT HEAD PUT ");
  EXPECT_FALSE(u.says(2, "If-None-Match"));
  EXPECT_EQ(u.bodies.at(2), "xxxxx");
}

TEST(WriterTest, what_is_there_is_not_replaced_at_a_store_without_conditions) {
  const Uploaded u = uploaded({kUnknown, kThere});
  ASSERT_FALSE(u.info.ok());
  EXPECT_EQ(u.info.error().code, Errc::kAlreadyExists);
  EXPECT_EQ(u.methods(), "PUT HEAD ");
}

TEST(WriterTest, a_store_that_cannot_write_at_all_is_told_as_such) {
  const Uploaded u = uploaded({kUnknown, kNotThere, kUnknown});
  ASSERT_FALSE(u.info.ok());
  EXPECT_EQ(u.info.error().code, Errc::kUnsupported);
}

TEST(WriterTest, a_completion_goes_without_conditions_where_they_are_not_known) {
  const std::string id = answer_of(
      200, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
  const std::string made = answer_of(
      200, "<CompleteMultipartUploadResult><ETag>m</ETag></CompleteMultipartUploadResult>");
  const Uploaded u =
      uploaded({id, kStored, kStored, kNotThere, kUnknown, made}, (std::size_t{8} << 20) + 1);
  ASSERT_TRUE(u.info.ok()) << u.info.error().message;
  EXPECT_EQ(u.info->etag, "m");
  EXPECT_EQ(u.methods(), "POST PUT PUT HEAD POST POST ");
  EXPECT_TRUE(u.says(4, "If-None-Match: *"));
  EXPECT_FALSE(u.says(5, "If-None-Match"));
}

}  // namespace
}  // namespace sallyport::s3
