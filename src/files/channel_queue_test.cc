#include "files/channel_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "net/loop.h"

namespace sallyport::files {
namespace {

class NoChannel final : public FileChannel {
 public:
  Task<Result<FileReply>> call(const FileRequest&, int, UniqueFd&) override {
    co_return FileReply{};
  }
};

std::vector<std::unique_ptr<FileChannel>> channels(int count) {
  std::vector<std::unique_ptr<FileChannel>> out;
  for (int i = 0; i < count; ++i) out.push_back(std::make_unique<NoChannel>());
  return out;
}

// Suspends until it is let go on.
struct Gate {
  std::vector<std::coroutine_handle<>> held;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) { held.push_back(h); }
  void await_resume() const noexcept {}
  bool let_one_go() {
    if (held.empty()) return false;
    const auto first = held.front();
    held.erase(held.begin());
    first.resume();
    return true;
  }
};

struct Scene {
  explicit Scene(int count, WaitingBounds bounds = {}) : queue(channels(count), bounds) {}
  ChannelQueue queue;
  Gate gate;
  std::vector<std::uint32_t> served;
  std::vector<std::uint32_t> refused;
  std::size_t most = 0;
};

Task<void> request(Scene& scene, std::uint32_t uid) {
  const auto channel = co_await scene.queue.take(uid);
  if (!channel.ok()) {
    EXPECT_EQ(channel.error().code, Errc::kUnavailable);
    scene.refused.push_back(uid);
    co_return;
  }
  scene.served.push_back(uid);
  scene.most = std::max(scene.most, scene.queue.lent());
  co_await scene.gate;
}

Task<void> turn_of_the_loop() {
  net::Loop& loop = *net::Loop::current();
  struct Turn {
    net::Loop& loop;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> h) const { loop.post(h); }
    void await_resume() const noexcept {}
  };
  const Turn turn{loop};
  co_await turn;
}

// The order in which they are served that come in the order of `uids`.
std::vector<std::uint32_t> order_of(Scene& scene, std::vector<std::uint32_t> uids) {
  const auto all = [](Scene& s, std::vector<std::uint32_t> asking) -> Task<void> {
    net::TaskScope scope;
    for (const std::uint32_t uid : asking) scope.spawn(request(s, uid));
    while (s.gate.let_one_go()) co_await turn_of_the_loop();
    co_await scope.join();
  };
  net::sync_wait(all(scene, std::move(uids)));
  return scene.served;
}

TEST(ChannelQueue, AHundredRequestsOfOneUserHoldUpNoOther) {
  std::vector<std::uint32_t> uids(100, 1);
  uids.push_back(2);
  uids.push_back(3);
  uids.push_back(2);
  Scene scene(4);
  const auto order = order_of(scene, uids);
  ASSERT_EQ(order.size(), uids.size());
  // Four were free; then in turns.
  const std::vector<std::uint32_t> first(order.begin(), order.begin() + 10);
  EXPECT_THAT(first, ::testing::ElementsAre(1, 1, 1, 1, 1, 2, 3, 1, 2, 1));
  EXPECT_EQ(scene.most, 4u);
  EXPECT_EQ(scene.queue.lent(), 0u);
}

TEST(ChannelQueue, WhereNothingIsAnsweredOnlySoManyWait) {
  using std::chrono::milliseconds;
  Scene stuck(1, {.most = 2, .silence = milliseconds(0)});
  EXPECT_THAT(order_of(stuck, {1, 2, 3, 4, 5}), ::testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(stuck.refused, ::testing::ElementsAre(4, 5));
  EXPECT_THAT(order_of(stuck, {6, 7}), ::testing::ElementsAre(1, 2, 3, 6, 7)) << "it answers again";
  Scene busy(1, {.most = 2, .silence = std::chrono::hours(1)});
  EXPECT_EQ(order_of(busy, {1, 2, 3, 4, 5}).size(), 5u);
}

TEST(ChannelQueue, OneUsersRequestsAreServedInTheirOrder) {
  Scene scene(1);
  EXPECT_THAT(order_of(scene, {7, 8, 7, 8, 9}), ::testing::ElementsAre(7, 8, 7, 9, 8));
  EXPECT_EQ(scene.most, 1u);
}

}  // namespace
}  // namespace sallyport::files
