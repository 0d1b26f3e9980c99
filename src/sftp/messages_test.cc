#include "sftp/messages.h"

#include <gtest/gtest.h>

#include "sftp/testing/requests.h"

namespace sallyport::sftp {
namespace {

using testing::handle_text;

using Parse = std::optional<Request> (*)(ByteView);

// What stands behind the type and the id.
Bytes body_of(const Bytes& packet) {
  return Bytes(packet.begin() + 9, packet.end());
}

TEST(ParseOpen, TakesPathFlagsAndEveryAttribute) {
  ByteWriter body;
  body.string(std::string_view("/a/b")).u32(pflag::kWrite | pflag::kCreat);
  body.u32(0x8000000f).u64(5).u32(1).u32(2).u32(0100600).u32(10).u32(20);
  body.u32(1).string(std::string_view("x@y")).string(std::string_view("z"));
  const auto request = parse_open(body.bytes());
  ASSERT_TRUE(request);
  const auto& open = std::get<OpenRequest>(*request);
  EXPECT_EQ(open.path, "/a/b");
  EXPECT_EQ(open.pflags, pflag::kWrite | pflag::kCreat);
  EXPECT_EQ(open.attributes.size, 5u);
  EXPECT_EQ(open.attributes.gid, 2u);
  EXPECT_EQ(open.attributes.permissions, 0100600u);
  EXPECT_EQ(open.attributes.modify_time, 20u);
}

TEST(ParseOpen, RefusesAttributeBitsThatAreNotOfVersion3) {
  ByteWriter body;
  body.string(std::string_view("/a")).u32(1).u32(0x10);
  EXPECT_FALSE(parse_open(body.bytes()));
}

TEST(ParseOpen, RefusesMoreExtendedAttributesThanThereAre) {
  ByteWriter body;
  body.string(std::string_view("/a")).u32(1).u32(0x80000000).u32(0xffffffff);
  EXPECT_FALSE(parse_open(body.bytes()));
}

TEST(Parsers, RefuseEveryTruncationAndAnythingLeftOver) {
  const std::string h = handle_text(77);
  const struct {
    const char* name;
    Parse parse;
    Bytes body;
  } kCases[] = {
      {"open", parse_open, body_of(testing::open(1, "/p", 1))},
      {"handle", parse_handle, body_of(testing::close(1, h))},
      {"path", parse_path, body_of(testing::on_path(17, 1, "/p"))},
      {"path and attributes", parse_path_attributes,
       body_of(testing::on_path_with_attributes(14, 1, "/p"))},
      {"two paths", parse_two_paths, body_of(testing::on_two_paths(18, 1, "/p", "/q"))},
  };
  for (const auto& c : kCases) {
    EXPECT_TRUE(c.parse(c.body)) << c.name;
    for (std::size_t n = 0; n < c.body.size(); ++n) {
      EXPECT_FALSE(c.parse(ByteView(c.body).first(n))) << c.name << " cut at " << n;
    }
    Bytes longer = c.body;
    longer.push_back(0);
    EXPECT_FALSE(c.parse(longer)) << c.name;
  }
}

TEST(ParseRead, RefusesEveryTruncationAndAnythingLeftOver) {
  Bytes body = body_of(testing::read(1, handle_text(5), 1u << 20, 32768));
  const auto request = parse_read(body);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->handle, 5u);
  EXPECT_EQ(request->offset, 1u << 20);
  EXPECT_EQ(request->length, 32768u);
  for (std::size_t n = 0; n < body.size(); ++n) EXPECT_FALSE(parse_read(ByteView(body).first(n)));
  body.push_back(0);
  EXPECT_FALSE(parse_read(body));
}

TEST(ParseWrite, RefusesEveryTruncationAndPassesOverWhatFollowsTheData) {
  Bytes body = body_of(testing::write(1, handle_text(5), 9, "data"));
  const auto request = parse_write(body);
  ASSERT_TRUE(request);
  EXPECT_EQ(as_text(request->data), "data");
  for (std::size_t n = 0; n < body.size(); ++n) EXPECT_FALSE(parse_write(ByteView(body).first(n)));
  body.push_back(0);
  ASSERT_TRUE(parse_write(body));
  EXPECT_EQ(as_text(parse_write(body)->data), "data");
}

TEST(ParseHandle, TakesAStringOfAnotherLengthAsNoHandle) {
  for (const std::string& h : {std::string(), std::string("1234567"), std::string(256, 'x')}) {
    const auto request = parse_handle(body_of(testing::close(1, h)));
    ASSERT_TRUE(request);
    EXPECT_EQ(std::get<HandleRequest>(*request).handle, kNoHandle);
  }
}

TEST(ParseInit, TakesExtensionPairsAndRefusesHalfOfOne) {
  ByteWriter body;
  body.u32(3).string(std::string_view("a@b"));
  EXPECT_FALSE(parse_init(body.bytes()));
  body.string(std::string_view("1"));
  ASSERT_TRUE(parse_init(body.bytes()));
  EXPECT_EQ(parse_init(body.bytes())->version, 3u);
}

TEST(AppendVersion, WithoutExtensionsIsFiveBytesLong) {
  Bytes out;
  append_version(out, {});
  EXPECT_EQ(to_hex(out), "000000050200000003");
}

TEST(AppendStatus, CarriesCodeMessageAndAnEmptyLanguageTag) {
  Bytes out;
  append_status(out, 7, StatusCode::kNoSuchFile, "gone");
  EXPECT_EQ(to_hex(out),
            "00000015650000000700000002"
            "00000004676f6e65"
            "00000000");
}

TEST(AppendReply, EveryKindIsReadBackAsWritten) {
  session::FileAttributes file;
  file.size = 121;
  file.modified = from_unix_ms(1700000000000);
  NameReply names;
  names.names.push_back({"a", "long a", file});
  names.names.push_back({"b", "long b", std::nullopt});
  Bytes out;
  append_reply(out, 1, HandleReply{5});
  append_reply(out, 2, AttributesReply{file});
  append_reply(out, 3, names);
  append_reply(out, 4, ExtendedReply{Bytes{1, 2}});
  append_reply(out, 5, end_of_file());
  append_data(out, 6, as_bytes("xyz"));
  const auto answers = testing::answers(out);
  ASSERT_EQ(answers.size(), 6u);
  EXPECT_EQ(answers[0].text, handle_text(5));
  EXPECT_EQ(answers[1].size, 121u);
  EXPECT_EQ(answers[1].permissions, 0100644u);
  EXPECT_EQ(answers[2].names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(answers[3].rest, (Bytes{1, 2}));
  EXPECT_EQ(answers[4].code, 1u);
  EXPECT_EQ(answers[5].text, "xyz");
}

}  // namespace
}  // namespace sallyport::sftp
