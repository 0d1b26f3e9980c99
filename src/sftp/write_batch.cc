#include "sftp/write_batch.h"

#include <algorithm>

namespace sallyport::sftp {
namespace {

// length, type, id, handle (4 + 8), offset, data length
constexpr std::size_t kHeaderSize = 4 + 1 + 4 + (4 + sizeof(HandleId)) + 8 + 4;
constexpr std::size_t kMostWrites = 128;
// A lone beginning of a request is not worth a write of its own below this.
constexpr std::size_t kLeastBeginning = 32 * 1024;

struct Header {
  RequestId id;
  HandleId handle;
  std::uint64_t offset;
  std::size_t data_length;
  std::size_t rest;  // bytes behind the data, which mean nothing
};

// Nullopt too for what parse_write() would refuse or read differently: that is not for a batch.
std::optional<Header> read_header(ByteView input) {
  if (input.size() < kHeaderSize) return std::nullopt;
  const std::uint8_t* const p = input.data();
  const std::size_t length = load_be32(p);
  if (length > kMaxPacketLength || length < kHeaderSize - 4) return std::nullopt;
  if (p[4] != static_cast<std::uint8_t>(PacketType::kWrite)) return std::nullopt;
  if (load_be32(p + 9) != sizeof(HandleId)) return std::nullopt;
  const std::size_t data_length = load_be32(p + 29);
  const std::size_t room = length - (kHeaderSize - 4);
  if (data_length > room) return std::nullopt;
  return Header{load_be32(p + 5), load_be64(p + 13), load_be64(p + 21), data_length,
                room - data_length};
}

// Takes what is there of `wanted` data bytes at the batch's end; returns how much.
std::size_t take(WriteBatch& batch, ByteView input, std::size_t wanted) {
  const ByteView data =
      input.subspan(batch.consumed).first(std::min(wanted, input.size() - batch.consumed));
  if (!data.empty()) {
    batch.data.push_back({const_cast<std::uint8_t*>(data.data()), data.size()});
  }
  batch.bytes += data.size();
  batch.consumed += data.size();
  return data.size();
}

}  // namespace

void gather_writes(ByteView input, const std::optional<UnfinishedWrite>& before, std::size_t most,
                   WriteBatch& batch) {
  batch.data.clear();
  batch.finished.clear();
  batch.unfinished.reset();
  batch.bytes = 0;
  batch.consumed = 0;

  if (before) {
    batch.handle = before->handle;
    batch.offset = before->offset;
    const std::size_t taken = take(batch, input, before->remaining);
    if (taken < before->remaining) {
      batch.unfinished = before;
      batch.unfinished->offset += taken;
      batch.unfinished->remaining -= taken;
      return;
    }
    batch.finished.push_back(before->id);
    // What was refused so far says nothing of the next request.
    if (before->refused) return;
  }

  while (batch.bytes < most && batch.finished.size() < kMostWrites) {
    const auto header = read_header(input.subspan(batch.consumed));
    if (!header) return;
    if (batch.empty()) {
      batch.handle = header->handle;
      batch.offset = header->offset;
    } else if (header->handle != batch.handle || header->offset != batch.offset + batch.bytes) {
      return;
    }
    const std::size_t here = input.size() - batch.consumed - kHeaderSize;
    // What is passed over is passed over whole: an UnfinishedWrite has data alone.
    if (header->rest > 0 && here < header->data_length + header->rest) return;
    if (here < header->data_length && batch.bytes == 0 && here < kLeastBeginning) return;
    batch.consumed += kHeaderSize;
    const std::size_t taken = take(batch, input, header->data_length);
    if (taken < header->data_length) {
      batch.unfinished = UnfinishedWrite{header->id, header->handle, header->offset + taken,
                                         header->data_length - taken, std::nullopt};
      return;
    }
    batch.consumed += header->rest;
    batch.finished.push_back(header->id);
  }
}

}  // namespace sallyport::sftp
