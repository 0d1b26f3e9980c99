// Downloads from stores that answer otherwise than they were asked; the faults of the way are
// gateway_acts_test's.
#include "s3/reader.h"

#include "s3/testing/scripted_store.h"

namespace sallyport::s3 {
namespace {

using http::testing_support::answer_of;
using testing_support::error_xml;
using testing_support::ScriptedStore;

constexpr std::size_t kFirst = 256 * 1024;  // what is asked for at the beginning

struct Downloaded {
  std::optional<Error> refused;  // of the opening
  Result<std::string> text = Error(Errc::kInternal, "");
  std::vector<std::string> heads;
};

Task<Result<std::string>> read_whole(storage::ObjectReader& reader) {
  std::string out(static_cast<std::size_t>(reader.info().size), '\0');
  std::size_t at = 0;
  while (at < out.size()) {
    const iovec into{out.data() + at, std::min(out.size() - at, std::size_t{100'000})};
    CO_TRY_ASSIGN(const std::size_t n, co_await reader.read_at(at, std::span(&into, 1)));
    at += n;
  }
  co_return out;
}

Task<Downloaded> download(std::vector<std::string> answers) {
  ScriptedStore s(std::move(answers));
  BlockMemory memory(16 << 20);
  Downloaded out;
  net::TaskScope scope;
  ReaderServices services{*s.requester, memory,
                          [&scope](Task<void> t) { scope.spawn(std::move(t)); }};
  storage::ObjectRef object("b", "k");
  auto reader = co_await open_reader(services, s.caller, object);
  if (!reader.ok()) {
    out.refused = reader.error();
  } else if ((*reader)->info().size < (1 << 20)) {
    out.text = co_await read_whole(**reader);
  }
  if (reader.ok()) reader->reset();
  co_await scope.join();
  out.heads = s.script.requests;
  co_await s.end();
  co_return out;
}

Downloaded downloaded(std::vector<std::string> answers) {
  return net::sync_wait(download(std::move(answers)));
}

std::string part(const std::string& range, const std::string& body, const std::string& etag = "e") {
  const std::string fields = "ETag: \"" + etag + "\"\r\n";
  return answer_of(206, body,
                   fields + (range.empty() ? "" : "Content-Range: bytes " + range + "\r\n"));
}

const std::string kContent = std::string(kFirst, 'a') + std::string(1000, 'b');

TEST(ReaderTest, the_second_range_goes_on_where_the_first_ends) {
  const Downloaded d = downloaded({part("0-262143/263144", kContent.substr(0, kFirst)),
                                   part("262144-263143/263144", kContent.substr(kFirst))});
  EXPECT_EQ(d.text.value(), kContent);
  EXPECT_NE(d.heads.at(1).find("Range: bytes=262144-263143"), std::string::npos) << d.heads.at(1);
}

TEST(ReaderTest, a_store_that_gives_the_whole_is_read) {
  EXPECT_EQ(downloaded({answer_of(200, "small", "ETag: \"e\"\r\n")}).text.value(), "small");
}

TEST(ReaderTest, what_names_no_version_is_refused) {
  const std::string page = answer_of(200, "<html><body>Back soon</body></html>");
  const std::string range = answer_of(206, "x", "Content-Range: bytes 0-0/1\r\n");
  for (const std::string& odd : {page, range}) {
    const Downloaded d = downloaded({odd});
    ASSERT_TRUE(d.refused) << odd;
    EXPECT_EQ(d.refused->code, Errc::kCorrupt);
  }
}

TEST(ReaderTest, a_beginning_that_is_none_is_refused) {
  for (const std::string& odd : {part("", "part of it"), part("5-9/100", "fives"),
                                 part("1-9/10", "ninebytes"), part("0-9/*", "0123456789"),
                                 answer_of(204, ""), answer_of(200, "x", "Content-Range: x\r\n")}) {
    const Downloaded d = downloaded({odd});
    ASSERT_TRUE(d.refused) << odd;
    EXPECT_EQ(d.refused->code, Errc::kCorrupt) << odd;
  }
}

TEST(ReaderTest, a_range_from_elsewhere_is_refused) {
  for (const char* range : {"0-999/263144", "262145-263143/263144", "", "x"})
    EXPECT_EQ(downloaded({part("0-262143/263144", kContent.substr(0, kFirst)),
                          part(range, kContent.substr(kFirst))})
                  .text.error()
                  .code,
              Errc::kCorrupt)
        << range;
}

TEST(ReaderTest, another_version_is_not_mixed_in) {
  const Downloaded d = downloaded({part("0-262143/263144", kContent.substr(0, kFirst)),
                                   part("262144-263143/263144", kContent.substr(kFirst), "f")});
  EXPECT_EQ(d.text.error().code, Errc::kConflict);
}

TEST(ReaderTest, an_answer_that_is_longer_than_the_object_is_cut) {
  EXPECT_EQ(downloaded({part("0-4/5", "small and more")}).text.value(), "small");
}

TEST(ReaderTest, one_that_is_always_shorter_than_it_says_ends_in_an_error) {
  std::vector<std::string> answers{part("0-4/5", "sma")};
  for (int i = 0; i < 6; ++i) answers.push_back(part("3-4/5", ""));
  EXPECT_EQ(downloaded(answers).text.error().code, Errc::kUnavailable);
}

TEST(ReaderTest, one_that_comes_in_crumbs_ends_in_an_error) {
  std::vector<std::string> answers{part("0-9/10", "0")};
  for (int at = 1; at < 10; ++at)
    answers.push_back(part(std::to_string(at) + "-9/10", std::to_string(at)));
  const Downloaded d = downloaded(answers);
  EXPECT_EQ(d.text.error().code, Errc::kUnavailable);
  EXPECT_LE(d.heads.size(), 4u);
}

TEST(ReaderTest, a_size_beyond_all_numbers_is_refused) {
  const Downloaded d = downloaded({part("0-9/18446744073709551615", "0123456789")});
  ASSERT_TRUE(d.refused);
  EXPECT_EQ(d.refused->code, Errc::kCorrupt);
}

}  // namespace
}  // namespace sallyport::s3
