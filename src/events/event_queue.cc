#include "events/event_queue.h"

#include <algorithm>

namespace sallyport::events {
namespace {

// Text and what holds it.
std::uint64_t cost_of(const state::LogLine& line) {
  return line.group.size() + line.stream.size() + line.message.size() + sizeof(state::LogLine);
}

}  // namespace

void EventQueue::shed_youngest_access() {
  bytes_ -= cost_of(access_.back().line);
  --lines_;
  access_.pop_back();
}

std::uint64_t EventQueue::offer(state::LogLine line, Importance importance) {
  const std::uint64_t number = ++offered_;
  const std::uint64_t cost = cost_of(line);
  std::uint64_t shed = 0;
  if (importance == Importance::kTransfer && cost <= max_bytes_) {
    for (; !has_room(cost) && !access_.empty(); ++shed) shed_youngest_access();
  }
  if (!has_room(cost)) return shed + 1;
  ++lines_;
  bytes_ += cost;
  queue_of(importance).push_back({number, std::move(line)});
  return shed;
}

std::vector<state::LogLine> EventQueue::take(std::size_t limit) {
  std::vector<state::LogLine> lines;
  lines.reserve(std::min(limit, waiting()));
  while (lines.size() < limit && waiting() != 0) {
    const bool transfer = access_.empty() ||
                          (!transfer_.empty() && transfer_.front().number < access_.front().number);
    const Importance importance = transfer ? Importance::kTransfer : Importance::kAccess;
    auto& queue = queue_of(importance);
    taken_bytes_ += cost_of(queue.front().line);
    taken_.push_back({queue.front().number, importance});
    lines.push_back(std::move(queue.front().line));
    queue.pop_front();
  }
  return lines;
}

void EventQueue::release() {
  lines_ -= taken_.size();
  bytes_ -= taken_bytes_;
  taken_.clear();
  taken_bytes_ = 0;
}

void EventQueue::put_back(std::vector<state::LogLine> lines) {
  for (std::size_t i = lines.size(); i-- > 0;) {
    queue_of(taken_[i].importance).push_front({taken_[i].number, std::move(lines[i])});
  }
  taken_.clear();
  taken_bytes_ = 0;
}

std::uint64_t EventQueue::settled() const {
  std::uint64_t oldest = offered_ + 1;
  if (!transfer_.empty()) oldest = std::min(oldest, transfer_.front().number);
  if (!access_.empty()) oldest = std::min(oldest, access_.front().number);
  if (!taken_.empty()) oldest = std::min(oldest, taken_.front().number);
  return oldest - 1;
}

}  // namespace sallyport::events
