#include "api/s3/body.h"

#include <fmt/format.h>

#include "codec/base64.h"

namespace sallyport::api {

namespace {

constexpr auto kMd5 = crypto::DigestKind::kMd5;

Fault bad_md5() {
  return s3_fault("BadDigest", "The Content-MD5 you specified did not match what we received.");
}

}  // namespace

Outcome<ContentMd5> ContentMd5::expecting(std::string_view header) {
  auto expected = codec::base64_decode(header);
  if (!expected.ok() || expected->size() != 16) return s3_fault("InvalidDigest", "");
  if (!crypto::digest_available(kMd5)) return s3_not_implemented("Content-MD5");
  ContentMd5 out;
  out.expected_ = std::move(*expected);
  return out;
}

Outcome<Done> ContentMd5::check_sum(ByteView md5) const {
  if (!std::equal(md5.begin(), md5.end(), expected_.begin(), expected_.end())) return bad_md5();
  return done();
}

Outcome<Done> ContentMd5::check(std::string_view body) const {
  return check_sum(crypto::digest(kMd5, as_bytes(body)));
}

PassingDigests::PassingDigests(std::optional<http::ChecksumAlgorithm> algorithm) {
  if (crypto::digest_available(kMd5)) md5_.emplace(kMd5);
  if (algorithm) checksum_.emplace(*algorithm);
}

void PassingDigests::update(ByteView data) {
  if (md5_) md5_->update(data);
  if (checksum_) checksum_->update(data);
}

storage::ContentDigest PassingDigests::finish() {
  storage::ContentDigest out;
  if (md5_) {
    sum_ = md5_->finish();
    out.etag = to_hex(sum_);
  }
  if (checksum_) {
    auto value = checksum_->finish();
    out.checksums[std::string(http::checksum_name(value.algorithm))] = std::move(value.base64);
  }
  return out;
}

Outcome<Done> check_upload_headers(const S3Call& call) {
  const auto named = call.headers().find("x-amz-sdk-checksum-algorithm");
  if (!named) return done();
  if (!http::checksum_of_name(*named))
    return s3_invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.");
  if (!call.body.announced_checksum())
    return s3_invalid_request(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
        "x-amz-trailer headers were found.");
  return done();
}

Outcome<std::uint64_t> upload_length(const S3Call& call, std::uint64_t limit) {
  const auto length = call.body.length();
  // Without any framing there is no body, which is not the same as an empty one.
  const bool stated = call.headers().contains("Content-Length") ||
                      call.headers().contains("x-amz-decoded-content-length");
  if (!length || !stated) return s3_fault("MissingContentLength", "");
  if (*length > limit) return s3_fault("EntityTooLarge", "");
  return *length;
}

Task<Outcome<ReceivedBody>> receive_body(const S3Call& call, storage::ObjectWriter& writer,
                                         http::ChecksumAlgorithm algorithm) {
  std::optional<ContentMd5> expected;
  if (const auto header = call.headers().find("Content-MD5")) {
    CO_TRY_ASSIGN(expected, ContentMd5::expecting(*header));
  }
  std::optional<http::ChecksumAlgorithm> own;
  if (call.body.announced_checksum() != algorithm) own = algorithm;
  PassingDigests digests(own);

  Bytes buffer(static_cast<std::size_t>(
      std::clamp<std::uint64_t>(call.body.length().value_or(kPiece), 1, kPiece)));
  while (true) {
    CO_TRY_ASSIGN(const std::size_t got, co_await call.body.read(buffer));
    if (got == 0) break;
    digests.update(ByteView(buffer.data(), got));
    const iovec piece{buffer.data(), got};
    CO_TRY(co_await writer.write(std::span<const iovec>(&piece, 1)));
  }

  ReceivedBody out{digests.finish()};
  if (expected) CO_TRY(expected->check_sum(digests.md5()));
  if (const auto& sent = call.body.checksum())
    out.digest.checksums[std::string(http::checksum_name(sent->algorithm))] = sent->base64;
  writer.describe(out.digest);
  co_return out;
}

void add_checksum_headers(http::Headers& headers, const storage::Checksums& checksums) {
  bool any = false;
  for (const auto& [name, value] : checksums) {
    const auto algorithm = http::checksum_of_name(name);
    if (!algorithm) continue;
    headers.add(http::checksum_header(*algorithm), value);
    any = true;
  }
  if (any) headers.add("x-amz-checksum-type", checksum_type(checksums));
}

std::string_view checksum_type(const storage::Checksums& checksums) {
  // Base64 has no dash: it stands in front of the number of parts.
  for (const auto& [name, value] : checksums)
    if (value.find('-') != std::string::npos) return "COMPOSITE";
  return "FULL_OBJECT";
}

std::string quoted_etag(std::string_view etag) {
  return fmt::format("\"{}\"", etag);
}

std::string_view unquoted_etag(std::string_view etag) {
  etag = http::trim(etag);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
    etag = etag.substr(1, etag.size() - 2);
  return etag;
}

}  // namespace sallyport::api
