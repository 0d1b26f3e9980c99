#include "files/closer.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <future>

#include "files/file_system.h"
#include "net/loop.h"

namespace sallyport::files {
namespace {

using std::chrono::milliseconds;

// A connection whose closing waits until the other end is gone: its bytes are not taken.
class SlowToClose {
 public:
  SlowToClose() {
    const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(listener.get(), 1), 0);
    EXPECT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&at), &size), 0);
    near_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(near_.get(), reinterpret_cast<sockaddr*>(&at), size), 0);
    far_ = UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const linger patient{1, 3600};
    EXPECT_EQ(::setsockopt(near_.get(), SOL_SOCKET, SO_LINGER, &patient, sizeof patient), 0);
    const std::string bytes(1 << 16, 'x');
    while (::send(near_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
    }
  }
  UniqueFd take() { return std::move(near_); }
  void let_go() {
    const linger none{1, 0};
    ::setsockopt(far_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
    far_.reset();
  }

 private:
  UniqueFd near_, far_;
};

Task<void> drop(std::unique_ptr<OpenFile> file) {
  file.reset();
  co_return;
}

class CloserTest : public ::testing::TestWithParam<bool> {};

TEST_P(CloserTest, AFileThatIsSlowToCloseHoldsUpNeitherLoopNorTransfers) {
  SlowToClose slow;
  net::BlockingPool transfers("transfers", 1);
  Closer closer;
  auto file = std::make_unique<OpenFile>(slow.take(), FileStatus{}, GetParam(), transfers, closer);
  net::sync_wait(drop(std::move(file)));
  EXPECT_TRUE(transfers.wait_idle(milliseconds(0)));
  EXPECT_FALSE(closer.wait_idle(milliseconds(0)));
  slow.let_go();
  EXPECT_TRUE(closer.wait_idle(std::chrono::minutes(5)));
}

INSTANTIATE_TEST_SUITE_P(OnADiskOrNot, CloserTest, ::testing::Bool());

TEST(Closer, ClosesWhatItHasBeforeItEnds) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const UniqueFd far(pair[1]);
  Closer().take(UniqueFd(pair[0]), Closing::kSoon);
  char byte = 0;
  EXPECT_EQ(::recv(far.get(), &byte, 1, 0), 0);
}

}  // namespace
}  // namespace sallyport::files
