// A channel port in memory, for tests: input is put in, output is collected, windows are set by
// hand.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "sftp/channel_port.h"

namespace sallyport::sftp::testing {

class MemoryPort final : public ChannelPort {
 public:
  // Pieces that reservations are cut into, in bytes.
  explicit MemoryPort(std::size_t piece = 1000) : piece_(piece) {}

  // ---- The peer's side. ----

  void put(ByteView bytes) {
    // Always new memory, so that a stale view shows under the address sanitizer.
    auto next =
        std::make_shared<Bytes>(input_->begin() + static_cast<std::ptrdiff_t>(at_), input_->end());
    next->insert(next->end(), bytes.begin(), bytes.end());
    input_ = std::move(next);
    at_ = 0;
    wake(true, false);
  }
  void end_input() {
    ended_ = true;
    wake(true, false);
  }
  void close() {
    closed_ = true;
    wake(true, true);
  }
  // Lets so many more bytes be written.
  void open_window(std::size_t n) {
    window_ += n;
    wake(false, true);
  }
  void set_window(std::size_t n) { window_ = n; }
  // What the server's flush() does, for instance wakes the server that is in it.
  void on_flush(std::function<void()> call) { on_flush_ = std::move(call); }
  // Output counts as waiting to leave.
  void set_output_idle(bool idle) { output_idle_ = idle; }
  const Bytes& output() const { return output_; }
  Bytes take_output() { return std::exchange(output_, {}); }
  std::size_t granted() const { return granted_; }
  std::size_t reservations() const { return reservations_; }

  // ---- The server's side. ----

  ByteView input() const override { return ByteView(*input_).subspan(at_); }
  bool input_ended() const override { return ended_; }
  std::shared_ptr<const void> lend_input() override { return input_; }
  void advance(std::size_t n) override { at_ += std::min(n, input_->size() - at_); }
  void grant(std::size_t n) override { granted_ += n; }
  std::size_t writable() override { return closed_ ? 0 : window_; }
  bool output_idle() const override { return output_idle_; }
  std::size_t write(ByteView data) override {
    const std::size_t n = std::min(data.size(), writable());
    output_.insert(output_.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(n));
    window_ -= n;
    return n;
  }
  std::span<const MutableBytes> reserve(std::size_t n) override {
    n = std::min(n, writable());
    ++reservations_;
    memory_.assign(n, 0xaa);
    pieces_.clear();
    for (std::size_t i = 0; i < n; i += piece_) {
      pieces_.push_back(MutableBytes(memory_).subspan(i, std::min(piece_, n - i)));
    }
    return pieces_;
  }
  void commit(std::size_t m) override {
    if (!closed_) write(ByteView(memory_).first(m));
    memory_ = Bytes();
    pieces_.clear();
  }
  void flush() override {
    if (on_flush_) on_flush_();
  }
  bool closed() const override { return closed_; }

 private:
  const std::size_t piece_;
  std::shared_ptr<Bytes> input_ = std::make_shared<Bytes>();
  std::size_t at_ = 0;
  bool ended_ = false;
  bool closed_ = false;
  Bytes output_;
  std::size_t window_ = std::size_t{1} << 30;
  bool output_idle_ = true;
  std::function<void()> on_flush_;
  std::size_t granted_ = 0;
  std::size_t reservations_ = 0;
  Bytes memory_;
  std::vector<MutableBytes> pieces_;
};

}  // namespace sallyport::sftp::testing
