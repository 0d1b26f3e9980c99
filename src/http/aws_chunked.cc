#include "http/aws_chunked.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "http/chunked.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kMaxChunkLine = 4 * 1024;
constexpr std::size_t kMaxChunkTrailerFields = 16;
constexpr std::string_view kChunkSignature = "chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";
constexpr std::string_view kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

}  // namespace

const std::string& ChunkSignatureChain::next_chunk(std::string_view data_hash) {
  std::string text = "AWS4-HMAC-SHA256-PAYLOAD\n";
  text.append(last_.timestamp).append("\n").append(last_.scope).append("\n");
  text.append(last_.signature).append("\n").append(kEmptyHash).append("\n").append(data_hash);
  last_.signature = sign_string(last_.key, text);
  return last_.signature;
}

const std::string& ChunkSignatureChain::trailer(std::string_view canonical_trailers) {
  std::string text = "AWS4-HMAC-SHA256-TRAILER\n";
  text.append(last_.timestamp).append("\n").append(last_.scope).append("\n");
  text.append(last_.signature).append("\n").append(sha256_hex(canonical_trailers));
  last_.signature = sign_string(last_.key, text);
  return last_.signature;
}

AwsChunkedDecoder::AwsChunkedDecoder(Options options) : options_(std::move(options)) {
  if (options_.seed) chain_.emplace(*options_.seed);
}

void AwsChunkedDecoder::fail(SigError code, std::string text) {
  state_ = State::kFailed;
  failure_ = SigFailure{code, std::move(text)};
}

std::size_t AwsChunkedDecoder::take_line(ByteView in, bool& complete) {
  const auto* lf = static_cast<const std::uint8_t*>(std::memchr(in.data(), '\n', in.size()));
  const std::size_t n = lf == nullptr ? in.size() : static_cast<std::size_t>(lf - in.data()) + 1;
  complete = false;
  if (line_.size() + n > kMaxChunkLine) {
    fail(SigError::kMalformedBody, "A line of the aws-chunked body is too long.");
    return 0;
  }
  line_.append(as_text(in.first(n)));
  if (lf == nullptr) return n;
  line_.pop_back();
  // Some clients end the trailer lines with a line feed alone.
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  complete = true;
  return n;
}

void AwsChunkedDecoder::chunk_line() {
  std::string_view extension;
  if (!parse_chunk_line(line_, left_, extension))
    return fail(SigError::kMalformedBody, "A chunk size of the aws-chunked body is malformed.");
  if (chain_) {
    if (extension.substr(0, kChunkSignature.size()) != kChunkSignature)
      return fail(SigError::kMalformedBody, "A chunk has no chunk-signature.");
    chunk_signature_ = extension.substr(kChunkSignature.size());
  }
  if (left_ > options_.decoded_length - decoded_)
    return fail(SigError::kIncompleteBody,
                "The request body is longer than x-amz-decoded-content-length.");
  decoded_ += left_;
  last_chunk_ = left_ == 0;
  line_.clear();
  if (!last_chunk_) {
    state_ = State::kData;
    return;
  }
  if (decoded_ != options_.decoded_length)
    return fail(SigError::kIncompleteBody,
                "You did not provide the number of bytes specified by the "
                "x-amz-decoded-content-length HTTP header.");
  chunk_complete();
}

void AwsChunkedDecoder::chunk_complete() {
  if (chain_) {
    crypto::Sha256Sum sum;
    chunk_hash_.finish(sum);
    const std::string& expected = chain_->next_chunk(to_hex(sum));
    if (!equal_constant_time(expected, chunk_signature_))
      return fail(SigError::kInvalidSignature,
                  "The request signature we calculated does not match the signature you provided. "
                  "Check your key and signing method.");
  }
  state_ = last_chunk_ ? State::kTrailer : State::kDataCr;
}

bool AwsChunkedDecoder::trailers_complete() const {
  if (chain_ && !options_.trailers.empty() && trailer_signature_.empty()) return false;
  return std::all_of(options_.trailers.begin(), options_.trailers.end(),
                     [&](const std::string& name) { return trailers_.contains(name); });
}

void AwsChunkedDecoder::finish_trailers() {
  if (!trailers_complete())
    return fail(
        SigError::kMalformedTrailer,
        "The request contained trailing data that was not well-formed or did not conform to "
        "our published schema.");
  if (chain_ && !options_.trailers.empty() &&
      !equal_constant_time(chain_->trailer(canonical_trailers_), trailer_signature_))
    return fail(SigError::kInvalidSignature,
                "The request signature we calculated does not match the signature you provided. "
                "Check your key and signing method.");
  state_ = State::kDone;
}

void AwsChunkedDecoder::trailer_line() {
  const std::string line = std::exchange(line_, {});
  if (line.empty()) {
    // An empty line may stand in front of the trailers, or of their signature.
    if (trailers_complete()) finish_trailers();
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string name =
      to_lower(trim(std::string_view(line).substr(0, std::min(colon, line.size()))));
  const bool expected = std::find(options_.trailers.begin(), options_.trailers.end(), name) !=
                        options_.trailers.end();
  const bool is_signature = name == kTrailerSignature && chain_ && !options_.trailers.empty();
  if (colon == std::string::npos || (!expected && !is_signature) || trailers_.contains(name) ||
      !trailer_signature_.empty() || trailers_.size() == kMaxChunkTrailerFields)
    return fail(
        SigError::kMalformedTrailer,
        "The request contained trailing data that was not well-formed or did not conform to "
        "our published schema.");
  const std::string_view value = trim(std::string_view(line).substr(colon + 1));
  if (is_signature) {
    trailer_signature_ = value;
    return;
  }
  trailers_.add(name, value);
  canonical_trailers_.append(name).append(":").append(value).append("\n");
}

AwsChunkedDecoder::Progress AwsChunkedDecoder::decode(ByteView in, MutableBytes out) {
  Progress p;
  while (p.consumed < in.size() && !failure_) {
    const ByteView rest = in.subspan(p.consumed);
    switch (state_) {
      case State::kLine:
      case State::kTrailer: {
        bool complete = false;
        p.consumed += take_line(rest, complete);
        if (!complete) break;
        if (state_ == State::kLine) {
          chunk_line();
        } else {
          trailer_line();
        }
        break;
      }
      case State::kData: {
        const MutableBytes room = out.subspan(p.produced);
        if (room.empty()) return p;
        const std::size_t n = std::min({rest.size(), room.size(), static_cast<std::size_t>(left_)});
        std::memcpy(room.data(), rest.data(), n);
        if (chain_) chunk_hash_.update(room.first(n));
        p.consumed += n;
        p.produced += n;
        left_ -= n;
        if (left_ == 0) chunk_complete();
        break;
      }
      case State::kDataCr:
      case State::kDataLf: {
        const bool cr = state_ == State::kDataCr;
        if (rest[0] != (cr ? '\r' : '\n')) {
          fail(SigError::kMalformedBody, "A chunk is longer than it said.");
          break;
        }
        ++p.consumed;
        state_ = cr ? State::kDataLf : State::kLine;
        break;
      }
      case State::kDone:
        if (rest[0] != '\r' && rest[0] != '\n') {
          fail(SigError::kMalformedBody, "There is data behind the end of the aws-chunked body.");
          break;
        }
        ++p.consumed;
        break;
      case State::kFailed: break;
    }
  }
  return p;
}

void AwsChunkedDecoder::end_of_input() {
  if (failure_ || done()) return;
  if (state_ == State::kTrailer && !line_.empty()) trailer_line();
  if (state_ == State::kTrailer) return finish_trailers();
  if (!failure_)
    fail(SigError::kIncompleteBody,
         "You did not provide the number of bytes specified by the Content-Length HTTP header");
}

}  // namespace sallyport::http
