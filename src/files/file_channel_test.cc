#include "files/file_channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <functional>
#include <thread>

#include "files/fd_message.h"
#include "net/loop.h"

namespace sallyport::files {
namespace {

// A channel whose other end is a thread of the test.
class FileChannelTest : public ::testing::Test {
 protected:
  FileChannelTest() {
    int pair[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    channel_ = std::make_unique<SocketFileChannel>(pair[0]);
    far_ = UniqueFd(pair[1]);
  }

  NumberedRequest take(UniqueFd& given) {
    Bytes buffer(kMaxFileMessage);
    const ssize_t n = receive_message(far_.get(), buffer, given);
    EXPECT_GT(n, 0);
    auto request = read_request(ByteView(buffer).first(static_cast<std::size_t>(n)));
    EXPECT_TRUE(request.ok());
    return *request;
  }
  void answer(std::uint32_t number, std::uint32_t error = 0, int passed = -1) {
    FileReply reply;
    reply.number = number;
    reply.error = error;
    EXPECT_TRUE(send_message(far_.get(), write_reply(reply), passed));
  }
  Result<FileReply> call(FileVerb verb, std::function<void()> peer, int given = -1) {
    std::thread other(std::move(peer));
    FileRequest request;
    request.verb = verb;
    auto reply = net::sync_wait(channel_->call(request, given, got_));
    other.join();
    return reply;
  }

  std::unique_ptr<SocketFileChannel> channel_;
  UniqueFd far_, got_;
};

TEST_F(FileChannelTest, PassesDescriptorsBothWays) {
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto reply = call(
      FileVerb::kReadDirectory,
      [&] {
        UniqueFd given;
        const auto request = take(given);
        EXPECT_TRUE(given.valid());
        answer(request.number, 0, given.get());
      },
      null.get());
  ASSERT_TRUE(reply.ok());
  EXPECT_TRUE(got_.valid());
  EXPECT_NE(::fcntl(got_.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(FileChannelTest, AsksAgainAfterADeathWhenThatDoesNoHarm) {
  const auto reply = call(FileVerb::kStat, [&] {
    UniqueFd none;
    const auto first = take(none);
    answer(0, kRestarted);
    const auto second = take(none);
    EXPECT_EQ(first.number, second.number);
    answer(second.number, 2);
  });
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->error, 2u);
}

TEST_F(FileChannelTest, FailsAChangeInWhoseMiddleAProcessDied) {
  const auto reply = call(FileVerb::kRemoveFile, [&] {
    UniqueFd none;
    const auto first = take(none);
    answer(0, kRestarted);
    EXPECT_EQ(take(none).number, first.number);
    answer(first.number, kRestarted);
  });
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kUnavailable);
  // What the dead one answered all the same belongs to nobody.
  answer(1, 0);
  const auto next = call(FileVerb::kRemoveFile, [&] {
    UniqueFd none;
    answer(take(none).number, 13);
  });
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->error, 13u);
}

TEST_F(FileChannelTest, GivesUpOnARequestThatKills) {
  const auto reply = call(FileVerb::kStat, [&] {
    for (int i = 0; i < 3; ++i) {
      UniqueFd none;
      take(none);
      answer(0, kRestarted);
    }
  });
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kUnavailable);
}

TEST_F(FileChannelTest, RefusesWhatDoesNotRead) {
  const auto reply = call(FileVerb::kStat, [&] {
    UniqueFd none;
    take(none);
    EXPECT_TRUE(send_message(far_.get(), as_bytes("hostile"), -1));
  });
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kCorrupt);
}

TEST_F(FileChannelTest, IsUnavailableWhenTheOtherEndIsGone) {
  far_.reset();
  const FileRequest request;
  EXPECT_EQ(net::sync_wait(channel_->call(request, -1, got_)).error().code, Errc::kUnavailable);
}

}  // namespace
}  // namespace sallyport::files
