// An extended server, by bytes over a port in memory.
#include <gtest/gtest.h>

#include "sftp/packet.h"
#include "sftp/server.h"
#include "sftp/testing/memory_port.h"
#include "sftp/testing/requests.h"
#include "sftp/testing/world.h"

namespace sallyport::sftp {
namespace {

using testing::Answer;
using testing::extended;
using testing::join;
using testing::kBadMessage;
using testing::kEof;
using testing::kFailure;
using testing::kNoSuchFile;
using testing::kOk;
using testing::kUnsupported;
using testing::slot_handle;

Task<void> run(Server& server) {
  const ServerEnd end = co_await server.run();
  static_cast<void>(end);
}

class ExtendedServer : public ::testing::Test {
 public:
  ExtendedServer() { world_.make_extended(); }

  std::vector<Answer> talk(const Bytes& requests) {
    std::vector<Answer> out;
    net::sync_wait(converse(join({testing::init(), requests}), out));
    if (!out.empty()) {
      version_ = out.front().rest;
      out.erase(out.begin());
    }
    return out;
  }
  std::vector<std::uint32_t> codes(const Bytes& requests) {
    std::vector<std::uint32_t> out;
    for (const Answer& a : talk(requests)) out.push_back(a.type == 101 ? a.code : 1000 + a.type);
    return out;
  }

  testing::World world_;
  Bytes version_;

 private:
  Task<void> converse(Bytes input, std::vector<Answer>& out) {
    testing::MemoryPort port;
    auto session = world_.session();
    ServerSettings settings;
    Server server(port, *session, world_.clock(), settings);
    net::TaskScope scope;
    scope.spawn(run(server));
    port.put(input);
    port.end_input();
    co_await scope.join();
    out = testing::answers(port.output());
  }
};

using Codes = std::vector<std::uint32_t>;

TEST_F(ExtendedServer, NamesItsExtensions) {
  (void)talk({});
  ByteReader in(version_);
  std::vector<std::string> names;
  while (in.remaining() > 0 && !in.failed()) {
    names.emplace_back(in.text());
    in.string();
  }
  EXPECT_EQ(names, (std::vector<std::string>{"limits@openssh.com", "posix-rename@openssh.com",
                                             "statvfs@openssh.com", "fstatvfs@openssh.com",
                                             "fsync@openssh.com", "lsetstat@openssh.com",
                                             "expand-path@openssh.com", "copy-data"}));
}

TEST_F(ExtendedServer, StrictOnesNameAndAnswerNoneOfThem) {
  world_.server().tags = {{"sallyport:compatibility", "strict"}};
  const auto refused =
      codes(join({extended(1, "posix-rename@openssh.com", ByteWriter().string("a").string("b")),
                  extended(2, "statvfs@openssh.com", ByteWriter().string("/")),
                  extended(3, "copy-data", ByteWriter()),
                  testing::open(4, "a", pflag::kRead | pflag::kWrite | pflag::kCreat)}));
  EXPECT_EQ(refused, (Codes{kUnsupported, kUnsupported, kUnsupported, kUnsupported}));
  EXPECT_EQ(version_.size(), 27u);
}

TEST_F(ExtendedServer, WritesOutOfOrderAndReadsOnTheSameHandle) {
  const auto a = talk(join(
      {testing::open(1, "a", pflag::kRead | pflag::kWrite | pflag::kCreat | pflag::kTrunc),
       testing::write(2, slot_handle(0), 5, "world"), testing::write(3, slot_handle(0), 0, "hello"),
       testing::read(4, slot_handle(0), 3, 100), testing::read(5, slot_handle(0), 10, 1),
       testing::on_handle(8, 6, slot_handle(0)), testing::close(7, slot_handle(0))}));
  ASSERT_EQ(a.size(), 7u);
  EXPECT_EQ(a[3].text, "loworld");
  EXPECT_EQ(a[4].code, kEof);
  EXPECT_EQ(a[5].size, 10u);
  EXPECT_EQ(a[6].code, kOk);
  EXPECT_EQ(world_.object("ann/a"), "helloworld");
}

TEST_F(ExtendedServer, ReadsNothingOfAFileThatIsOpenForWritingOnly) {
  EXPECT_EQ(
      codes(join({testing::open(1, "a", pflag::kWrite | pflag::kCreat),
                  testing::read(2, slot_handle(0), 0, 10), testing::close(3, slot_handle(0))})),
      (Codes{1102, kFailure, kOk}));
}

TEST_F(ExtendedServer, AppendsToWhatIsThere) {
  world_.put_object("ann/log", "one\n");
  EXPECT_EQ(codes(join({testing::open(1, "log", pflag::kWrite | pflag::kAppend),
                        testing::write(2, slot_handle(0), 4, "two\n"),
                        testing::write(3, slot_handle(0), 0, "three\n"),
                        testing::close(4, slot_handle(0))})),
            (Codes{1102, kOk, kOk, kOk}));
  EXPECT_EQ(world_.object("ann/log"), "one\ntwo\nthree\n");
}

TEST_F(ExtendedServer, AFullSpoolFailsTheWriteWithATextAndTheSessionGoesOn) {
  const auto a = talk(join({testing::open(1, "a", pflag::kWrite | pflag::kCreat),
                            testing::write(2, slot_handle(0), 1 << 20, "x"),
                            testing::close(3, slot_handle(0)), testing::on_path(17, 4, ".")}));
  ASSERT_EQ(a.size(), 4u);
  EXPECT_EQ(a[1].code, kFailure);
  EXPECT_EQ(a[1].text,
            "The file is larger than files that are not written in order may be: 1048576 bytes");
  EXPECT_EQ(a[2].code, kFailure);
  EXPECT_EQ(world_.object("ann/a"), "(none)");
}

TEST_F(ExtendedServer, KeepsAndShowsTimesAndModes) {
  world_.put_object("ann/a", "x");
  const auto attributes = [](ByteWriter out) {
    return out.u32(4 | 8).u32(04750).u32(1).u32(1'000'000'000);
  };
  const auto a =
      talk(join({testing::packet(9, attributes(ByteWriter().u32(1).string("a"))),
                 testing::on_path(17, 2, "a"), testing::on_path(11, 3, "."),
                 testing::on_handle(12, 4, slot_handle(0)),
                 extended(5, "lsetstat@openssh.com", attributes(ByteWriter().string("missing"))),
                 extended(6, "lsetstat@openssh.com", attributes(ByteWriter().string("a")))}));
  ASSERT_EQ(a.size(), 6u);
  EXPECT_EQ(a[0].code, kOk);
  EXPECT_EQ(a[1].permissions, 0104750u);
  ASSERT_EQ(a[3].long_names.size(), 1u);
  EXPECT_EQ(a[3].long_names[0].substr(0, 10), "-rwsr-x---");
  EXPECT_NE(a[3].long_names[0].find("Sep  9  2001"), std::string::npos);
  EXPECT_EQ(a[4].code, kNoSuchFile);
  EXPECT_EQ(a[5].code, kOk);
}

TEST_F(ExtendedServer, RenamesOverAFileByPosixRenameOnly) {
  world_.put_object("ann/a", "new");
  world_.put_object("ann/b", "old");
  EXPECT_EQ(
      codes(join({testing::on_two_paths(18, 1, "a", "b"),
                  extended(2, "posix-rename@openssh.com", ByteWriter().string("a").string("b")),
                  extended(3, "posix-rename@openssh.com", ByteWriter().string("a"))})),
      (Codes{kFailure, kOk, kBadMessage}));
  EXPECT_EQ(world_.object("ann/b"), "new");
  EXPECT_EQ(world_.object("ann/a"), "(none)");
}

TEST_F(ExtendedServer, RenamesDirectories) {
  world_.put_object("ann/d/x", "1");
  world_.put_object("ann/d/deep/y", "2");
  EXPECT_EQ(codes(testing::on_two_paths(18, 1, "d", "e")), (Codes{kOk}));
  EXPECT_EQ(world_.object("ann/e/x"), "1");
  EXPECT_EQ(world_.object("ann/e/deep/y"), "2");
  EXPECT_EQ(world_.object("ann/d/x"), "(none)");
}

TEST_F(ExtendedServer, TellsTheSizesOfTheVolume) {
  world_.put_object("ann/a", "1");
  const auto a =
      talk(join({extended(1, "statvfs@openssh.com", ByteWriter().string("a")),
                 testing::open(2, "a", pflag::kRead),
                 extended(3, "fstatvfs@openssh.com", ByteWriter().string(slot_handle(0))),
                 extended(4, "statvfs@openssh.com", ByteWriter().string("missing")),
                 extended(5, "fstatvfs@openssh.com", ByteWriter().string("nonsense"))}));
  ASSERT_EQ(a.size(), 5u);
  for (const std::size_t i : {0, 2}) {
    ASSERT_EQ(a[i].type, 201);
    ASSERT_EQ(a[i].rest.size(), 88u);
    EXPECT_GE(load_be64(a[i].rest.data()), 512u);
    EXPECT_GE(load_be64(a[i].rest.data() + 16), load_be64(a[i].rest.data() + 24));
  }
  EXPECT_EQ(a[3].code, kNoSuchFile);
  EXPECT_EQ(a[4].code, kFailure);
}

TEST_F(ExtendedServer, CopiesBetweenHandles) {
  world_.put_object("ann/a", "0123456789");
  const auto copy = [](std::uint32_t from, std::uint64_t at, std::uint64_t length, std::uint32_t to,
                       std::uint64_t to_at) {
    return ByteWriter()
        .string(slot_handle(from))
        .u64(at)
        .u64(length)
        .string(slot_handle(to))
        .u64(to_at);
  };
  EXPECT_EQ(codes(join({testing::open(1, "a", pflag::kRead),
                        testing::open(2, "b", pflag::kWrite | pflag::kCreat),
                        extended(3, "copy-data", copy(0, 0, 0, 1, 0)),
                        extended(4, "copy-data", copy(0, 2, 3, 1, 10)),
                        extended(5, "copy-data", copy(0, 99, 0, 1, 0)),
                        extended(6, "copy-data", copy(1, 0, 0, 0, 0)),
                        extended(7, "copy-data", copy(0, 0, 0, 7, 0)),
                        extended(8, "copy-data", ByteWriter().string(slot_handle(0))),
                        testing::close(9, slot_handle(1))})),
            (Codes{1102, 1102, kOk, kOk, kOk, kFailure, kFailure, kBadMessage, kOk}));
  EXPECT_EQ(world_.object("ann/b"), "0123456789234");
}

TEST_F(ExtendedServer, CopiesInsideAFileWithoutOverlap) {
  world_.put_object("ann/a", "0123456789");
  const auto copy = [](std::uint64_t at, std::uint64_t length, std::uint64_t to_at) {
    return ByteWriter()
        .string(slot_handle(0))
        .u64(at)
        .u64(length)
        .string(slot_handle(0))
        .u64(to_at);
  };
  EXPECT_EQ(
      codes(join({testing::open(1, "a", pflag::kRead | pflag::kWrite),
                  extended(2, "copy-data", copy(0, 3, 7)), extended(3, "copy-data", copy(0, 5, 4)),
                  extended(4, "copy-data", copy(4, 5, 0)), testing::close(5, slot_handle(0))})),
      (Codes{1102, kOk, kFailure, kFailure, kOk}));
  EXPECT_EQ(world_.object("ann/a"), "0123456012");
}

TEST_F(ExtendedServer, SyncsWhatIsOpenAndExpandsTheHome) {
  world_.put_object("ann/a", "1");
  const auto a =
      talk(join({testing::open(1, "a", pflag::kWrite),
                 extended(2, "fsync@openssh.com", ByteWriter().string(slot_handle(0))),
                 extended(3, "fsync@openssh.com", ByteWriter().string(slot_handle(1))),
                 extended(4, "expand-path@openssh.com", ByteWriter().string("~/x/..")),
                 extended(5, "expand-path@openssh.com", ByteWriter().string("~bob")),
                 extended(6, "hardlink@openssh.com", ByteWriter().string("a").string("b"))}));
  ASSERT_EQ(a.size(), 6u);
  EXPECT_EQ(a[1].code, kOk);
  EXPECT_EQ(a[2].code, kFailure);
  ASSERT_EQ(a[3].names.size(), 1u);
  EXPECT_EQ(a[3].names[0], "/demo/ann");
  EXPECT_EQ(a[4].code, kNoSuchFile);
  EXPECT_EQ(a[5].code, kUnsupported);
}

TEST_F(ExtendedServer, PacesAUserAndMovesAllOfIt) {
  world_.site().limits().apply(
      {{"default", {{.bandwidth_in = 100'000'000, .bandwidth_out = 100'000'000}, {}}}});
  const std::string data(200'000, 'x');
  EXPECT_EQ(codes(join({testing::open(1, "a", pflag::kWrite | pflag::kCreat),
                        testing::write(2, slot_handle(0), 0, data),
                        testing::close(3, slot_handle(0)), testing::open(4, "a", pflag::kRead),
                        testing::read(5, slot_handle(0, 2), 0, 200'000),
                        testing::close(6, slot_handle(0, 2))})),
            (Codes{1102, kOk, kOk, 1102, 1103, kOk}));
  EXPECT_EQ(world_.object("ann/a"), data);
}

}  // namespace
}  // namespace sallyport::sftp
