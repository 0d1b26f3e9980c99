#include <gtest/gtest.h>

#include "sftp/read_batch.h"
#include "sftp/testing/requests.h"
#include "sftp/write_batch.h"

namespace sallyport::sftp {
namespace {

using testing::handle_text;

constexpr std::size_t kMost = 512 * 1024;

std::string text_of(const WriteBatch& batch) {
  std::string out;
  for (const iovec& piece : batch.data) {
    out.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  return out;
}

TEST(GatherWrites, TakesConsecutiveOnesTogether) {
  const Bytes input = testing::join({testing::write(1, handle_text(9), 100, "abc"),
                                     testing::write(2, handle_text(9), 103, "defg"),
                                     testing::write(3, handle_text(9), 107, "")});
  WriteBatch batch;
  gather_writes(input, std::nullopt, kMost, batch);
  EXPECT_EQ(batch.handle, 9u);
  EXPECT_EQ(batch.offset, 100u);
  EXPECT_EQ(text_of(batch), "abcdefg");
  EXPECT_EQ(batch.consumed, input.size());
  EXPECT_EQ(batch.finished, (std::vector<RequestId>{1, 2, 3}));
  EXPECT_FALSE(batch.unfinished);
}

TEST(GatherWrites, StopsAtAGapAnotherHandleAndAnotherRequest) {
  const Bytes first = testing::write(1, handle_text(9), 0, "abc");
  for (const Bytes& next :
       {testing::write(2, handle_text(9), 4, "x"), testing::write(2, handle_text(9), 2, "x"),
        testing::write(2, handle_text(8), 3, "x"), testing::close(2, handle_text(9))}) {
    WriteBatch batch;
    gather_writes(testing::join({first, next}), std::nullopt, kMost, batch);
    EXPECT_EQ(batch.consumed, first.size());
    EXPECT_EQ(batch.finished, (std::vector<RequestId>{1}));
  }
}

TEST(GatherWrites, LeavesTheMalformedToTheParser) {
  Bytes wrong_length = testing::write(1, handle_text(9), 0, "abc");
  wrong_length[32] = 4;  // the data's length
  const Bytes no_handle = testing::write(1, "short", 0, std::string(100, 'x'));
  Bytes too_long = testing::write(1, handle_text(9), 0, "abc");
  too_long[0] = 0x7f;
  for (const Bytes& input : {wrong_length, no_handle, too_long, testing::init(), Bytes()}) {
    WriteBatch batch;
    gather_writes(input, std::nullopt, kMost, batch);
    EXPECT_TRUE(batch.empty());
    EXPECT_FALSE(batch.unfinished);
  }
}

TEST(GatherWrites, PassesOverWhatFollowsTheData) {
  const Bytes first = testing::padded_write(1, handle_text(9), 0, std::string(40'000, 'x'), 20'000);
  const Bytes whole = testing::join({first, testing::padded_write(2, handle_text(9), 40'000, "", 7),
                                     testing::write(3, handle_text(9), 40'000, "y")});
  WriteBatch batch;
  gather_writes(whole, std::nullopt, kMost, batch);
  EXPECT_EQ(text_of(batch), std::string(40'000, 'x') + "y");
  EXPECT_EQ(batch.consumed, whole.size());
  EXPECT_EQ(batch.finished, (std::vector<RequestId>{1, 2, 3}));
  for (const std::size_t n : {first.size() - 1, first.size() - 20'000, std::size_t{35'000}}) {
    gather_writes(ByteView(whole).first(n), std::nullopt, kMost, batch);
    EXPECT_TRUE(batch.empty()) << n;
  }
}

TEST(GatherWrites, StopsOnceThereIsEnough) {
  Bytes input;
  for (std::uint32_t i = 0; i < 40; ++i) {
    const Bytes next = testing::write(i, handle_text(9), i * 32768u, std::string(32768, 'x'));
    input.insert(input.end(), next.begin(), next.end());
  }
  WriteBatch batch;
  gather_writes(input, std::nullopt, kMost, batch);
  EXPECT_EQ(batch.bytes, kMost);
  EXPECT_EQ(batch.finished.size(), 16u);
}

TEST(GatherWrites, ABeginningIsTakenAndItsRestGoesOnWhereItStopped) {
  std::string data(200'000, 'a');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>('a' + i % 23);
  const Bytes whole = testing::join({testing::write(1, handle_text(9), 0, data),
                                     testing::write(2, handle_text(9), data.size(), "end")});
  for (const std::size_t cut :
       {33 + 32768ul, 33 + 100'000ul, 33 + 199'999ul, 33 + 200'000ul + 20}) {
    WriteBatch batch;
    gather_writes(ByteView(whole).first(cut), std::nullopt, kMost, batch);
    std::string got = text_of(batch);
    EXPECT_EQ(got.size(), std::min(cut - 33, data.size()));
    const auto unfinished = batch.unfinished;
    EXPECT_EQ(unfinished.has_value(), cut < 33 + data.size());
    if (unfinished) {
      EXPECT_EQ(unfinished->offset, got.size());
      EXPECT_TRUE(batch.finished.empty());
    }
    const std::size_t consumed = batch.consumed;
    gather_writes(ByteView(whole).subspan(consumed), unfinished, kMost, batch);
    EXPECT_EQ(got + text_of(batch), data + "end");
    EXPECT_EQ(consumed + batch.consumed, whole.size());
    EXPECT_EQ(batch.finished.back(), 2u);
  }
}

TEST(GatherWrites, WaitsForTheRestOfALoneSmallBeginning) {
  const Bytes whole = testing::write(1, handle_text(9), 0, std::string(32768, 'x'));
  for (const std::size_t n : {0ul, 20ul, 33ul, 5000ul, whole.size() - 1}) {
    WriteBatch batch;
    gather_writes(ByteView(whole).first(n), std::nullopt, kMost, batch);
    EXPECT_TRUE(batch.empty()) << n;
  }
}

TEST(GatherWrites, TheRestOfARefusedWriteStandsAlone) {
  UnfinishedWrite before;
  before.id = 1;
  before.handle = 9;
  before.offset = 10;
  before.remaining = 3;
  before.refused = Status{StatusCode::kFailure, "no"};
  Bytes input = to_bytes(as_bytes("abc"));
  const Bytes next = testing::write(2, handle_text(9), 13, "x");
  input.insert(input.end(), next.begin(), next.end());
  WriteBatch batch;
  gather_writes(input, before, kMost, batch);
  EXPECT_EQ(batch.consumed, 3u);
  EXPECT_EQ(batch.finished, (std::vector<RequestId>{1}));
}

ReadBatch reads(const Bytes& input, std::uint64_t file_size, std::size_t most) {
  const Frame frame = front_frame(input);
  ReadBatch batch;
  gather_reads(input, load_be32(frame.body.data()), *parse_read(frame.body.subspan(4)), frame.size,
               file_size, most, batch);
  return batch;
}

TEST(AnsweredLength, IsCutAtTheEndOfTheFileAndAtTheLimit) {
  EXPECT_EQ(answered_length({1, 0, 10}, 100), 10u);
  EXPECT_EQ(answered_length({1, 95, 10}, 100), 5u);
  EXPECT_EQ(answered_length({1, 100, 10}, 100), 0u);
  EXPECT_EQ(answered_length({1, ~0ull, 10}, 100), 0u);
  EXPECT_EQ(answered_length({1, 0, ~0u}, 1ull << 40), kMaxDataLength);
}

TEST(GatherReads, TakesConsecutiveOnesUpToTheLimit) {
  const Bytes input = testing::join(
      {testing::read(1, handle_text(9), 0, 100), testing::read(2, handle_text(9), 100, 100),
       testing::read(3, handle_text(9), 200, 100), testing::read(4, handle_text(9), 400, 100)});
  const ReadBatch batch = reads(input, 1000, 100'000);
  EXPECT_EQ(batch.parts.size(), 3u);
  EXPECT_EQ(batch.bytes, 300u);
  EXPECT_EQ(batch.reply_size(), 339u);
  EXPECT_EQ(reads(input, 1000, 226).parts.size(), 2u);
  EXPECT_EQ(reads(input, 1000, 225).parts.size(), 1u);
  EXPECT_EQ(reads(input, 1000, 0).parts.size(), 1u);
  // The third is short, so nothing can follow it.
  EXPECT_EQ(reads(input, 250, 100'000).bytes, 250u);
}

// Header and data of every part, over pieces of every size.
TEST(ReadBatch, PlacesAndHeadersMakeDataPacketsWhateverThePiecesAre) {
  const Bytes input = testing::join({testing::read(1, handle_text(9), 0, 10),
                                     testing::read(2, handle_text(9), 10, 20),
                                     testing::read(3, handle_text(9), 30, 7)});
  const std::string content = "0123456789abcdefghijklmnopqrstuvwxyzABC";
  for (std::size_t piece = 1; piece < 90; ++piece) {
    for (const std::size_t got : {0ul, 5ul, 10ul, 29ul, 30ul, 37ul}) {
      const ReadBatch batch = reads(input, 1000, 100'000);
      Bytes memory(batch.reply_size());
      std::vector<MutableBytes> pieces;
      for (std::size_t i = 0; i < memory.size(); i += piece) {
        pieces.push_back(MutableBytes(memory).subspan(i, std::min(piece, memory.size() - i)));
      }
      std::vector<iovec> places;
      data_places(batch, pieces, places);
      std::size_t filled = 0;
      for (const iovec& place : places) {
        const std::size_t n = std::min(place.iov_len, got - filled);
        std::memcpy(place.iov_base, content.data() + filled, n);
        filled += n;
      }
      ASSERT_EQ(filled, got);
      std::size_t answered = 0;
      const std::size_t size = put_headers(batch, got, pieces, answered);
      std::string text;
      const auto answers = testing::answers(ByteView(memory).first(size));
      EXPECT_EQ(answers.size(), answered);
      for (const auto& answer : answers) {
        EXPECT_EQ(answer.type, 103);
        text += answer.text;
      }
      EXPECT_EQ(text, content.substr(0, got)) << piece;
    }
  }
}

}  // namespace
}  // namespace sallyport::sftp
