// Ends what publications left open: once the renamed files are safe in their folders, their intents
// go, many in one transaction. A thread of its own, as nobody waits for it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "state/database.h"

namespace sallyport::storage {

struct Bucket;

struct Settlement {
  std::vector<std::int64_t> intents;
  std::shared_ptr<const Bucket> bucket;
  std::vector<std::string> folders;  // changed, by path; "" is the bucket's own
  bool reserved_folder = false;      // content/ was changed
};

// Thread-safe.
class Settler {
 public:
  Settler(state::Database& database, bool sync);
  // Settles what is left, then ends.
  ~Settler();
  void add(Settlement settlement);

 private:
  void serve();
  bool settle(std::vector<Settlement>& batch);

  state::Database& database_;
  const bool sync_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Settlement> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sallyport::storage
