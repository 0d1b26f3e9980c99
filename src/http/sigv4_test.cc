// Signature Version 4: the examples of the S3 API reference, and what must be refused.
#include "http/sigv4.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

constexpr std::string_view kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

WallTime example_time() {
  return from_unix_ms(1369353600000);
}  // 2013-05-24T00:00:00Z

Credentials example_credentials() {
  return {"AKIAIOSFODNN7EXAMPLE", SecretString("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), ""};
}

SignOptions s3_options() {
  return {"us-east-1", "s3", example_time()};
}

HttpRequest s3_request(std::string method, std::string target) {
  HttpRequest r;
  r.method = std::move(method);
  r.target = std::move(target);
  r.headers.add("Host", "examplebucket.s3.amazonaws.com");
  return r;
}

std::string signature_of(HttpRequest r, std::string_view body_hash) {
  sign(r, example_credentials(), body_hash, s3_options());
  const auto presented = parse_authorization(r);
  if (!presented.ok()) return presented.error().message;
  EXPECT_EQ(presented->content_sha256, body_hash);
  EXPECT_TRUE(
      verify(*presented, r, presented->content_sha256, example_credentials().secret, example_time())
          .ok());
  return presented->signature;
}

TEST(SigV4S3Example, GetObjectWithRange) {
  HttpRequest r = s3_request("GET", "/test.txt");
  r.headers.add("Range", "bytes=0-9");
  EXPECT_EQ(signature_of(r, kEmptyHash),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SigV4S3Example, PutObjectWithDateHeaderAndDollarInTheKey) {
  HttpRequest r = s3_request("PUT", "/test$file.text");
  r.headers.add("Date", "Fri, 24 May 2013 00:00:00 GMT");
  r.headers.add("x-amz-storage-class", "REDUCED_REDUNDANCY");
  EXPECT_EQ(signature_of(r, sha256_hex("Welcome to Amazon S3.")),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SigV4S3Example, SubresourceWithoutValue) {
  EXPECT_EQ(signature_of(s3_request("GET", "/?lifecycle"), kEmptyHash),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(SigV4S3Example, ListWithParameters) {
  EXPECT_EQ(signature_of(s3_request("GET", "/?max-keys=2&prefix=J"), kEmptyHash),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SigV4S3Example, PresignedUrl) {
  HttpRequest r = s3_request("GET", "/test.txt");
  presign(r, example_credentials(), kUnsignedPayload, std::chrono::seconds(86400), s3_options());
  const auto presented = parse_authorization(r);
  ASSERT_TRUE(presented.ok()) << presented.error().message;
  EXPECT_EQ(presented->signature,
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
  EXPECT_EQ(presented->payload, PayloadMode::kUnsigned);
  const SecretString secret = example_credentials().secret;
  const auto check = [&](std::chrono::seconds after) {
    return verify(*presented, r, presented->content_sha256, secret, example_time() + after);
  };
  EXPECT_TRUE(check(std::chrono::seconds(86400)).ok());
  EXPECT_TRUE(check(std::chrono::seconds(-900)).ok());
  const auto late = check(std::chrono::seconds(86401));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, SigError::kRequestExpired);
  EXPECT_EQ(late.error().message, "Request has expired");
  EXPECT_FALSE(check(std::chrono::seconds(-901)).ok());
}

// --- One signed request, changed in one way each ---

HttpRequest signed_json_request() {
  HttpRequest r;
  r.method = "POST";
  r.target = "/";
  r.headers.add("Host", "127.0.0.1:4566");
  r.headers.add("X-Amz-Target", "TransferService.ListServers");
  r.headers.add("Content-Type", "application/x-amz-json-1.1");
  sign(r, example_credentials(), sha256_hex("{}"), {"us-east-1", "transfer", example_time()});
  return r;
}

SigResult<VerifiedSignature> check(const HttpRequest& r, std::string_view body = "{}",
                                   WallTime now = example_time(),
                                   const SecretString& secret = example_credentials().secret) {
  auto presented = parse_authorization(r);
  if (!presented.ok()) return presented.error();
  return verify(*presented, r, sha256_hex(body), secret, now);
}

SigError error_of(const SigResult<VerifiedSignature>& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? SigError::kMalformedBody : result.error().code;
}

TEST(SigV4Verify, AcceptsWhatWasSigned) {
  EXPECT_TRUE(check(signed_json_request()).ok());
}

TEST(SigV4Verify, RefusesAnotherBody) {
  EXPECT_EQ(error_of(check(signed_json_request(), "{\"a\":1}")), SigError::kInvalidSignature);
}

TEST(SigV4Verify, RefusesAnotherSecret) {
  EXPECT_EQ(error_of(check(signed_json_request(), "{}", example_time(), SecretString("other"))),
            SigError::kInvalidSignature);
}

TEST(SigV4Verify, RefusesAnotherMethodPathQueryOrHeader) {
  HttpRequest r = signed_json_request();
  r.method = "PUT";
  EXPECT_EQ(error_of(check(r)), SigError::kInvalidSignature);
  r = signed_json_request();
  r.target = "/other";
  EXPECT_EQ(error_of(check(r)), SigError::kInvalidSignature);
  r = signed_json_request();
  r.target = "/?a=b";
  EXPECT_EQ(error_of(check(r)), SigError::kInvalidSignature);
  r = signed_json_request();
  r.headers.set("X-Amz-Target", "TransferService.DeleteServer");
  EXPECT_EQ(error_of(check(r)), SigError::kInvalidSignature);
  r = signed_json_request();
  r.headers.add("X-Amz-Target", "TransferService.DeleteServer");
  EXPECT_EQ(error_of(check(r)), SigError::kInvalidSignature);
}

TEST(SigV4Verify, RefusesAnAmzHeaderThatIsNotSigned) {
  HttpRequest r = signed_json_request();
  r.headers.add("X-Amz-Extra", "1");
  EXPECT_EQ(error_of(check(r)), SigError::kHeadersNotSigned);
}

TEST(SigV4Verify, RefusesWhenHostIsNotSigned) {
  HttpRequest r = signed_json_request();
  std::string text(r.headers.get("Authorization"));
  text.replace(text.find("host;"), 5, "");
  r.headers.set("Authorization", text);
  EXPECT_EQ(error_of(check(r)), SigError::kHeadersNotSigned);
}

TEST(SigV4Verify, AllowsFifteenMinutesOfSkewAndNotMore) {
  const HttpRequest r = signed_json_request();
  using std::chrono::seconds;
  EXPECT_TRUE(check(r, "{}", example_time() + seconds(900)).ok());
  EXPECT_TRUE(check(r, "{}", example_time() - seconds(900)).ok());
  const auto late = check(r, "{}", example_time() + seconds(901));
  EXPECT_EQ(error_of(late), SigError::kRequestTimeTooSkewed);
  EXPECT_EQ(late.error().message,
            "Signature expired: 20130524T000000Z is now earlier than 20130524T000001Z "
            "(20130524T001501Z - 15 min.)");
  const auto early = check(r, "{}", example_time() - seconds(901));
  EXPECT_EQ(early.error().message,
            "Signature not yet current: 20130524T000000Z is still later than 20130523T235959Z "
            "(20130523T234459Z + 15 min.)");
}

TEST(SigV4Verify, RefusesAScopeOfAnotherDay) {
  HttpRequest r = signed_json_request();
  std::string text(r.headers.get("Authorization"));
  text.replace(text.find("20130524"), 8, "20130523");
  r.headers.set("Authorization", text);
  EXPECT_EQ(error_of(check(r)), SigError::kInvalidScope);
}

HttpRequest request_signed_with_date(std::string_view date) {
  HttpRequest r;
  r.method = "GET";
  r.target = "/";
  r.headers.add("Host", "example.amazonaws.com");
  r.headers.add("Date", date);
  const SigningKey key =
      derive_signing_key(example_credentials().secret, "20130524", "us-east-1", "iam");
  const std::string scope = "20130524/us-east-1/iam/aws4_request";
  const std::string canonical = canonical_request(r, {"date", "host"}, kEmptyHash, {});
  r.headers.add("Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/" + scope +
                    ",SignedHeaders=date;host,Signature=" +
                    sign_string(key, string_to_sign("20130524T000000Z", scope, canonical)));
  return r;
}

TEST(SigV4Verify, TakesTheDateHeaderWhenThereIsNoAmzDate) {
  EXPECT_TRUE(check(request_signed_with_date("Fri, 24 May 2013 00:00:00 GMT"), "").ok());
}

TEST(SigV4Verify, TakesTheDateHeaderAsBotocoreWritesIt) {
  EXPECT_TRUE(check(request_signed_with_date("Fri, 24 May 2013 00:00:00 -0000"), "").ok());
  EXPECT_TRUE(check(request_signed_with_date("Fri, 24 May 2013 00:00:00 +0000"), "").ok());
}

TEST(SigV4Verify, RefusesADateHeaderOfAnotherZone) {
  for (const char* date : {"Fri, 24 May 2013 00:00:00 CET", "Fri, 24 May 2013 00:00:00 +0100",
                           "Fri, 24 May 2013 00:00:00 -00000", "Fri, 24 May 2013 00:00:00"})
    EXPECT_EQ(error_of(check(request_signed_with_date(date), "")), SigError::kIncompleteSignature)
        << date;
}

TEST(SigV4Verify, ServesRepeatedRequestsFromTheKeyCacheAndNoticesARotatedSecret) {
  const HttpRequest r = signed_json_request();
  const auto presented = parse_authorization(r);
  ASSERT_TRUE(presented.ok());
  SigningKeyCache cache(2);
  const std::string hash = sha256_hex("{}");
  const SecretString secret = example_credentials().secret;
  EXPECT_TRUE(verify(*presented, r, hash, secret, example_time(), &cache).ok());
  EXPECT_TRUE(verify(*presented, r, hash, secret, example_time(), &cache).ok());
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_FALSE(verify(*presented, r, hash, SecretString("new"), example_time(), &cache).ok());
  EXPECT_TRUE(verify(*presented, r, hash, secret, example_time(), &cache).ok());
  EXPECT_EQ(cache.size(), 1u);
  for (const char* key : {"A", "B", "C", "D"}) {
    PresentedSignature other = *presented;
    other.access_key = key;
    EXPECT_EQ(cache.get(secret, other),
              derive_signing_key(secret, other.date, other.region, other.service));
  }
  EXPECT_EQ(cache.size(), 2u);
}

// --- What parse_authorization refuses ---

SigError parse_error(const std::string& authorization, bool with_date = true) {
  HttpRequest r;
  r.method = "GET";
  r.target = "/";
  r.headers.add("Host", "h");
  if (with_date) r.headers.add("X-Amz-Date", "20130524T000000Z");
  r.headers.add("Authorization", authorization);
  const auto presented = parse_authorization(r);
  EXPECT_FALSE(presented.ok()) << authorization;
  return presented.ok() ? SigError::kBadDigest : presented.error().code;
}

const std::string kGoodSignature(64, 'a');
const std::string kGoodCredential = "Credential=AKID/20130524/us-east-1/transfer/aws4_request";

TEST(SigV4Parse, SaysWhenThereIsNoSignature) {
  HttpRequest r;
  r.target = "/";
  EXPECT_FALSE(has_signature(r));
  const auto presented = parse_authorization(r);
  ASSERT_FALSE(presented.ok());
  EXPECT_EQ(presented.error().code, SigError::kMissingAuthenticationToken);
  EXPECT_EQ(presented.error().message, "Missing Authentication Token");
}

TEST(SigV4Parse, NamesEveryMissingPart) {
  HttpRequest r;
  r.target = "/";
  r.headers.add("Authorization", "AWS4-HMAC-SHA256 ");
  const auto presented = parse_authorization(r);
  ASSERT_FALSE(presented.ok());
  EXPECT_EQ(presented.error().code, SigError::kIncompleteSignature);
  EXPECT_EQ(presented.error().message,
            "Authorization header requires 'Credential' parameter. Authorization header requires "
            "'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. "
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
}

TEST(SigV4Parse, RefusesMalformedHeaders) {
  const std::string tail = ", SignedHeaders=host, Signature=" + kGoodSignature;
  for (const std::string& text : {
           std::string("Basic dXNlcjpwYXNz"),
           std::string("AWS4-HMAC-SHA256"),
           "AWS4-HMAC-SHA256 Credential=AKID/20130524/us-east-1/aws4_request" + tail,
           "AWS4-HMAC-SHA256 Credential=AKID/2013052/us-east-1/s/aws4_request" + tail,
           "AWS4-HMAC-SHA256 Credential=/20130524/us-east-1/s/aws4_request" + tail,
           "AWS4-HMAC-SHA256 Credential=AKID/20130524/us-east-1/s/aws5_request" + tail,
           "AWS4-HMAC-SHA256 Credential=AKID/20130524//s/aws4_request" + tail,
           "AWS4-HMAC-SHA256 " + kGoodCredential + tail + ", Extra=1",
           "AWS4-HMAC-SHA256 " + kGoodCredential + ", " + kGoodCredential + tail,
           "AWS4-HMAC-SHA256 " + kGoodCredential +
               ", SignedHeaders=Host, Signature=" + kGoodSignature,
           "AWS4-HMAC-SHA256 " + kGoodCredential + ", SignedHeaders=;, Signature=" + kGoodSignature,
           "AWS4-HMAC-SHA256 " + kGoodCredential + ", SignedHeaders=host, Signature=abc",
           "AWS4-HMAC-SHA256 " + kGoodCredential +
               ", SignedHeaders=host, Signature=" + std::string(64, 'A'),
       })
    EXPECT_EQ(parse_error(text), SigError::kIncompleteSignature) << text;
  EXPECT_EQ(parse_error("AWS4-ECDSA-P256-SHA256 " + kGoodCredential + tail),
            SigError::kUnsupportedAlgorithm);
  EXPECT_EQ(parse_error("AWS4-HMAC-SHA256 " + kGoodCredential + tail, false),
            SigError::kIncompleteSignature);
}

TEST(SigV4Parse, RefusesTwoAuthorizationHeadersAndTwoMechanisms) {
  HttpRequest r = signed_json_request();
  r.headers.add("Authorization", "AWS4-HMAC-SHA256 x");
  EXPECT_EQ(parse_authorization(r).error().code, SigError::kIncompleteSignature);
  r = signed_json_request();
  r.target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256";
  EXPECT_EQ(parse_authorization(r).error().code, SigError::kMultipleMechanisms);
}

TEST(SigV4Parse, TakesAnAccessKeyWithSlashes) {
  HttpRequest r;
  r.target = "/";
  r.headers.add("X-Amz-Date", "20130524T000000Z");
  r.headers.add("Authorization",
                "AWS4-HMAC-SHA256 Credential=a/b/20130524/eu-west-1/iam/aws4_request,"
                "SignedHeaders=host;x-amz-date,Signature=" +
                    kGoodSignature);
  const auto presented = parse_authorization(r);
  ASSERT_TRUE(presented.ok()) << presented.error().message;
  EXPECT_EQ(presented->access_key, "a/b");
  EXPECT_EQ(presented->region, "eu-west-1");
  EXPECT_EQ(presented->service, "iam");
  EXPECT_EQ(presented->signed_headers, (std::vector<std::string>{"host", "x-amz-date"}));
}

TEST(SigV4Parse, S3NeedsAValidPayloadHash) {
  const std::string authorization =
      "AWS4-HMAC-SHA256 Credential=AKID/20130524/us-east-1/s3/aws4_request, SignedHeaders=host, "
      "Signature=" +
      kGoodSignature;
  EXPECT_EQ(parse_error(authorization), SigError::kMissingPayloadHash);
  HttpRequest r;
  r.target = "/";
  r.headers.add("X-Amz-Date", "20130524T000000Z");
  r.headers.add("Authorization", authorization);
  r.headers.add("x-amz-content-sha256", "STREAMING-SOMETHING");
  EXPECT_EQ(parse_authorization(r).error().code, SigError::kInvalidPayloadHash);
  r.headers.set("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
  const auto presented = parse_authorization(r);
  ASSERT_TRUE(presented.ok());
  EXPECT_EQ(presented->payload, PayloadMode::kStreamingUnsignedTrailer);
}

SigError presigned_error(const std::string& query) {
  HttpRequest r;
  r.method = "GET";
  r.target = "/b/k?" + query;
  r.headers.add("Host", "h");
  const auto presented = parse_authorization(r);
  EXPECT_FALSE(presented.ok()) << query;
  return presented.ok() ? SigError::kBadDigest : presented.error().code;
}

TEST(SigV4Parse, RefusesWrongPresignedParameters) {
  const std::string algorithm = "X-Amz-Algorithm=AWS4-HMAC-SHA256";
  const std::string credential =
      "&X-Amz-Credential=AKID%2F20130524%2Fus-east-1%2Fs3%2Faws4_request";
  const std::string date = "&X-Amz-Date=20130524T000000Z";
  const std::string expires = "&X-Amz-Expires=60";
  const std::string rest = "&X-Amz-SignedHeaders=host&X-Amz-Signature=" + kGoodSignature;
  for (const std::string& query : {
           algorithm,
           "X-Amz-Algorithm=AWS4-HMAC-SHA512" + credential + date + expires + rest,
           algorithm + credential + date + rest,
           algorithm + credential + date + "&X-Amz-Expires=-1" + rest,
           algorithm + credential + date + "&X-Amz-Expires=soon" + rest,
           algorithm + credential + date + "&X-Amz-Expires=604801" + rest,
           algorithm + credential + "&X-Amz-Date=yesterday" + expires + rest,
           algorithm + "&X-Amz-Credential=AKID" + date + expires + rest,
           algorithm + credential + date + expires + rest + expires,
           algorithm + credential + date + expires + "&X-Amz-SignedHeaders=host",
       })
    EXPECT_EQ(presigned_error(query), SigError::kInvalidQueryParameters) << query;
}

TEST(SigV4Canonical, S3EncodesTheKeyOnceAndKeepsItsSlashes) {
  HttpRequest r;
  r.method = "GET";
  r.headers.add("Host", "h");
  for (const char* target : {"/b//a/../c%20d+e", "/b//a/../c%20d%2be", "/b//a/../c%20d%2Be"}) {
    r.target = target;
    EXPECT_EQ(canonical_request(r, {"host"}, "x", {false, false}),
              "GET\n/b//a/../c%20d%2Be\n\nhost:h\n\nhost\nx");
  }
  r.target = "/b//a/../c%20d";
  EXPECT_EQ(canonical_request(r, {"host"}, "x", {true, true}),
            "GET\n/b/c%2520d\n\nhost:h\n\nhost\nx");
}

TEST(SigV4Canonical, SortsQueriesByNameThenValueAndLeavesTheSignatureOut) {
  HttpRequest r;
  r.method = "GET";
  r.headers.add("Host", "h");
  r.target = "/?b=2&b=1&a-1=x&a=%2f+&&X-Amz-Signature=0&%=%4&acl";
  EXPECT_EQ(canonical_request(r, {"host"}, "x", {false, false}),
            "GET\n/\n%25=%254&a=%2F%20&a-1=x&acl=&b=1&b=2\nhost:h\n\nhost\nx");
}

TEST(SigV4Errors, EveryCodeHasANameInEveryDialect) {
  for (int i = 0; i < kSigErrorCount; ++i)
    for (const SigDialect dialect : {SigDialect::kJson, SigDialect::kQuery, SigDialect::kS3}) {
      const SigWireError wire = sig_wire_error(static_cast<SigError>(i), dialect);
      EXPECT_FALSE(wire.code.empty());
      EXPECT_GE(wire.http_status, 400);
      EXPECT_LT(wire.http_status, 500);
    }
  EXPECT_EQ(sig_wire_error(SigError::kInvalidSignature, SigDialect::kJson).code,
            "InvalidSignatureException");
  EXPECT_EQ(sig_wire_error(SigError::kInvalidSignature, SigDialect::kS3).code,
            "SignatureDoesNotMatch");
  EXPECT_EQ(sig_wire_error(SigError::kRequestTimeTooSkewed, SigDialect::kS3).code,
            "RequestTimeTooSkewed");
}

}  // namespace
}  // namespace sallyport::http
