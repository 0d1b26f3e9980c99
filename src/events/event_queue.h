// The bounded queue behind EventLog: two kinds of lines in one order. Inside src/events only.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "events/event_log.h"

namespace sallyport::events {

// Not thread-safe.
class EventQueue {
 public:
  EventQueue(std::size_t max_lines, std::uint64_t max_bytes)
      : max_lines_(max_lines), max_bytes_(max_bytes) {}

  // Takes the line if there is room, or if queued access lines can give way to a transfer line (the
  // youngest do: the start of a flood says more than its end). Returns how many lines were shed,
  // the offered one included.
  std::uint64_t offer(state::LogLine line, Importance importance);

  // Moves the oldest lines out, in the order they were offered. They keep their room until
  // released() or put_back().
  std::vector<state::LogLine> take(std::size_t limit);
  // The lines taken have found their place.
  void release();
  // They come first again.
  void put_back(std::vector<state::LogLine> lines);

  // Lines that can be taken.
  std::size_t waiting() const { return transfer_.size() + access_.size(); }

  // Lines offered so far; and how many of the first of those are no longer here.
  std::uint64_t offered() const { return offered_; }
  std::uint64_t settled() const;

 private:
  struct Item {
    std::uint64_t number;
    state::LogLine line;
  };
  struct Taken {
    std::uint64_t number;
    Importance importance;
  };

  std::deque<Item>& queue_of(Importance importance) {
    return importance == Importance::kTransfer ? transfer_ : access_;
  }
  bool has_room(std::uint64_t cost) const {
    return lines_ < max_lines_ && bytes_ + cost <= max_bytes_;
  }
  void shed_youngest_access();

  std::size_t max_lines_;
  std::uint64_t max_bytes_;
  std::size_t lines_ = 0;  // waiting and taken
  std::uint64_t bytes_ = 0;
  std::uint64_t offered_ = 0;
  std::deque<Item> transfer_, access_;
  std::vector<Taken> taken_;
  std::uint64_t taken_bytes_ = 0;
};

}  // namespace sallyport::events
