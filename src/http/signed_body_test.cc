// Signed bodies: the chunked examples of the S3 API reference, and what must be refused.
#include "http/signed_body.h"

#include <gtest/gtest.h>

#include "http/aws_chunked.h"
#include "net/loop.h"

namespace sallyport::http {
namespace {

WallTime chunk_example_time() {
  return from_unix_ms(1369353600000);
}  // 2013-05-24T00:00:00Z
SecretString example_secret() {
  return SecretString("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
}

// PUT /examplebucket/chunkObject.txt of 66560 times "a" in two chunks.
HttpRequest chunked_request(std::string_view mode) {
  HttpRequest r;
  r.method = "PUT";
  r.target = "/examplebucket/chunkObject.txt";
  r.headers.add("Host", "s3.amazonaws.com");
  r.headers.add("x-amz-date", "20130524T000000Z");
  r.headers.add("x-amz-storage-class", "REDUCED_REDUNDANCY");
  r.headers.add("x-amz-content-sha256", mode);
  r.headers.add("Content-Encoding", "aws-chunked");
  r.headers.add("x-amz-decoded-content-length", "66560");
  return r;
}

HttpRequest plain_example() {
  HttpRequest r = chunked_request("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  r.headers.add("Content-Length", "66824");
  r.headers.add("Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
                "aws4_request,SignedHeaders=content-encoding;content-length;host;x-amz-content-"
                "sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature="
                "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
  return r;
}

std::string plain_example_body() {
  return "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"
         "\r\n" +
         std::string(65536, 'a') +
         "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"
         "\r\n" +
         std::string(1024, 'a') +
         "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"
         "\r\n\r\n";
}

HttpRequest trailer_example() {
  HttpRequest r = chunked_request("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER");
  r.headers.add("x-amz-trailer", "x-amz-checksum-crc32c");
  r.headers.add("Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
                "aws4_request,SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;"
                "x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer,Signature="
                "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
  return r;
}

const std::string kTrailerSignature =
    "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";

std::string trailer_example_chunks() {
  return "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"
         "\r\n" +
         std::string(65536, 'a') +
         "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"
         "\r\n" +
         std::string(1024, 'a') +
         "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"
         "\r\n";
}

std::string trailer_example_body() {
  return trailer_example_chunks() + "x-amz-checksum-crc32c:sOO8/Q==\r\n" + kTrailerSignature +
         "\r\n\r\n";
}

struct Outcome {
  Result<std::string> body = std::string();
  std::optional<SigFailure> failure;
  std::optional<ChecksumValue> checksum;
};

Task<void> read_in_pieces(BodyReader& body, std::size_t piece, Result<std::string>& out) {
  Bytes buffer(piece);
  std::string text;
  while (true) {
    auto n = co_await body.read(buffer);
    if (!n.ok()) {
      out = n.error();
      co_return;
    }
    if (*n == 0) break;
    text.append(as_text(ByteView(buffer).first(*n)));
  }
  out = std::move(text);
}

Outcome read_signed(const HttpRequest& r, std::string wire, std::size_t piece = 65536) {
  Outcome out;
  const auto presented = parse_authorization(r);
  EXPECT_TRUE(presented.ok());
  const auto verified =
      verify(*presented, r, presented->content_sha256, example_secret(), chunk_example_time());
  EXPECT_TRUE(verified.ok()) << verified.error().message;
  MemoryBodyReader inner(std::move(wire));
  auto reader = open_signed_body(r, *presented, *verified, inner);
  EXPECT_TRUE(reader.ok());
  net::sync_wait(read_in_pieces(**reader, piece, out.body));
  out.failure = (*reader)->failure();
  out.checksum = (*reader)->checksum();
  return out;
}

TEST(SignedBody, ReadsTheDocumentedChunkedUpload) {
  const Outcome out = read_signed(plain_example(), plain_example_body());
  ASSERT_TRUE(out.body.ok()) << out.body.error().message;
  EXPECT_EQ(*out.body, std::string(66560, 'a'));
}

TEST(SignedBody, ReadsTheDocumentedTrailers) {
  for (const std::size_t piece : {1000u, 65536u, 100000u}) {
    const Outcome out = read_signed(trailer_example(), trailer_example_body(), piece);
    ASSERT_TRUE(out.body.ok()) << out.body.error().message;
    EXPECT_EQ(*out.body, std::string(66560, 'a'));
    ASSERT_TRUE(out.checksum.has_value());
    EXPECT_EQ(out.checksum->base64, "sOO8/Q==");
  }
}

TEST(SignedBody, TakesTheWaysClientsEndTheTrailers) {
  const std::string chunks = trailer_example_chunks();
  const std::string checksum = "x-amz-checksum-crc32c:sOO8/Q==";
  for (const std::string& tail : {
           checksum + "\r\n" + kTrailerSignature + "\r\n",
           checksum + "\r\n" + kTrailerSignature,
           "\r\n" + checksum + "\r\n" + kTrailerSignature + "\r\n",
           checksum + "\n\r\n" + kTrailerSignature + "\r\n\r\n",
       })
    EXPECT_TRUE(read_signed(trailer_example(), chunks + tail).body.ok()) << tail;
}

SigError failure_of(const HttpRequest& r, std::string wire) {
  const Outcome out = read_signed(r, std::move(wire));
  EXPECT_FALSE(out.body.ok());
  EXPECT_TRUE(out.failure.has_value());
  return out.failure ? out.failure->code : SigError::kMissingAuthenticationToken;
}

std::string with(std::string text, std::string_view what, std::string_view by) {
  text.replace(text.find(what), what.size(), by);
  return text;
}

TEST(SignedBody, RefusesAChangedByte) {
  std::string wire = plain_example_body();
  wire[40000] = 'b';
  EXPECT_EQ(failure_of(plain_example(), wire), SigError::kInvalidSignature);
}

TEST(SignedBody, RefusesAChangedChunkSignature) {
  EXPECT_EQ(failure_of(plain_example(), with(plain_example_body(), "0055627c", "1055627c")),
            SigError::kInvalidSignature);
  EXPECT_EQ(failure_of(plain_example(), with(plain_example_body(), "b6c6ea8a", "c6c6ea8a")),
            SigError::kInvalidSignature);
  EXPECT_EQ(failure_of(plain_example(), with(plain_example_body(), ";chunk-signature=ad", ";x=ad")),
            SigError::kMalformedBody);
}

TEST(SignedBody, RefusesABodyThatIsCutOff) {
  const std::string wire = plain_example_body();
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{10}, std::size_t{30000}, wire.size() - 100})
    EXPECT_EQ(failure_of(plain_example(), wire.substr(0, size)), SigError::kIncompleteBody) << size;
}

TEST(SignedBody, RefusesWrongFraming) {
  EXPECT_EQ(failure_of(plain_example(), with(plain_example_body(), "10000;", "1000g;")),
            SigError::kMalformedBody);
  EXPECT_EQ(failure_of(plain_example(), with(plain_example_body(), "10000;", "20000;")),
            SigError::kIncompleteBody);
  EXPECT_EQ(failure_of(plain_example(), plain_example_body() + "more"), SigError::kMalformedBody);
}

TEST(SignedBody, RefusesWrongTrailers) {
  const std::string body = trailer_example_body();
  EXPECT_EQ(failure_of(trailer_example(), with(body, "sOO8", "sOO9")), SigError::kInvalidSignature);
  EXPECT_EQ(failure_of(trailer_example(), with(body, "d81f82fc", "e81f82fc")),
            SigError::kInvalidSignature);
  EXPECT_EQ(failure_of(trailer_example(), trailer_example_chunks() + "\r\n"),
            SigError::kMalformedTrailer);
  EXPECT_EQ(failure_of(trailer_example(), trailer_example_chunks() + "x-other:1\r\n\r\n"),
            SigError::kMalformedTrailer);
  EXPECT_EQ(failure_of(trailer_example(), with(body, kTrailerSignature + "\r\n", "")),
            SigError::kMalformedTrailer);
}

// An unsigned request with trailers, as current SDKs send it over TLS.
HttpRequest unsigned_trailer_request(std::string_view algorithm, std::size_t length) {
  HttpRequest r;
  r.method = "PUT";
  r.target = "/b/k";
  r.headers.add("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
  r.headers.add("x-amz-decoded-content-length", std::to_string(length));
  r.headers.add("x-amz-trailer", algorithm);
  return r;
}

Outcome read_unsigned(const HttpRequest& r, std::string wire) {
  Outcome out;
  MemoryBodyReader inner(std::move(wire));
  auto reader = open_unsigned_body(r, inner);
  EXPECT_TRUE(reader.ok());
  if (!reader.ok()) return out;
  net::sync_wait(read_in_pieces(**reader, 4096, out.body));
  out.failure = (*reader)->failure();
  out.checksum = (*reader)->checksum();
  return out;
}

TEST(UnsignedBody, ChecksEveryKindOfTrailingChecksum) {
  // Of "123456789": the check values of the CRC catalogue, and RFC 3174 / FIPS 180 digests.
  const std::pair<const char*, const char*> sums[] = {
      {"x-amz-checksum-crc32", "y/Q5Jg=="},
      {"x-amz-checksum-crc32c", "4waSgw=="},
      {"x-amz-checksum-crc64nvme", "rosUhgp5mIg="},
      {"x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="},
      {"x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="},
  };
  for (const auto& [name, value] : sums) {
    const HttpRequest r = unsigned_trailer_request(name, 9);
    const std::string front = "4\r\n1234\r\n5\r\n56789\r\n0\r\n" + std::string(name) + ":";
    const Outcome good = read_unsigned(r, front + value + "\r\n\r\n");
    ASSERT_TRUE(good.body.ok()) << name << ": " << good.body.error().message;
    EXPECT_EQ(*good.body, "123456789");
    const Outcome bad = read_unsigned(r, front + "AAAA" + (value + 4) + "\r\n\r\n");
    ASSERT_TRUE(bad.failure.has_value()) << name;
    EXPECT_EQ(bad.failure->code, SigError::kBadDigest);
    EXPECT_EQ(bad.body.error().code, Errc::kCorrupt);
  }
}

TEST(UnsignedBody, ChecksAChecksumInTheHeaders) {
  HttpRequest r;
  r.headers.add("x-amz-checksum-crc32", "y/Q5Jg==");
  EXPECT_TRUE(read_unsigned(r, "123456789").body.ok());
  EXPECT_EQ(read_unsigned(r, "123456780").failure->code, SigError::kBadDigest);
}

TEST(UnsignedBody, ChecksTheHashInTheHeaders) {
  HttpRequest r;
  r.headers.add("x-amz-content-sha256", sha256_hex("123456789"));
  EXPECT_TRUE(read_unsigned(r, "123456789").body.ok());
  EXPECT_EQ(read_unsigned(r, "").failure->code, SigError::kPayloadHashMismatch);
}

TEST(UnsignedBody, RefusesHeadersThatCannotBe) {
  MemoryBodyReader inner("");
  const auto code = [&inner](const HttpRequest& r) {
    const auto reader = open_unsigned_body(r, inner);
    EXPECT_FALSE(reader.ok());
    return reader.ok() ? SigError::kMissingAuthenticationToken : reader.error().code;
  };
  HttpRequest r;
  r.headers.add("x-amz-checksum-crc32", "not base64");
  EXPECT_EQ(code(r), SigError::kInvalidChecksum);
  r.headers.set("x-amz-checksum-crc32", "AAAA");
  EXPECT_EQ(code(r), SigError::kInvalidChecksum);
  r.headers.set("x-amz-checksum-crc32", "y/Q5Jg==");
  r.headers.set("x-amz-checksum-crc32c", "y/Q5Jg==");
  EXPECT_EQ(code(r), SigError::kInvalidChecksum);
  EXPECT_EQ(code(unsigned_trailer_request("x-amz-checksum-md4", 1)), SigError::kInvalidChecksum);
  r = unsigned_trailer_request("x-amz-checksum-crc32", 1);
  r.headers.remove("x-amz-decoded-content-length");
  EXPECT_EQ(code(r), SigError::kMissingDecodedLength);
  r = HttpRequest();
  r.headers.add("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  r.headers.add("x-amz-decoded-content-length", "1");
  EXPECT_EQ(code(r), SigError::kInvalidPayloadHash);
}

}  // namespace
}  // namespace sallyport::http
