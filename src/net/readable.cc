#include "net/readable.h"

#include <boost/asio/posix/stream_descriptor.hpp>

#include "net/loop.h"

namespace sallyport::net {
namespace {

using Borrowed = boost::asio::posix::stream_descriptor;

struct ReadableAwaiter {
  Borrowed& descriptor;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) const {
    descriptor.async_wait(Borrowed::wait_read,
                          [h](const boost::system::error_code&) { h.resume(); });
  }
  void await_resume() const noexcept {}
};

}  // namespace

Task<Result<void>> until_readable(int fd) {
  Borrowed descriptor(Loop::current()->native());
  boost::system::error_code failed;
  descriptor.assign(fd, failed);
  if (failed) co_return errno_error("waiting for a descriptor", failed.value());
  const ReadableAwaiter wait{descriptor};
  co_await wait;
  descriptor.release();
  co_return ok();
}

}  // namespace sallyport::net
