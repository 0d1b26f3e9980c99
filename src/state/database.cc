#include "state/database.h"

#include "net/loop.h"

namespace sallyport::state {

Result<std::int64_t> Connection::query_integer(std::string_view sql, Binds binds) {
  std::int64_t value = 0;
  TRY_ASSIGN(const std::int64_t rows, query(sql, binds, [&](const Row& row) {
               value = row.integer(0);
               return false;
             }));
  if (rows == 0) return Error(Errc::kNotFound, "the query has no row");
  return value;
}

void Database::Resumption::capture(std::coroutine_handle<> h) {
  handle = h;
  loop = net::Loop::current();
}

void Database::Resumption::post() const {
  loop->post(handle);
}

void Database::Latch::open() {
  // Notified under the lock: the waiter may end this object as soon as it can take it.
  const std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_one();
}

void Database::Latch::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return open_; });
}

}  // namespace sallyport::state
