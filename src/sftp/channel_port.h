// The byte stream an SFTP server talks over, so that it can be tested without SSH.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "sftp/signal.h"

namespace sallyport::sftp {

// One channel on one loop; outlives its server. Not thread-safe. A closed port takes no output and
// gets no more input, but keeps what it had; every call stays legal.
class ChannelPort {
 public:
  virtual ~ChannelPort() = default;

  // ---- Input. ----

  // What has arrived and is not yet taken away, contiguous. The view ends with flush(), with
  // advance() and with every wait, unless its memory is lent.
  virtual ByteView input() const = 0;
  // No more will arrive than input() holds.
  virtual bool input_ended() const = 0;
  // Keeps the memory under the present input() as it is until the lease is dropped.
  virtual std::shared_ptr<const void> lend_input() = 0;
  // Takes the first `n` bytes away; grant() lets the peer send as many more, now or later.
  virtual void advance(std::size_t n) = 0;
  virtual void grant(std::size_t n) = 0;

  // ---- Output. ----

  // Bytes that can be written or reserved now.
  virtual std::size_t writable() = 0;
  // True when all output has left, so that only the peer can make more of it writable.
  virtual bool output_idle() const = 0;
  // Copies as much of `data` as is writable; returns how much that was.
  virtual std::size_t write(ByteView data) = 0;
  // Space for `n` <= writable() bytes of output, in pieces; fewer than n when refused. At most one
  // reservation is open; its memory stays valid until commit().
  virtual std::span<const MutableBytes> reserve(std::size_t n) = 0;
  // Sends the first `m` bytes of the reservation and gives back the rest.
  virtual void commit(std::size_t m) = 0;
  // Now is a good time to send what was written.
  virtual void flush() = 0;

  // ---- Life. ----

  // The channel or its connection has ended.
  virtual bool closed() const = 0;

  // ---- Waiting, for the server; waking, for whoever feeds the port. ----

  // Take the count, look at the state, then wait: the wait returns at once when the count has moved
  // on since, as it may in flush().
  std::uint64_t input_changes() const { return input_changes_; }
  std::uint64_t output_changes() const { return output_changes_; }
  // Until input has grown or ended, or the port is closed. At most one wait at a time.
  auto wait_for_input(std::uint64_t seen) { return Wait{*this, input_changes_, seen, false}; }
  // Until more has become writable or left, or the port is closed.
  auto wait_for_output(std::uint64_t seen) { return Wait{*this, output_changes_, seen, true}; }
  // Resumes the server within this call if it waits for what has changed. The server, and the port
  // with it, may be gone afterwards.
  void wake(bool input_changed, bool output_changed) {
    input_changes_ += input_changed ? 1 : 0;
    output_changes_ += output_changed ? 1 : 0;
    if (waits_for_output_ ? output_changed : input_changed) changed_.raise();
  }

 private:
  struct Wait {
    ChannelPort& port;
    const std::uint64_t& changes;
    std::uint64_t seen;
    bool output;
    bool await_ready() const noexcept { return changes != seen; }
    void await_suspend(std::coroutine_handle<> h) const {
      port.waits_for_output_ = output;
      port.changed_.wait().await_suspend(h);
    }
    void await_resume() const noexcept {}
  };

  Signal changed_;
  bool waits_for_output_ = false;
  std::uint64_t input_changes_ = 0;
  std::uint64_t output_changes_ = 0;
};

}  // namespace sallyport::sftp
