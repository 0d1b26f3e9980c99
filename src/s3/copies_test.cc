// What only a store that minds conditions answers; copies at a real one are gateway_acts_test's.
#include "s3/copies.h"

#include "s3/testing/answered_instance.h"
#include "s3/testing/scripted_store.h"
#include "storage/testing/embedded_fixture.h"

namespace sallyport::s3 {
namespace {

using http::testing_support::answer_of;
using storage::testing::Permits;
using testing_support::error_xml;
using testing_support::ScriptedStore;

std::string there(const std::string& etag, const std::string& uid) {
  return "HTTP/1.1 200 OK\r\nETag: \"" + etag + "\"\r\nx-amz-meta-uid: " + uid +
         "\r\nContent-Length: 9\r\n\r\n";
}

struct Replaced {
  Result<storage::ObjectInfo> info = Error(Errc::kInternal, "");
  std::vector<std::string> heads;
};

Task<Replaced> replace(std::vector<std::string> answers) {
  ScriptedStore s(std::move(answers));
  Replaced out;
  storage::ObjectRef object("b", "k");
  storage::Metadata metadata{{"uid", "7"}};
  WriteDefaults defaults;
  out.info = co_await replace_metadata(*s.requester, s.caller, std::move(object), "",
                                       std::move(metadata), std::move(defaults));
  out.heads = s.script.requests;
  co_await s.end();
  co_return out;
}

const std::string kLost;
const std::string kRefused = answer_of(412, error_xml("PreconditionFailed"));

TEST(CopiesTest, a_change_of_attributes_whose_answer_was_lost_is_one) {
  const Replaced r =
      net::sync_wait(replace({there("old", "1"), kLost, kRefused, there("new", "7")}));
  ASSERT_TRUE(r.info.ok()) << r.info.error().message;
  EXPECT_EQ(r.info->etag, "new");
  EXPECT_NE(r.heads.at(1).find("x-amz-copy-source-if-match: old\r\n"), std::string::npos);
}

TEST(CopiesTest, an_object_that_somebody_replaced_keeps_its_attributes) {
  const Replaced r = net::sync_wait(replace({there("old", "1"), kRefused, there("other", "2")}));
  ASSERT_FALSE(r.info.ok());
  EXPECT_EQ(r.info.error().code, Errc::kConflict);
  EXPECT_EQ(r.heads.size(), 3u);
}

TEST(CopiesTest, attributes_of_what_is_too_large_to_copy_cannot_be_changed) {
  const std::string large = "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 6000000000\r\n\r\n";
  const Replaced r = net::sync_wait(replace({large, answer_of(400, error_xml("InvalidRequest"))}));
  ASSERT_FALSE(r.info.ok());
  EXPECT_EQ(r.info.error().code, Errc::kUnsupported);
}

Task<std::size_t> move_of_what_has_no_version() {
  testing_support::AnsweredInstance s({"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"});
  storage::ObjectRef from("bucket", "a"), to("bucket", "b");
  iam::Permit read = Permits::get("bucket", "a"), write = Permits::put("bucket", "b"),
              erase = Permits::erase("bucket", "a");
  const auto moved = co_await s.instance->store().move(
      std::move(read), std::move(write), std::move(erase), std::move(from), std::move(to));
  EXPECT_FALSE(moved.ok());
  if (!moved.ok()) EXPECT_EQ(moved.error().code, Errc::kCorrupt);
  const std::size_t calls = s.script.requests.size();
  co_await s.end();
  co_return calls;
}

TEST(CopiesTest, what_names_no_version_is_not_moved) {
  EXPECT_EQ(net::sync_wait(move_of_what_has_no_version()), 1u);
}

}  // namespace
}  // namespace sallyport::s3
