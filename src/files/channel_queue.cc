#include "files/channel_queue.h"

namespace sallyport::files {

namespace {

SteadyTime steady_now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

ChannelQueue::ChannelQueue(std::vector<std::unique_ptr<FileChannel>> channels, WaitingBounds bounds)
    : channels_(std::move(channels)), bounds_(bounds), last_turn_(steady_now()) {
  for (const auto& channel : channels_) free_.push_back(channel.get());
}

bool ChannelQueue::has_to_wait(Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  if (!free_.empty()) {
    waiter.channel = free_.back();
    free_.pop_back();
    last_turn_ = steady_now();
    return false;
  }
  if (is_over_bounds()) return false;
  ++waiters_;
  auto& line = waiting_[waiter.uid];
  if (line.empty()) turns_.push_back(waiter.uid);
  line.push_back(&waiter);
  return true;
}

bool ChannelQueue::is_over_bounds() const {
  return waiters_ >= bounds_.most && steady_now() - last_turn_ >= bounds_.silence;
}

void ChannelQueue::give_back(FileChannel& channel) {
  Waiter* next = nullptr;
  {
    const std::lock_guard lock(mutex_);
    last_turn_ = steady_now();
    next = next_in_turn();
    if (next == nullptr) free_.push_back(&channel);
  }
  if (next == nullptr) return;
  next->channel = &channel;
  next->loop->post(next->handle);
}

std::size_t ChannelQueue::lent() {
  const std::lock_guard lock(mutex_);
  return channels_.size() - free_.size();
}

ChannelQueue::Waiter* ChannelQueue::next_in_turn() {
  if (turns_.empty()) return nullptr;
  const std::uint32_t uid = turns_.front();
  turns_.pop_front();
  const auto line = waiting_.find(uid);
  Waiter* const next = line->second.front();
  line->second.pop_front();
  --waiters_;
  if (line->second.empty()) {
    waiting_.erase(line);
  } else {
    turns_.push_back(uid);
  }
  return next;
}

}  // namespace sallyport::files
