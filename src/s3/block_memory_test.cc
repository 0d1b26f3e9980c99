#include "s3/block_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "storage/testing/loop_bound_store.h"

namespace sallyport::s3 {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
constexpr std::size_t kBlock = BlockMemory::kBlockBytes;

TEST(BlockMemoryTest, gives_all_or_nothing) {
  BlockMemory all(3 * kBlock + 5);
  BlockMemory::Share memory(all);
  EXPECT_EQ(all.most(), 3u);
  auto two = memory.try_take(2);
  ASSERT_EQ(two.size(), 2u);
  std::fill_n(two[0].get(), kBlock, 'a');
  std::fill_n(two[1].get(), kBlock, 'b');
  EXPECT_TRUE(memory.try_take(2).empty());
  EXPECT_EQ(two[0].get()[kBlock - 1], 'a');
  two.clear();
  EXPECT_EQ(memory.try_take(3).size(), 3u);
}

Task<void> take_late(BlockMemory::Share& memory, std::size_t count, int name,
                     std::vector<int>& order, BlockMemory::Blocks& into) {
  auto taken = co_await memory.take(count, hours(1));
  EXPECT_TRUE(taken.ok());
  order.push_back(name);
  if (taken.ok()) into = std::move(*taken);
}

Task<void> stand_in_line() {
  BlockMemory four(4 * kBlock);
  BlockMemory::Share memory(four), first(four), second(four);
  auto all = memory.try_take(4);
  std::vector<int> order;
  BlockMemory::Blocks large, small;
  net::TaskScope scope;
  scope.spawn(take_late(first, 3, 1, order, large));
  scope.spawn(take_late(second, 1, 2, order, small));
  all.pop_back();
  // One is free, but the first in line wants three, and who did not stand there gets none.
  EXPECT_TRUE(memory.try_take(1).empty());
  co_await net::sleep_for(milliseconds(1));
  EXPECT_TRUE(order.empty());
  all.clear();
  co_await scope.join();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  EXPECT_EQ(large.size() + small.size(), 4u);
  EXPECT_TRUE(memory.try_take(1).empty());
  large.clear();
  EXPECT_EQ(memory.try_take(3).size(), 3u);
}

TEST(BlockMemoryTest, serves_in_the_order_of_asking) {
  net::sync_wait(stand_in_line());
}

Task<void> give_up() {
  BlockMemory four(4 * kBlock);
  BlockMemory::Share memory(four), first(four), second(four);
  auto two = memory.try_take(2);
  std::vector<int> order;
  BlockMemory::Blocks behind;
  net::TaskScope scope;
  auto impatient = first.take(4, milliseconds(20));
  scope.spawn([](auto task, auto& done) -> Task<void> {
    const auto taken = co_await std::move(task);
    EXPECT_FALSE(taken.ok());
    EXPECT_EQ(taken.error().code, Errc::kUnavailable);
    EXPECT_EQ(taken.error().reason, "SlowDown");
    done.push_back(1);
  }(std::move(impatient), order));
  // Gets what is there as soon as the one before it has given up.
  scope.spawn(take_late(second, 2, 2, order, behind));
  co_await scope.join();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  EXPECT_EQ(behind.size(), 2u);
}

TEST(BlockMemoryTest, who_waits_too_long_is_refused_and_holds_nobody_up) {
  net::sync_wait(give_up());
}

Task<void> want_too_much() {
  BlockMemory two(2 * kBlock);
  BlockMemory::Share memory(two);
  const auto taken = co_await memory.take(3, hours(1));
  EXPECT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, Errc::kInvalidArgument);
  BlockMemory less(kBlock - 1);
  BlockMemory::Share none(less);
  EXPECT_TRUE(none.try_take(1).empty());
  EXPECT_FALSE((co_await none.take(1, hours(1))).ok());
}

TEST(BlockMemoryTest, more_than_there_ever_is_is_refused_at_once) {
  net::sync_wait(want_too_much());
}

// One block after the other, as far as it goes.
std::size_t take_all(BlockMemory::Share& share, BlockMemory::Blocks& into) {
  while (true) {
    auto one = share.try_take(1);
    if (one.empty()) return into.size();
    into.push_back(std::move(one.front()));
  }
}

TEST(BlockMemoryTest, who_comes_late_finds_room) {
  BlockMemory memory(40 * kBlock);
  BlockMemory::Share first(memory), second(memory), third(memory), fourth(memory), fifth(memory);
  BlockMemory::Blocks one, two, three, four, five;
  EXPECT_EQ(take_all(first, one), 20u);
  EXPECT_EQ(take_all(second, two), 10u);
  EXPECT_EQ(take_all(third, three), BlockMemory::kLeast);
  EXPECT_EQ(take_all(fourth, four), BlockMemory::kLeast);
  EXPECT_EQ(take_all(fifth, five), 0u);
  // Who gives back is not the next to take, until all have as much.
  one.resize(11);
  EXPECT_FALSE(first.may_take(1));
  EXPECT_TRUE(first.try_take(1).empty());
  EXPECT_EQ(take_all(fifth, five), BlockMemory::kLeast);
  for (auto* blocks : {&one, &two, &three, &four, &five}) blocks->clear();
  EXPECT_EQ(memory.out(), 0u);
  EXPECT_EQ(take_all(fifth, five), 20u);
}

Task<void> let_others_pass() {
  BlockMemory memory(12 * kBlock);
  BlockMemory::Share greedy(memory), late(memory), last(memory);
  auto six = greedy.try_take(6);
  EXPECT_EQ(six.size(), 6u);
  std::vector<int> order;
  BlockMemory::Blocks more, some, few;
  net::TaskScope scope;
  scope.spawn(take_late(greedy, 2, 1, order, more));
  EXPECT_FALSE(greedy.may_take(2));
  // It stands in nobody's way.
  EXPECT_EQ(last.try_take(1).size(), 1u);
  scope.spawn(take_late(late, 5, 2, order, some));
  EXPECT_EQ(memory.out(), 11u);
  some.clear();
  six.clear();
  co_await scope.join();
  EXPECT_EQ(order, (std::vector<int>{2, 1}));
}

TEST(BlockMemoryTest, who_has_his_share_lets_others_pass) {
  net::sync_wait(let_others_pass());
}

struct Watch {
  std::atomic<std::size_t> out{0};
  std::atomic<std::size_t> most{0};
  std::atomic<int> failures{0};
};

// Takes and gives back, now and then from another loop than it took on.
Task<void> use(BlockMemory& all, std::size_t count, net::Loop& other, Watch& watch) {
  BlockMemory::Share memory(all);
  for (int i = 0; i < 200; ++i) {
    auto taken = co_await memory.take(count, hours(1));
    if (!taken.ok()) {
      ++watch.failures;
      co_return;
    }
    const std::size_t now = watch.out.fetch_add(count) + count;
    std::size_t most = watch.most.load();
    while (now > most && !watch.most.compare_exchange_weak(most, now)) continue;
    net::Loop& home = *net::Loop::current();
    if (i % 3 == 0) co_await net::switch_to(other);
    watch.out.fetch_sub(count);
    taken->clear();
    co_await net::switch_to(home);
  }
}

TEST(BlockMemoryTest, loops_share_it) {
  constexpr unsigned kLoops = 3;
  BlockMemory memory(4 * kBlock);
  Watch watch;
  net::LoopGroup loops(kLoops);
  loops.start();
  std::vector<std::future<void>> ends;
  for (unsigned i = 0; i < 4 * kLoops; ++i) {
    auto ended = std::make_shared<std::promise<void>>();
    ends.push_back(ended->get_future());
    net::start_on(loops.at(i % kLoops), use(memory, 1 + i % 3, loops.at((i + 1) % kLoops), watch),
                  [ended] { ended->set_value(); });
  }
  for (auto& end : ends) end.wait();
  loops.stop();
  EXPECT_EQ(watch.failures, 0);
  EXPECT_LE(watch.most, 4u);
  EXPECT_EQ(memory.out(), 0u);
}

}  // namespace
}  // namespace sallyport::s3
