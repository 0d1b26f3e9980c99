// Servers whose state the store could not tell or not keep, because it was full or gone: they are
// looked at again until it can, so that none stays STARTING or STOPPING.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "app/live_tasks.h"
#include "base/result.h"
#include "net/loop.h"

namespace sallyport::app {

// All calls on `loop`, which with `live` outlives this; `look` is called there, once for each
// server at a time.
class Unsettled {
 public:
  Unsettled(net::Loop& loop, LiveTasks& live, std::function<void(std::string)> look)
      : loop_(loop), live_(live), look_(std::move(look)) {}

  // Whether the same may succeed later.
  static bool may_pass(const Error& error);

  void add(const std::string& server_id, const Error& why);
  void remove(const std::string& server_id) { servers_.erase(server_id); }
  // Nothing is looked at any more.
  void stop();

 private:
  Task<void> look_later();

  net::Loop& loop_;
  LiveTasks& live_;
  const std::function<void(std::string)> look_;
  std::set<std::string> servers_;
  net::CancellableSleep sleep_;
  bool waiting_ = false;
  bool stopped_ = false;
};

}  // namespace sallyport::app
