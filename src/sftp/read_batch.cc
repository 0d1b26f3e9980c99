#include "sftp/read_batch.h"

#include <algorithm>
#include <array>

namespace sallyport::sftp {
namespace {

constexpr std::size_t kMostReads = 128;

// A position in a list of segments that moves forward only.
class Cursor {
 public:
  explicit Cursor(std::span<const MutableBytes> segments) : segments_(segments) {}

  // Calls `use` with the pieces that hold the next `n` bytes, and passes them.
  template <class F>
  void pass(std::size_t n, F use) {
    while (n > 0 && !segments_.empty()) {
      const MutableBytes rest = segments_.front().subspan(at_);
      const MutableBytes piece = rest.first(std::min(n, rest.size()));
      if (!piece.empty()) use(piece);
      n -= piece.size();
      at_ += piece.size();
      if (at_ == segments_.front().size()) {
        segments_ = segments_.subspan(1);
        at_ = 0;
      }
    }
  }

 private:
  std::span<const MutableBytes> segments_;
  std::size_t at_ = 0;
};

}  // namespace

std::uint32_t answered_length(const ReadRequest& request, std::uint64_t file_size) {
  if (request.offset >= file_size) return 0;
  const std::uint64_t length = std::min(request.length, kMaxDataLength);
  return static_cast<std::uint32_t>(std::min(length, file_size - request.offset));
}

void gather_reads(ByteView input, RequestId first_id, const ReadRequest& first,
                  std::size_t first_size, std::uint64_t file_size, std::size_t most,
                  ReadBatch& batch) {
  batch.handle = first.handle;
  batch.offset = first.offset;
  batch.bytes = answered_length(first, file_size);
  batch.consumed = first_size;
  batch.parts.clear();
  batch.parts.push_back({first_id, static_cast<std::uint32_t>(batch.bytes)});

  while (batch.parts.size() < kMostReads) {
    const Frame frame = front_frame(input.subspan(batch.consumed));
    if (frame.state != FrameState::kComplete || frame.body.size() < 4 ||
        frame.type != static_cast<std::uint8_t>(PacketType::kRead)) {
      return;
    }
    const auto next = parse_read(frame.body.subspan(4));
    if (!next || next->handle != batch.handle || next->offset != batch.offset + batch.bytes) return;
    const std::uint32_t length = answered_length(*next, file_size);
    if (length == 0 || batch.reply_size() + kDataHeaderSize + length > most) return;
    batch.parts.push_back({load_be32(frame.body.data()), length});
    batch.bytes += length;
    batch.consumed += frame.size;
  }
}

void data_places(const ReadBatch& batch, std::span<const MutableBytes> segments,
                 std::vector<iovec>& places) {
  places.clear();
  Cursor cursor(segments);
  for (const ReadBatch::Part& part : batch.parts) {
    cursor.pass(kDataHeaderSize, [](MutableBytes) {});
    cursor.pass(part.length, [&places](MutableBytes piece) {
      places.push_back({piece.data(), piece.size()});
    });
  }
}

std::size_t put_headers(const ReadBatch& batch, std::size_t got,
                        std::span<const MutableBytes> segments, std::size_t& answered) {
  Cursor cursor(segments);
  std::size_t size = 0;
  answered = 0;
  for (const ReadBatch::Part& part : batch.parts) {
    const std::size_t length = std::min<std::size_t>(part.length, got);
    if (length == 0) break;
    std::array<std::uint8_t, kDataHeaderSize> header;
    put_data_header(header.data(), part.id, static_cast<std::uint32_t>(length));
    const std::uint8_t* from = header.data();
    cursor.pass(kDataHeaderSize, [&from](MutableBytes piece) {
      std::memcpy(piece.data(), from, piece.size());
      from += piece.size();
    });
    cursor.pass(length, [](MutableBytes) {});
    got -= length;
    size += kDataHeaderSize + length;
    ++answered;
  }
  return size;
}

}  // namespace sallyport::sftp
