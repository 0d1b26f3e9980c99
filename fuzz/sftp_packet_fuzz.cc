// Every SFTP parser and both batchers on the same bytes.
#include <cstdlib>

#include "sftp/attributes.h"
#include "sftp/messages.h"
#include "sftp/read_batch.h"
#include "sftp/write_batch.h"

namespace {

using namespace sallyport;

void check(bool holds) {
  if (!holds) std::abort();
}

void parse_all(ByteView body) {
  (void)sftp::parse_init(body);
  (void)sftp::parse_open(body);
  (void)sftp::parse_handle(body);
  (void)sftp::parse_path(body);
  (void)sftp::parse_path_attributes(body);
  (void)sftp::parse_handle_attributes(body);
  (void)sftp::parse_two_paths(body);
  (void)sftp::parse_extended(body);
  (void)sftp::parse_read(body);
  (void)sftp::parse_write(body);
}

void gather_all(ByteView stream) {
  sftp::WriteBatch batch;
  std::optional<sftp::UnfinishedWrite> unfinished;
  for (;;) {
    sftp::gather_writes(stream, unfinished, 4096, batch);
    if (batch.empty()) break;
    std::size_t bytes = 0;
    for (const iovec& piece : batch.data) bytes += piece.iov_len;
    check(bytes == batch.bytes && bytes <= batch.consumed && batch.consumed <= stream.size());
    check(!batch.unfinished || batch.consumed == stream.size());
    unfinished = batch.unfinished;
    stream = stream.subspan(batch.consumed);
  }
}

void read_all(ByteView stream, const sftp::Frame& frame) {
  if (frame.body.size() < 4) return;
  const auto request = sftp::parse_read(frame.body.subspan(4));
  constexpr std::uint64_t kFileSize = 100'000;
  if (!request || sftp::answered_length(*request, kFileSize) == 0) return;
  sftp::ReadBatch batch;
  sftp::gather_reads(stream, load_be32(frame.body.data()), *request, frame.size, kFileSize, 50'000,
                     batch);
  check(batch.consumed <= stream.size() && batch.offset + batch.bytes <= kFileSize);
  Bytes memory(batch.reply_size());
  std::vector<MutableBytes> pieces;
  for (std::size_t i = 0; i < memory.size(); i += 333) {
    pieces.push_back(
        MutableBytes(memory).subspan(i, std::min<std::size_t>(333, memory.size() - i)));
  }
  std::vector<iovec> places;
  sftp::data_places(batch, pieces, places);
  std::size_t answered = 0;
  check(sftp::put_headers(batch, batch.bytes, pieces, answered) == memory.size());
  check(answered == batch.parts.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  parse_all(input);
  gather_all(input);
  for (ByteView stream = input;;) {
    const sftp::Frame frame = sftp::front_frame(stream);
    if (frame.state != sftp::FrameState::kComplete) break;
    check(frame.size >= 5 && frame.size <= stream.size());
    parse_all(frame.body);
    if (frame.body.size() >= 4) parse_all(frame.body.subspan(4));
    read_all(stream, frame);
    stream = stream.subspan(frame.size);
  }
  return 0;
}
