// Actions on their way to the driver. Thread-safety: none.
#pragma once

#include <deque>
#include <utility>

#include "ssh/actions.h"

namespace sallyport::ssh {

class EventQueue {
 public:
  void push(Action action) { actions_.push_back(std::move(action)); }
  bool empty() const { return actions_.empty(); }
  // REQUIRES: !empty().
  Action pop() {
    Action action = std::move(actions_.front());
    actions_.pop_front();
    return action;
  }

 private:
  std::deque<Action> actions_;
};

}  // namespace sallyport::ssh
