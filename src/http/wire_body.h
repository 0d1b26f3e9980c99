// The receiving side of a connection: bytes read ahead, and the body of the message at its front.
// Shared by server and client. One coroutine at a time, on the loop of the stream.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "http/chunked.h"
#include "http/head_parser.h"
#include "http/message.h"
#include "http/stream.h"

namespace sallyport::http {

// What has been received and not yet used.
class InputBuffer {
 public:
  ByteView view() const { return ByteView(data_).subspan(begin_, end_ - begin_); }
  bool empty() const { return begin_ == end_; }
  void consume(std::size_t n);
  // Reads once from the stream, making room for at least `room` bytes. 0 when the peer has ended.
  Task<Result<std::size_t>> fill(ByteStream& stream, std::size_t room);
  // Gives memory back while nothing is buffered.
  void release();

 private:
  Bytes data_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

inline SteadyTime deadline_in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

// References outlive the reader. Whoever sends is waited for `idle` each time, and with a `stride`
// no longer than `patience` for each `stride` bytes in all: one who sends a byte now and then holds
// nobody for ever.
class WireBodyReader final : public BodyReader {
 public:
  WireBodyReader(ByteStream& stream, InputBuffer& in, BodyFraming framing,
                 std::chrono::milliseconds idle, std::size_t stride = 0,
                 std::chrono::milliseconds patience = {})
      : stream_(stream),
        in_(in),
        framing_(framing),
        idle_(idle),
        stride_(stride),
        whole_patience_(std::max(idle, patience)),
        patience_(whole_patience_),
        left_(framing.length) {}

  // The client waits for "100 Continue": it is sent at the first read.
  void expect_continue() { continue_due_ = true; }
  // Invites the body now.
  Task<Result<void>> send_continue();
  bool continue_due() const { return continue_due_; }

  Task<Result<std::size_t>> read(MutableBytes into) override;
  std::optional<std::uint64_t> length() const override;

  // The next message begins at the front of the input buffer.
  bool finished() const;
  bool broken() const { return broken_; }
  // Bytes still to come; unknown for chunked bodies.
  std::optional<std::uint64_t> left() const;
  // Reads and forgets at most about `limit` bytes; true when the body is finished then.
  Task<bool> drain(std::uint64_t limit);

 private:
  Task<Result<std::size_t>> read_length(MutableBytes into);
  Task<Result<std::size_t>> read_chunked(MutableBytes into);
  Task<Result<std::size_t>> read_until_close(MutableBytes into);
  std::size_t take_buffered(MutableBytes into);
  Error break_with(Error error);
  // Before and after a read from the stream.
  void await_more();
  void came(std::size_t n);

  ByteStream& stream_;
  InputBuffer& in_;
  BodyFraming framing_;
  std::chrono::milliseconds idle_;
  std::size_t stride_;
  std::chrono::milliseconds whole_patience_;
  std::chrono::milliseconds patience_;  // that is left for this stride
  std::size_t in_stride_ = 0;           // bytes that have come of it
  SteadyTime waiting_since_{};
  std::uint64_t left_;
  ChunkedDecoder chunks_;
  bool continue_due_ = false;
  bool broken_ = false;
  bool ended_ = false;
};

}  // namespace sallyport::http
