#include "http/signed_body.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "codec/base64.h"
#include "http/aws_chunked.h"
#include "http/head_parser.h"
#include "http/sigv4_query.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kCodedPiece = 64 * 1024;

Errc errc_of(SigError code) {
  switch (code) {
    case SigError::kInvalidSignature: return Errc::kPermissionDenied;
    case SigError::kBadDigest:
    case SigError::kPayloadHashMismatch: return Errc::kCorrupt;
    default: return Errc::kInvalidArgument;
  }
}

struct Checks {
  std::string sha256;  // expected of the whole body, "" for none
  std::optional<ChecksumAlgorithm> checksum;
  std::string checksum_value;  // from a header; "" when it comes in a trailer
  std::optional<AwsChunkedDecoder::Options> chunked;
};

class Reader final : public SignedBodyReader {
 public:
  Reader(BodyReader& inner, Checks checks) : inner_(inner), checks_(std::move(checks)) {
    if (!checks_.sha256.empty()) hash_.emplace(crypto::DigestKind::kSha256);
    if (checks_.checksum) checksum_.emplace(*checks_.checksum);
    if (checks_.chunked) {
      decoded_length_ = checks_.chunked->decoded_length;
      decoder_.emplace(std::move(*checks_.chunked));
    }
  }

  Task<Result<std::size_t>> read(MutableBytes into) override {
    if (failure_) co_return as_error();
    if (ended_) co_return std::size_t{0};
    Result<std::size_t> n = std::size_t{0};
    if (decoder_) {
      n = co_await read_chunked(into);
    } else {
      n = co_await inner_.read(into);
    }
    if (!n.ok()) co_return n;
    const ByteView data = into.first(*n);
    if (hash_) hash_->update(data);
    if (checksum_) checksum_->update(data);
    if (*n == 0) {
      ended_ = true;
      check_end();
      if (failure_) co_return as_error();
    }
    co_return n;
  }

  std::optional<std::uint64_t> length() const override {
    return decoder_ ? std::optional<std::uint64_t>(decoded_length_) : inner_.length();
  }
  const std::optional<SigFailure>& failure() const override { return failure_; }
  std::optional<ChecksumAlgorithm> announced_checksum() const override { return checks_.checksum; }
  const std::optional<ChecksumValue>& checksum() const override { return matched_; }

 private:
  Error as_error() const { return Error(errc_of(failure_->code), failure_->message); }

  Task<Result<std::size_t>> read_chunked(MutableBytes into) {
    while (true) {
      const ByteView have = ByteView(coded_).subspan(begin_, end_ - begin_);
      const AwsChunkedDecoder::Progress p = decoder_->decode(have, into);
      begin_ += p.consumed;
      if (decoder_->failure()) {
        failure_ = decoder_->failure();
        co_return as_error();
      }
      if (p.produced != 0) co_return p.produced;
      if (coded_ended_) co_return std::size_t{0};
      coded_.resize(kCodedPiece);
      auto n = co_await inner_.read(coded_);
      if (!n.ok()) co_return n;
      begin_ = 0;
      end_ = *n;
      if (*n == 0) {
        coded_ended_ = true;
        decoder_->end_of_input();
      }
    }
  }

  void check_end() {
    if (hash_) {
      const std::string actual = to_hex(hash_->finish());
      if (!equal_constant_time(actual, checks_.sha256)) {
        failure_ = SigFailure{
            SigError::kPayloadHashMismatch,
            "The provided 'x-amz-content-sha256' header does not match what was computed."};
        return;
      }
    }
    if (!checksum_) return;
    std::string stated = checks_.checksum_value;
    if (stated.empty() && decoder_)
      stated = decoder_->trailers().get(checksum_header(*checks_.checksum));
    ChecksumValue actual = checksum_->finish();
    if (actual.base64 != stated) {
      failure_ = SigFailure{SigError::kBadDigest,
                            "The " + std::string(checksum_name(actual.algorithm)) +
                                " you specified did not match the calculated checksum."};
      return;
    }
    matched_ = std::move(actual);
  }

  BodyReader& inner_;
  Checks checks_;
  std::optional<crypto::Digest> hash_;
  std::optional<Checksum> checksum_;
  std::optional<AwsChunkedDecoder> decoder_;
  std::uint64_t decoded_length_ = 0;
  Bytes coded_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool coded_ended_ = false;
  bool ended_ = false;
  std::optional<SigFailure> failure_;
  std::optional<ChecksumValue> matched_;
};

std::optional<SigFailure> take_checksum_header(const Headers& headers, Checks& out) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const Headers::Field f = headers.at(i);
    const auto algorithm = checksum_of_header(f.name);
    if (!algorithm) continue;
    if (out.checksum)
      return SigFailure{SigError::kInvalidChecksum,
                        "Expecting a single x-amz-checksum- header. Multiple checksum Types are "
                        "not allowed."};
    const auto raw = codec::base64_decode(f.value);
    if (!raw.ok() || raw->size() != checksum_size(*algorithm))
      return SigFailure{
          SigError::kInvalidChecksum,
          "Value for " + std::string(checksum_header(*algorithm)) + " header is invalid."};
    out.checksum = algorithm;
    out.checksum_value = f.value;
  }
  return std::nullopt;
}

std::optional<SigFailure> take_trailer_names(const Headers& headers, Checks& out) {
  std::string_view rest = headers.get("x-amz-trailer");
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view name = trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (name.empty()) continue;
    const auto algorithm = checksum_of_header(name);
    if (!algorithm)
      return SigFailure{SigError::kInvalidChecksum,
                        "The value specified in the x-amz-trailer header is not supported"};
    if (out.checksum)
      return SigFailure{SigError::kInvalidChecksum,
                        "Expecting a single x-amz-checksum- header. Multiple checksum Types are "
                        "not allowed."};
    out.checksum = algorithm;
    out.chunked->trailers.push_back(to_lower(name));
  }
  return std::nullopt;
}

std::optional<SigFailure> take_chunked(const HttpRequest& request, bool trailer, Checks& out) {
  std::uint64_t length = 0;
  if (!parse_decimal(request.headers.get("x-amz-decoded-content-length"), length))
    return SigFailure{SigError::kMissingDecodedLength,
                      "You must provide the Content-Length HTTP header."};
  out.chunked.emplace().decoded_length = length;
  return trailer ? take_trailer_names(request.headers, out) : std::nullopt;
}

SigResult<std::unique_ptr<SignedBodyReader>> open_body(const HttpRequest& request, PayloadMode mode,
                                                       const std::string& sha256,
                                                       const VerifiedSignature* seed,
                                                       BodyReader& inner) {
  Checks checks;
  // CompleteMultipartUpload states the checksum of the object in the header, not that of its body.
  const bool completes =
      request.method == "POST" && find_query(request.query(), "uploadId").has_value();
  if (!completes) {
    if (auto failure = take_checksum_header(request.headers, checks)) return std::move(*failure);
  }
  switch (mode) {
    case PayloadMode::kHash: checks.sha256 = sha256; break;
    case PayloadMode::kUnsigned: break;
    case PayloadMode::kStreamingSigned:
    case PayloadMode::kStreamingSignedTrailer:
    case PayloadMode::kStreamingUnsignedTrailer: {
      const bool trailer = mode != PayloadMode::kStreamingSigned;
      if (auto failure = take_chunked(request, trailer, checks)) return std::move(*failure);
      if (mode != PayloadMode::kStreamingUnsignedTrailer) {
        if (seed == nullptr)
          return SigFailure{SigError::kInvalidPayloadHash,
                            "A signed streaming payload needs a signed request."};
        checks.chunked->seed = *seed;
      }
      break;
    }
  }
  return std::unique_ptr<SignedBodyReader>(std::make_unique<Reader>(inner, std::move(checks)));
}

}  // namespace

SigResult<std::unique_ptr<SignedBodyReader>> open_signed_body(const HttpRequest& request,
                                                              const PresentedSignature& presented,
                                                              const VerifiedSignature& verified,
                                                              BodyReader& inner) {
  return open_body(request, presented.payload, presented.content_sha256, &verified, inner);
}

SigResult<std::unique_ptr<SignedBodyReader>> open_unsigned_body(const HttpRequest& request,
                                                                BodyReader& inner) {
  const std::string_view stated = request.headers.get("x-amz-content-sha256");
  PayloadMode mode = PayloadMode::kUnsigned;
  if (stated == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    mode = PayloadMode::kStreamingUnsignedTrailer;
  } else if (stated.substr(0, 10) == "STREAMING-") {
    mode = PayloadMode::kStreamingSigned;
  } else if (stated.size() == 64) {
    mode = PayloadMode::kHash;
  }
  return open_body(request, mode, std::string(stated), nullptr, inner);
}

}  // namespace sallyport::http
