// The server over a port in memory and a real session over embedded stores, by bytes.
#include "sftp/server.h"
#include "base/testing/pattern.h"

#include <gtest/gtest.h>

#include "sftp/command_table.h"
#include "sftp/testing/memory_port.h"
#include "sftp/testing/requests.h"
#include "sftp/testing/world.h"

namespace sallyport::sftp {
namespace {

using testing::Answer;
using testing::join;
using testing::kBadMessage;
using testing::kEof;
using testing::kFailure;
using testing::kNoSuchFile;
using testing::kOk;
using testing::kUnsupported;
using testing::slot_handle;

constexpr std::uint32_t kPut = pflag::kWrite | pflag::kCreat | pflag::kTrunc;

struct Conversation {
  ServerEnd end = ServerEnd::kClosed;
  std::vector<Answer> answers;
  std::size_t granted = 0;
  std::size_t reservations = 0;

  const Answer& operator[](std::size_t i) const {
    static const Answer kNone;
    return i < answers.size() ? answers[i] : kNone;
  }
  std::vector<std::uint32_t> codes() const {
    std::vector<std::uint32_t> out;
    for (const Answer& a : answers) out.push_back(a.type == 101 ? a.code : 1000 + a.type);
    return out;
  }
};

class SftpServer;
Task<void> converse(SftpServer& test, const Bytes& input, std::size_t step, Conversation& out);
Task<void> run(Server& server, ServerEnd& end) {
  end = co_await server.run();
}

class SftpServer : public ::testing::Test {
 public:
  // INIT and the input, given at once or in pieces of `step` bytes; then the client's EOF.
  Conversation talk(const Bytes& requests, std::size_t step = SIZE_MAX) {
    return talk_raw(join({testing::init(), requests}), step, true);
  }
  Conversation talk_raw(const Bytes& input, std::size_t step = SIZE_MAX, bool skip_first = false) {
    Conversation out;
    net::sync_wait(converse(*this, input, step, out));
    if (skip_first && !out.answers.empty()) out.answers.erase(out.answers.begin());
    return out;
  }

  testing::World world_;
  ServerSettings settings_;
  std::size_t piece_ = 1000;
};

Task<void> converse(SftpServer& test, const Bytes& input, std::size_t step, Conversation& out) {
  testing::MemoryPort port(test.piece_);
  auto session = test.world_.session();
  Server server(port, *session, test.world_.clock(), test.settings_);
  net::TaskScope scope;
  scope.spawn(run(server, out.end));
  for (std::size_t at = 0; at < input.size() && scope.children() > 0;) {
    const std::size_t n = std::min(step, input.size() - at);
    port.put(ByteView(input).subspan(at, n));
    at += n;
  }
  port.end_input();
  co_await scope.join();
  out.answers = testing::answers(port.output());
  out.granted = port.granted();
  out.reservations = port.reservations();
}

// ---- Greeting. ----

TEST_F(SftpServer, AnnouncesLimitsByDefault) {
  const Conversation c = talk_raw(testing::init());
  EXPECT_EQ(c.end, ServerEnd::kFinished);
  ASSERT_EQ(c.answers.size(), 1u);
  EXPECT_EQ(c[0].type, 2);
  EXPECT_EQ(c[0].id, 3u);
  EXPECT_EQ(as_text(c[0].rest), std::string_view("\0\0\0\x12limits@openssh.com\0\0\0\1"
                                                 "1",
                                                 27));
}

TEST_F(SftpServer, AnnouncesNothingAsTheManagedServiceWhenToldSo) {
  settings_.announce_extensions = false;
  const Conversation c = talk_raw(testing::init(6));
  ASSERT_EQ(c.answers.size(), 1u);
  EXPECT_EQ(c[0].id, 3u);
  EXPECT_TRUE(c[0].rest.empty());
}

TEST_F(SftpServer, EndsAtARequestBeforeTheGreetingAndAtASecondGreeting) {
  EXPECT_EQ(talk_raw(testing::on_path(16, 1, ".")).end, ServerEnd::kViolation);
  EXPECT_EQ(talk(testing::init()).end, ServerEnd::kViolation);
  EXPECT_EQ(talk_raw(testing::packet(1, ByteWriter().u8(0))).end, ServerEnd::kViolation);
}

// ---- Framing. ----

TEST_F(SftpServer, EndsAtAnEmptyAndAtAnOversizePacket) {
  EXPECT_EQ(talk(ByteWriter().u32(0).take()).end, ServerEnd::kViolation);
  EXPECT_EQ(talk(ByteWriter().u32(kMaxPacketLength + 1).u8(6).take()).end, ServerEnd::kViolation);
  EXPECT_EQ(talk(ByteWriter().u32(3).u8(4).u8(0).u8(0).take()).end, ServerEnd::kViolation);
}

TEST_F(SftpServer, AStreamCutInsideAPacketIsAViolation) {
  const Bytes whole = testing::on_path(16, 1, "/demo");
  EXPECT_EQ(talk(Bytes(whole.begin(), whole.end() - 1)).end, ServerEnd::kViolation);
}

TEST_F(SftpServer, AMalformedRequestIsABadMessageAndTheNextIsServed) {
  Bytes broken = testing::on_path(17, 1, "/demo");
  broken[12] = 200;  // the path's length
  const Conversation c =
      talk(join({broken, testing::read(2, "h", 0, 1), testing::packet(5, ByteWriter().u32(3)),
                 testing::packet(6, ByteWriter().u32(4).string(slot_handle(0)).u64(0).u32(9)),
                 testing::on_path(16, 5, ".")}));
  EXPECT_EQ(c.codes(),
            (std::vector<std::uint32_t>{kBadMessage, kFailure, kBadMessage, kBadMessage, 1104}));
  EXPECT_EQ(c[4].names, std::vector<std::string>{"/demo/ann"});
}

TEST_F(SftpServer, EveryTypeHasAnAnswerWithItsId) {
  for (int type = 0; type < 256; ++type) {
    if (type == 1) continue;
    const Conversation c =
        talk(testing::packet(static_cast<std::uint8_t>(type), ByteWriter().u32(77)));
    ASSERT_EQ(c.answers.size(), 1u) << type;
    EXPECT_EQ(c[0].type, 101) << type;
    EXPECT_EQ(c[0].id, 77u) << type;
    const Command* const command = find_command(static_cast<std::uint8_t>(type));
    EXPECT_EQ(c[0].code, command ? kBadMessage : kUnsupported) << type;
  }
}

TEST(CommandTable, EveryRequestOfVersion3HasARowThatCanBeServed) {
  EXPECT_EQ(commands().size(), 20u);
  for (std::uint8_t type = 3; type <= 20; ++type)
    EXPECT_NE(find_command(type), nullptr) << int{type};
  for (const Command& command : commands()) {
    EXPECT_EQ(find_command(static_cast<std::uint8_t>(command.type)), &command) << command.name;
    EXPECT_EQ(command.handler != nullptr, command.served == Served::kOperation) << command.name;
    EXPECT_EQ(command.parser != nullptr, command.served == Served::kOperation) << command.name;
  }
}

TEST_F(SftpServer, LinksAreRefusedWithATextAndALogLine) {
  const Conversation c = talk(join({testing::on_path(19, 1, "/demo/ann/x"),
                                    testing::on_two_paths(20, 2, "a", "/demo/ann/link")}));
  EXPECT_EQ(c.codes(), (std::vector<std::uint32_t>{kUnsupported, kUnsupported}));
  EXPECT_FALSE(c[0].text.empty());
  EXPECT_EQ(world_.log_lines_with("SYMLINK").size(), 1u);
}

TEST_F(SftpServer, ExtensionsOtherThanLimitsAreUnsupported) {
  const Conversation c = talk(join(
      {testing::extended(1, "limits@openssh.com"), testing::extended(2, "posix-rename@openssh.com"),
       testing::extended(3, ""), testing::packet(200, ByteWriter().u32(4))}));
  EXPECT_EQ(c.codes(), (std::vector<std::uint32_t>{1201, kUnsupported, kUnsupported, kBadMessage}));
  ByteReader limits(c[0].rest);
  EXPECT_EQ(limits.u64(), kMaxPacketLength);
  EXPECT_EQ(limits.u64(), 255u * 1024);
  EXPECT_EQ(limits.u64(), 255u * 1024);
  EXPECT_EQ(limits.u64(), 1000u);
  EXPECT_TRUE(limits.done());
}

// ---- Uploads. ----

Bytes upload(const std::string& content, std::size_t block) {
  Bytes out = testing::open(1, "up.bin", kPut);
  std::uint32_t id = 2;
  for (std::size_t at = 0; at < content.size(); at += block) {
    const Bytes next =
        testing::write(id++, slot_handle(0), at, std::string_view(content).substr(at, block));
    out.insert(out.end(), next.begin(), next.end());
  }
  const Bytes last = testing::close(id, slot_handle(0));
  out.insert(out.end(), last.begin(), last.end());
  return out;
}

TEST_F(SftpServer, AnUploadIsStoredAndEveryWriteAnsweredInOrder) {
  const std::string content = patterned(1'000'000);
  const struct {
    std::size_t block, step;
  } kCases[] = {{32768, SIZE_MAX},    {255 * 1024, SIZE_MAX}, {32768, 70'001},
                {255 * 1024, 99'991}, {1000, 1500},           {50'000, 32'768}};
  for (const auto& c : kCases) {
    const Bytes requests = upload(content, c.block);
    const Conversation got = talk(requests, c.step);
    EXPECT_EQ(got.end, ServerEnd::kFinished);
    const std::size_t blocks = (content.size() + c.block - 1) / c.block;
    ASSERT_EQ(got.answers.size(), blocks + 2);
    for (std::size_t i = 1; i < got.answers.size(); ++i) {
      EXPECT_EQ(got[i].id, i + 1);
      EXPECT_EQ(got[i].code, kOk) << got[i].text;
    }
    EXPECT_TRUE(world_.object("ann/up.bin") == content) << c.block << " in steps of " << c.step;
    EXPECT_EQ(got.granted, requests.size() + 9);
  }
}

TEST_F(SftpServer, AByteAtATimeIsServedToo) {
  const std::string content = patterned(3000);
  const Conversation c = talk(upload(content, 700), 1);
  EXPECT_EQ(c.end, ServerEnd::kFinished);
  EXPECT_EQ(world_.object("ann/up.bin"), content);
}

TEST_F(SftpServer, WhatFollowsTheDataInAWriteIsPassedOver) {
  for (const std::size_t step : {SIZE_MAX, 1000ul, 40'000ul}) {
    const Conversation c = talk(
        join({testing::open(1, "padded", kPut),
              testing::padded_write(2, slot_handle(0), 0, std::string(4096, 'a'), 28'672),
              testing::padded_write(3, slot_handle(0), 4096, std::string(8192, 'b'), 24'576),
              testing::write(4, slot_handle(0), 12'288, "end"), testing::close(5, slot_handle(0))}),
        step);
    EXPECT_EQ(c.codes(), (std::vector<std::uint32_t>{1102, kOk, kOk, kOk, kOk}));
    EXPECT_EQ(world_.object("ann/padded"), std::string(4096, 'a') + std::string(8192, 'b') + "end");
  }
}

// Three small writes; their answers must not wait for anything that follows.
Task<void> write_and_go(SftpServer& test, bool say_close, std::vector<Answer>& at_once,
                        std::vector<Answer>& afterwards) {
  testing::MemoryPort port;
  auto session = test.world_.session();
  Server server(port, *session, test.world_.clock(), test.settings_);
  ServerEnd end{};
  net::TaskScope scope;
  scope.spawn(run(server, end));
  port.put(join({testing::init(), testing::open(1, "kept", kPut)}));
  const auto answered = [&port] { return testing::answers(port.output()).size(); };
  while (answered() < 2) co_await net::sleep_for(std::chrono::milliseconds(0));
  port.put(join(
      {testing::write(2, slot_handle(0), 0, "abc"), testing::write(3, slot_handle(0), 3, "def")}));
  port.put(testing::write(4, slot_handle(0), 6, "ghi"));
  at_once = testing::answers(port.output());
  if (say_close) {
    port.put(testing::close(5, slot_handle(0)));
    port.end_input();
  } else {
    port.close();
  }
  co_await scope.join();
  afterwards = testing::answers(port.output());
}

TEST_F(SftpServer, SmallWritesAreAnsweredBeforeTheyAreHandedOn) {
  std::vector<Answer> at_once, afterwards;
  net::sync_wait(write_and_go(*this, true, at_once, afterwards));
  ASSERT_EQ(at_once.size(), 5u);
  for (std::size_t i = 2; i < 5; ++i) EXPECT_EQ(at_once[i].code, kOk);
  ASSERT_EQ(afterwards.size(), 6u);
  EXPECT_EQ(afterwards[5].code, kOk);
  EXPECT_EQ(world_.object("ann/kept"), "abcdefghi");
}

TEST_F(SftpServer, WritesThatWereAnsweredAreKeptWhenTheConnectionIsLost) {
  std::vector<Answer> at_once, afterwards;
  net::sync_wait(write_and_go(*this, false, at_once, afterwards));
  EXPECT_EQ(at_once.size(), 5u);
  EXPECT_EQ(world_.object("ann/kept"), "abcdefghi");
  EXPECT_EQ(world_.log_lines_with("PARTIAL_CLOSE").size(), 1u);
}

TEST_F(SftpServer, AWriteBeyondTheEndIsRefusedWithTheServicesText) {
  const Conversation c =
      talk(join({testing::open(1, "a", kPut), testing::write(2, slot_handle(0), 0, "abc"),
                 testing::write(3, slot_handle(0), 10, "x"),
                 testing::write(4, slot_handle(0), 3, "d"), testing::close(5, slot_handle(0))}));
  EXPECT_EQ(c[1].code, kOk);
  EXPECT_EQ(c[2].code, kUnsupported);
  EXPECT_EQ(c[2].text, "AWS Transfer does not support random access writes to S3 objects");
  EXPECT_EQ(c[3].code, kUnsupported);
  EXPECT_NE(c[4].code, kOk);
}

TEST_F(SftpServer, WritesOutOfOrderAreRefused) {
  const Conversation c =
      talk(join({testing::open(1, "a", kPut), testing::write(2, slot_handle(0), 3, "def"),
                 testing::write(3, slot_handle(0), 0, "abc")}));
  EXPECT_EQ(c.codes(), (std::vector<std::uint32_t>{1102, kUnsupported, kUnsupported}));
}

TEST_F(SftpServer, TheRestOfARefusedWriteIsPassedOverAndAnsweredOnce) {
  const std::string block = patterned(200'000);
  const Conversation c =
      talk(join({testing::open(1, "a", kPut), testing::write(2, slot_handle(0), 7, block),
                 testing::on_path(16, 3, ".")}),
           50'000);
  EXPECT_EQ(c.codes(), (std::vector<std::uint32_t>{1102, kUnsupported, 1104}));
}

TEST_F(SftpServer, ReadWriteAndAppendOpensAreRefusedAsObserved) {
  const Conversation c = talk(
      join({testing::open(1, "a", kPut | pflag::kRead),
            testing::open(2, "a", pflag::kWrite | pflag::kAppend | pflag::kCreat | pflag::kRead),
            testing::open(3, "a", 0x100)}));
  EXPECT_EQ(c[0].text, "Cannot open file in mode: CREATE|READ|TRUNCATE|WRITE");
  EXPECT_EQ(c[1].text, "Cannot open file in mode: APPEND|CREATE|READ|WRITE");
  EXPECT_EQ(c.codes(), (std::vector<std::uint32_t>{kUnsupported, kUnsupported, kUnsupported}));
}

TEST_F(SftpServer, WhatArrivedIsKeptWhenTheChannelEndsWithTheFileOpen) {
  Bytes requests =
      join({testing::open(1, "part", kPut), testing::write(2, slot_handle(0), 0, "arrived")});
  EXPECT_EQ(talk(requests).end, ServerEnd::kFinished);
  EXPECT_EQ(world_.object("ann/part"), "arrived");
  EXPECT_EQ(world_.log_lines_with("PARTIAL_CLOSE").size(), 1u);
}

// ---- Downloads. ----

TEST_F(SftpServer, ADownloadIsReadTogetherAndAnsweredInOrder) {
  const std::string content = patterned(1'000'000);
  world_.put_object("ann/down.bin", content);
  for (const std::size_t piece : {1000ul, 32768ul, 7ul}) {
    piece_ = piece;
    for (const std::uint32_t block : {32768u, 255u * 1024, 4096u}) {
      Bytes requests = testing::open(1, "down.bin", pflag::kRead);
      std::uint32_t id = 2;
      for (std::uint64_t at = 0; at < content.size() + 2 * block; at += block) {
        const Bytes next = testing::read(id++, slot_handle(0), at, block);
        requests.insert(requests.end(), next.begin(), next.end());
      }
      const Conversation c = talk(requests);
      ASSERT_EQ(c.answers.size(), id - 1);
      std::string got;
      for (std::size_t i = 1; i < c.answers.size(); ++i) {
        EXPECT_EQ(c[i].id, i + 1);
        got += c[i].type == 103 ? c[i].text : std::string();
      }
      EXPECT_TRUE(got == content) << piece << " " << block;
      EXPECT_EQ(c.answers.back().code, kEof);
      EXPECT_LT(c.reservations, 12u);
    }
  }
}

TEST_F(SftpServer, ReadsPastTheEndAreAnsweredEof) {
  world_.put_object("ann/f", "0123456789");
  const Conversation c = talk(
      join({testing::open(1, "f", pflag::kRead), testing::read(2, slot_handle(0), 4, 100),
            testing::read(3, slot_handle(0), 10, 1), testing::read(4, slot_handle(0), ~0ull, 100),
            testing::read(5, slot_handle(0), 3, 0), testing::read(6, slot_handle(0), 10, 0)}));
  EXPECT_EQ(c.codes(), (std::vector<std::uint32_t>{1102, 1103, kEof, kEof, 1103, kEof}));
  EXPECT_EQ(c[1].text, "456789");
  EXPECT_EQ(c[4].text, "");
}

// Less than an answer at a time: the answers come in pieces.
Task<void> read_slowly(SftpServer& test, const Bytes& requests, std::string& text) {
  testing::MemoryPort port(1000);
  auto session = test.world_.session();
  Server server(port, *session, test.world_.clock(), test.settings_);
  port.set_window(0);
  ServerEnd end{};
  net::TaskScope scope;
  scope.spawn(run(server, end));
  port.put(requests);
  port.end_input();
  while (scope.children() > 0) {
    const std::size_t before = port.output().size();
    port.open_window(777);
    EXPECT_LE(port.output().size(), before + 777);
    co_await net::sleep_for(std::chrono::milliseconds(0));
  }
  for (const Answer& a : testing::answers(port.output())) {
    if (a.type == 103) text += a.text;
  }
}

TEST_F(SftpServer, ASlowClientIsServedAsItsWindowAllows) {
  const std::string content = patterned(300'000);
  world_.put_object("ann/f", content);
  Bytes requests = join({testing::init(), testing::open(1, "f", pflag::kRead)});
  for (std::uint32_t i = 0; i < 10; ++i) {
    const Bytes next = testing::read(2 + i, slot_handle(0), i * 30'000u, 30'000);
    requests.insert(requests.end(), next.begin(), next.end());
  }
  std::string got;
  net::sync_wait(read_slowly(*this, requests, got));
  EXPECT_TRUE(got == content);
}

// Room, input and the end all come while the server is in flush() and not yet waiting.
Task<void> change_in_flush(SftpServer& test, const std::vector<Bytes>& requests, Bytes& output) {
  testing::MemoryPort port;
  auto session = test.world_.session();
  Server server(port, *session, test.world_.clock(), test.settings_);
  port.set_window(0);
  port.set_output_idle(false);
  std::size_t next = 0;
  port.on_flush([&] {
    if (port.writable() < 40'000) port.open_window(40'000);
    if (next < requests.size()) return port.put(requests[next++]);
    if (!port.input_ended()) port.end_input();
  });
  ServerEnd end{};
  net::TaskScope scope;
  scope.spawn(run(server, end));
  co_await scope.join();
  EXPECT_EQ(end, ServerEnd::kFinished);
  output = port.take_output();
}

TEST_F(SftpServer, NoChangeIsMissedWhileOutputIsFlushed) {
  const std::string content = patterned(300'000);
  world_.put_object("ann/f", content);
  std::vector<Bytes> requests{testing::init(), testing::open(1, "f", pflag::kRead)};
  for (std::uint32_t i = 0; i < 10; ++i) {
    requests.push_back(testing::read(2 + i, slot_handle(0), i * 30'000u, 30'000));
  }
  requests.push_back(testing::close(20, slot_handle(0)));
  Bytes output;
  net::sync_wait(change_in_flush(*this, requests, output));
  std::string got;
  for (const Answer& a : testing::answers(output)) got += a.type == 103 ? a.text : std::string();
  EXPECT_TRUE(got == content);
}

// ---- Handles. ----

TEST_F(SftpServer, HandlesThatAreNoneAreFailures) {
  for (const std::string& h :
       {std::string(), std::string("x"), slot_handle(0), slot_handle(9), std::string(300, 'h')}) {
    const Conversation c =
        talk(join({testing::close(1, h), testing::read(2, h, 0, 1), testing::write(3, h, 0, "x"),
                   testing::on_handle(8, 4, h), testing::on_handle(12, 5, h),
                   testing::packet(10, ByteWriter().u32(6).string(h).u32(0))}));
    ASSERT_EQ(c.answers.size(), 6u);
    for (const Answer& a : c.answers) EXPECT_EQ(a.code, kFailure) << a.id;
  }
}

TEST_F(SftpServer, HandlesOfTheWrongKindAreFailures) {
  world_.put_object("ann/f", "x");
  const Conversation c = talk(
      join({testing::open(1, "f", pflag::kRead), testing::open(2, "g", kPut),
            testing::on_path(11, 3, "."), testing::write(4, slot_handle(0), 0, "x"),
            testing::read(5, slot_handle(1), 0, 1), testing::read(6, slot_handle(2), 0, 1),
            testing::on_handle(12, 7, slot_handle(0)), testing::write(8, slot_handle(2), 0, "x")}));
  ASSERT_EQ(c.answers.size(), 8u);
  for (std::size_t i = 3; i < 8; ++i) EXPECT_EQ(c[i].code, kFailure) << i;
}

TEST_F(SftpServer, AClosedHandleIsClosedForGood) {
  const Conversation c =
      talk(join({testing::on_path(11, 1, "."), testing::close(2, slot_handle(0)),
                 testing::close(3, slot_handle(0)), testing::on_path(11, 4, "."),
                 testing::close(5, slot_handle(0)), testing::close(6, slot_handle(0, 2))}));
  EXPECT_EQ(c.codes(), (std::vector<std::uint32_t>{1102, kOk, kFailure, 1102, kFailure, kOk}));
}

TEST_F(SftpServer, MoreHandlesThanAllowedAreRefusedUntilOneIsClosed) {
  settings_.max_open_handles = 2;
  const Conversation c =
      talk(join({testing::on_path(11, 1, "."), testing::open(2, "a", kPut),
                 testing::on_path(11, 3, "."), testing::open(4, "b", kPut),
                 testing::close(5, slot_handle(0)), testing::on_path(11, 6, ".")}));
  EXPECT_EQ(c.codes(), (std::vector<std::uint32_t>{1102, 1102, kFailure, kFailure, kOk, 1102}));
}

// ---- Names and attributes. ----

TEST_F(SftpServer, AListingComesInPagesAndEndsWithEof) {
  for (int i = 0; i < 250; ++i) world_.put_object("ann/file-" + std::to_string(1000 + i), "x");
  Bytes requests = testing::on_path(11, 1, "/demo/ann");
  for (std::uint32_t id = 2; id < 8; ++id) {
    const Bytes next = testing::on_handle(12, id, slot_handle(0));
    requests.insert(requests.end(), next.begin(), next.end());
  }
  const Conversation c = talk(requests);
  std::vector<std::string> names;
  for (const Answer& a : c.answers) {
    names.insert(names.end(), a.names.begin(), a.names.end());
    EXPECT_LT(a.names.size(), 250u);  // 32 KiB an answer
    for (const std::string& line : a.long_names) EXPECT_EQ(line.substr(0, 10), "-rw-r--r--");
  }
  EXPECT_EQ(names.size(), 250u);
  EXPECT_EQ(c.answers.back().code, kEof);
}

TEST_F(SftpServer, StatSaysWhatIsThere) {
  world_.put_object("ann/f", "12345");
  world_.put_object("ann/d/x", "1");
  const Conversation c = talk(
      join({testing::on_path(17, 1, "f"), testing::on_path(7, 2, "/demo/ann/d"),
            testing::on_path(17, 3, "missing"), testing::on_path(17, 4, std::string("a\0b", 3)),
            testing::open(5, "f", pflag::kRead), testing::on_handle(8, 6, slot_handle(0)),
            testing::open(7, "new", kPut), testing::write(8, slot_handle(1), 0, "abc"),
            testing::on_handle(8, 9, slot_handle(1))}));
  EXPECT_EQ(c[0].size, 5u);
  EXPECT_EQ(c[0].permissions, 0100644u);
  EXPECT_EQ(c[1].permissions, 0040755u);
  EXPECT_EQ(c[2].code, kNoSuchFile);
  EXPECT_EQ(c[3].type, 101);
  EXPECT_NE(c[3].code, kOk);
  EXPECT_EQ(c[5].size, 5u);
  EXPECT_EQ(c[8].size, 3u);
}

TEST_F(SftpServer, FilesAndDirectoriesAreMadeRenamedAndRemoved) {
  world_.put_object("ann/f", "12345");
  const Conversation c = talk(join(
      {testing::on_path_with_attributes(14, 1, "in"), testing::on_two_paths(18, 2, "f", "in/g"),
       testing::on_path(15, 3, "in"), testing::on_path(13, 4, "in/g"),
       testing::on_path(13, 5, "in/g"), testing::on_path(15, 6, "in")}));
  EXPECT_EQ(c.codes(), (std::vector<std::uint32_t>{kOk, kOk, kFailure, kOk, kNoSuchFile, kOk}));
}

TEST_F(SftpServer, SetstatIsRefusedUnlessTheServerSaysNoOp) {
  const Bytes requests =
      join({testing::open(1, "a", kPut), testing::on_path_with_attributes(9, 2, "a"),
            testing::packet(10, ByteWriter().u32(3).string(slot_handle(0)).u32(0))});
  const Conversation refused = talk(requests);
  EXPECT_NE(refused[1].code, kOk);
  EXPECT_NE(refused[2].code, kOk);
  world_.server().protocol_details.set_stat_option = "ENABLE_NO_OP";
  EXPECT_EQ(talk(requests).codes(), (std::vector<std::uint32_t>{1102, kOk, kOk}));
}

}  // namespace
}  // namespace sallyport::sftp
