#include "http/wire_body.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace sallyport::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
// Smaller reads go through the buffer, larger ones straight to the caller's memory.
constexpr std::size_t kDirectRead = 4 * 1024;
constexpr std::size_t kFirstRoom = 4 * 1024;
constexpr std::size_t kBodyRoom = 64 * 1024;

}  // namespace

void InputBuffer::consume(std::size_t n) {
  begin_ += n;
  if (begin_ == end_) begin_ = end_ = 0;
}

void InputBuffer::release() {
  if (!empty() || data_.size() <= kFirstRoom) return;
  Bytes().swap(data_);
}

Task<Result<std::size_t>> InputBuffer::fill(ByteStream& stream, std::size_t room) {
  if (data_.size() - end_ < room && begin_ != 0) {
    std::memmove(data_.data(), data_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (data_.size() - end_ < room) data_.resize(end_ + room);
  auto n = co_await stream.read_some(MutableBytes(data_).subspan(end_));
  if (n.ok()) end_ += *n;
  co_return n;
}

bool WireBodyReader::finished() const {
  if (broken_) return false;
  switch (framing_.kind) {
    case BodyKind::kNone: return true;
    case BodyKind::kLength: return left_ == 0;
    case BodyKind::kChunked: return chunks_.done();
    case BodyKind::kUntilClose: return ended_;
  }
  return false;
}

std::optional<std::uint64_t> WireBodyReader::length() const {
  switch (framing_.kind) {
    case BodyKind::kNone:
    case BodyKind::kLength: return framing_.length;
    case BodyKind::kChunked:
    case BodyKind::kUntilClose: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> WireBodyReader::left() const {
  if (finished()) return 0;
  if (framing_.kind == BodyKind::kLength) return left_;
  return std::nullopt;
}

Error WireBodyReader::break_with(Error error) {
  broken_ = true;
  return error;
}

std::size_t WireBodyReader::take_buffered(MutableBytes into) {
  const ByteView have = in_.view();
  const std::size_t n = std::min(have.size(), into.size());
  if (n != 0) std::memcpy(into.data(), have.data(), n);
  in_.consume(n);
  return n;
}

void WireBodyReader::await_more() {
  if (in_stride_ >= stride_) {
    patience_ = whole_patience_;
    in_stride_ = 0;
  }
  waiting_since_ = std::chrono::steady_clock::now();
  stream_.set_deadline(waiting_since_ + std::min(idle_, patience_));
}

void WireBodyReader::came(std::size_t n) {
  using namespace std::chrono;
  in_stride_ += n;
  patience_ -= duration_cast<milliseconds>(steady_clock::now() - waiting_since_);
}

Task<Result<void>> WireBodyReader::send_continue() {
  continue_due_ = false;
  stream_.set_deadline(deadline_in(idle_));
  const std::array<ByteView, 1> pieces{as_bytes(kContinue)};
  auto sent = co_await stream_.write_all(pieces);
  if (!sent.ok()) co_return break_with(std::move(sent).error());
  co_return ok();
}

Task<Result<std::size_t>> WireBodyReader::read(MutableBytes into) {
  if (broken_) co_return Error(Errc::kClosed, "the body can no longer be read");
  if (finished()) co_return std::size_t{0};
  if (continue_due_) CO_TRY(co_await send_continue());
  switch (framing_.kind) {
    case BodyKind::kLength: co_return co_await read_length(into);
    case BodyKind::kChunked: co_return co_await read_chunked(into);
    case BodyKind::kUntilClose: co_return co_await read_until_close(into);
    case BodyKind::kNone: break;
  }
  co_return std::size_t{0};
}

Task<Result<std::size_t>> WireBodyReader::read_length(MutableBytes into) {
  into = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_)));
  if (in_.empty()) {
    await_more();
    const bool direct = into.size() >= kDirectRead || into.size() == left_;
    Result<std::size_t> n = std::size_t{0};
    if (direct) {
      n = co_await stream_.read_some(into);
    } else {
      n = co_await in_.fill(stream_, kDirectRead);
    }
    if (!n.ok()) co_return break_with(std::move(n).error());
    if (*n == 0)
      co_return break_with(Error(Errc::kClosed, "the peer left before the end of the body"));
    came(*n);
    if (direct) {
      left_ -= *n;
      co_return *n;
    }
  }
  const std::size_t n = take_buffered(into);
  left_ -= n;
  co_return n;
}

Task<Result<std::size_t>> WireBodyReader::read_chunked(MutableBytes into) {
  while (true) {
    const ChunkedDecoder::Progress p = chunks_.decode(in_.view(), into);
    in_.consume(p.consumed);
    if (chunks_.failed())
      co_return break_with(Error(Errc::kInvalidArgument, chunks_.failure().reason));
    if (p.produced != 0 || chunks_.done()) co_return p.produced;
    await_more();
    auto n = co_await in_.fill(stream_, into.size() >= kBodyRoom ? kBodyRoom : kFirstRoom);
    if (!n.ok()) co_return break_with(std::move(n).error());
    if (*n == 0)
      co_return break_with(Error(Errc::kClosed, "the peer left before the end of the body"));
    came(*n);
  }
}

Task<Result<std::size_t>> WireBodyReader::read_until_close(MutableBytes into) {
  if (!in_.empty()) co_return take_buffered(into);
  await_more();
  auto n = co_await stream_.read_some(into);
  if (!n.ok()) co_return break_with(std::move(n).error());
  came(*n);
  if (*n == 0) ended_ = true;
  co_return *n;
}

Task<bool> WireBodyReader::drain(std::uint64_t limit) {
  Bytes scratch;
  while (!finished() && !broken_ && limit != 0) {
    scratch.resize(16 * 1024);
    auto n = co_await read(scratch);
    if (!n.ok()) co_return false;
    limit -= std::min<std::uint64_t>(limit, std::max<std::size_t>(*n, 1));
  }
  co_return finished();
}

}  // namespace sallyport::http
