// The aws-chunked content coding of S3 as an engine on buffers: chunks with chained signatures, and
// trailers ("Signature Calculations for the Authorization Header: Transferring Payload in Multiple
// Chunks" and "… Including Trailing Headers" in the S3 API reference). Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "http/headers.h"
#include "http/sigv4.h"

namespace sallyport::http {

// The chain of signatures that begins with the one of the request's head. For signing and
// verifying.
class ChunkSignatureChain {
 public:
  explicit ChunkSignatureChain(VerifiedSignature seed) : last_(std::move(seed)) {}
  // The signature of the next chunk, from the hexadecimal SHA-256 of its bytes.
  const std::string& next_chunk(std::string_view data_hash);
  // The signature of the trailer section: "name:value\n" for each trailer, in order.
  const std::string& trailer(std::string_view canonical_trailers);

 private:
  VerifiedSignature last_;
};

class AwsChunkedDecoder {
 public:
  struct Options {
    std::optional<VerifiedSignature>
        seed;                           // without it signatures are neither expected nor checked
    std::vector<std::string> trailers;  // lower-case names of x-amz-trailer, all must come
    std::uint64_t decoded_length = 0;   // x-amz-decoded-content-length
  };
  struct Progress {
    std::size_t consumed = 0;
    std::size_t produced = 0;
  };

  explicit AwsChunkedDecoder(Options options);

  // Takes from `in` and copies payload to `out` until one of them is used up or the body ends.
  Progress decode(ByteView in, MutableBytes out);
  // The coded body has ended: the last line end may be missing, nothing else.
  void end_of_input();

  bool done() const { return state_ == State::kDone; }
  // Set when decoding has failed; it stays so.
  const std::optional<SigFailure>& failure() const { return failure_; }
  // Valid once done(); names in lower case.
  const Headers& trailers() const { return trailers_; }

 private:
  enum class State : std::uint8_t { kLine, kData, kDataCr, kDataLf, kTrailer, kDone, kFailed };

  std::size_t take_line(ByteView in, bool& complete);
  void chunk_line();
  void chunk_complete();
  void trailer_line();
  bool trailers_complete() const;
  void finish_trailers();
  void fail(SigError code, std::string text);

  Options options_;
  std::optional<ChunkSignatureChain> chain_;
  State state_ = State::kLine;
  std::uint64_t left_ = 0;     // of the chunk
  std::uint64_t decoded_ = 0;  // of the body, announced chunks included
  bool last_chunk_ = false;
  std::string line_;
  std::string chunk_signature_;
  std::string trailer_signature_;
  std::string canonical_trailers_;
  crypto::Digest chunk_hash_{crypto::DigestKind::kSha256};
  Headers trailers_;
  std::optional<SigFailure> failure_;
};

}  // namespace sallyport::http
