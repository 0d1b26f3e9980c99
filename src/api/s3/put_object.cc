#include <fmt/format.h>

#include "api/s3/service.h"
#include "codec/base64.h"
#include "crypto/openssl_ptr.h"
#include "storage/object_store.h"

namespace sallyport::api {

namespace {

constexpr std::uint64_t kMaxObject = 5ull << 30;
constexpr std::size_t kMaxMetadata = 2048;
constexpr std::size_t kPiece = 256 * 1024;

// RFC 1321, only because Content-MD5 is part of the protocol. As the body passes.
class ContentMd5 {
 public:
  // `header` is the base64 of 16 bytes.
  static Outcome<ContentMd5> expecting(std::string_view header) {
    auto expected = codec::base64_decode(header);
    if (!expected.ok() || expected->size() != 16) {
      return Fault(Errc::kInvalidArgument, "The Content-MD5 you specified was invalid.",
                   "InvalidDigest");
    }
    ContentMd5 out;
    out.expected_ = std::move(*expected);
    out.context_.reset(EVP_MD_CTX_new());
    if (out.context_ == nullptr || EVP_DigestInit_ex(out.context_.get(), EVP_md5(), nullptr) != 1) {
      crypto::clear_openssl_errors();
      return Fault(Errc::kUnsupported, "Content-MD5 is not available on this system.",
                   "NotImplemented");
    }
    return out;
  }

  void update(ByteView data) { EVP_DigestUpdate(context_.get(), data.data(), data.size()); }

  Outcome<Done> check() {
    Bytes actual(16);
    unsigned size = 16;
    if (EVP_DigestFinal_ex(context_.get(), actual.data(), &size) != 1 || actual != expected_) {
      return Fault(Errc::kInvalidArgument,
                   "The Content-MD5 you specified did not match what we received.", "BadDigest");
    }
    return done();
  }

 private:
  Bytes expected_;
  crypto::EvpMdCtxPtr context_;
};

Fault not_available(std::string_view what) {
  return {Errc::kUnsupported,
          fmt::format("{} is not available in this version of Sallyport.", what), "NotImplemented"};
}

// Headers that ask for something beyond storing the bytes: refused rather than ignored.
Outcome<Done> check_headers(const http::Headers& headers) {
  for (const std::string_view name :
       {"x-amz-copy-source", "x-amz-tagging", "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-customer-algorithm", "x-amz-object-lock-mode",
        "x-amz-object-lock-legal-hold", "x-amz-website-redirect-location",
        "x-amz-write-offset-bytes", "If-Match"}) {
    if (headers.contains(name)) return not_available(name);
  }
  if (const auto acl = headers.find("x-amz-acl");
      acl && *acl != "private" && *acl != "bucket-owner-full-control")
    return not_available("x-amz-acl other than private");
  if (const auto storage_class = headers.find("x-amz-storage-class");
      storage_class && *storage_class != "STANDARD")
    return not_available("x-amz-storage-class other than STANDARD");
  if (const auto etag = headers.find("If-None-Match"); etag && *etag != "*")
    return not_available("If-None-Match other than *");
  return done();
}

Outcome<storage::PutOptions> read_options(const http::Headers& headers) {
  constexpr std::string_view kMeta = "x-amz-meta-";
  storage::PutOptions options;
  options.only_if_absent = headers.contains("If-None-Match");
  if (const auto type = headers.find("Content-Type"); type && !type->empty())
    options.content_type = *type;
  std::size_t size = 0;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto field = headers.at(i);
    const std::string name = http::to_lower(field.name);
    if (!name.starts_with(kMeta)) continue;
    size += name.size() - kMeta.size() + field.value.size();
    std::string& value = options.metadata[name.substr(kMeta.size())];
    if (!value.empty()) value += ",";
    value += field.value;
  }
  if (size > kMaxMetadata) {
    return Fault(Errc::kLimitExceeded,
                 "Your metadata headers exceed the maximum allowed metadata size",
                 "MetadataTooLarge");
  }
  return options;
}

Fault too_large() {
  return {Errc::kLimitExceeded, "Your proposed upload exceeds the maximum allowed size",
          "EntityTooLarge"};
}

// The body into the writer; what was written counts only if this succeeds.
Task<Outcome<Done>> copy_body(http::BodyReader& body, storage::ObjectWriter& writer,
                              ContentMd5* md5) {
  Bytes buffer(kPiece);
  while (true) {
    CO_TRY_ASSIGN(const std::size_t got, co_await body.read(buffer));
    if (got == 0) co_return done();
    if (md5 != nullptr) md5->update(ByteView(buffer.data(), got));
    if (writer.size() + got > kMaxObject) co_return too_large();
    const iovec piece{buffer.data(), got};
    CO_TRY(co_await writer.write(std::span<const iovec>(&piece, 1)));
  }
}

Task<Outcome<Done>> fill(const S3Call& call, storage::ObjectWriter& writer) {
  std::optional<ContentMd5> md5;
  if (const auto header = call.request.http->headers.find("Content-MD5")) {
    CO_TRY_ASSIGN(md5, ContentMd5::expecting(*header));
  }
  CO_TRY(co_await copy_body(call.body, writer, md5 ? &*md5 : nullptr));
  if (md5) CO_TRY(md5->check());
  co_return done();
}

}  // namespace

S3Answer put_object(const S3Call& call) {
  const auto& headers = call.request.http->headers;
  CO_TRY(check_headers(headers));
  const auto length = call.body.length();
  if (!length) {
    co_return Fault(Errc::kInvalidArgument, "You must provide the Content-Length HTTP header.",
                    "MissingContentLength");
  }
  if (*length > kMaxObject) co_return too_large();
  CO_TRY_ASSIGN(auto options, read_options(headers));
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kPutObject, call.request.key));
  // Named, as g++ 12 destroys an aggregate twice that is a temporary of a co_await expression.
  storage::ObjectRef object{call.request.bucket, call.request.key};
  CO_TRY_ASSIGN(auto writer, co_await call.context.objects.create(permit, std::move(object),
                                                                  std::move(options)));
  auto filled = co_await fill(call, *writer);
  if (!filled.ok()) {
    co_await writer->abort();
    co_return std::move(filled).error();
  }
  CO_TRY_ASSIGN(const auto info, co_await writer->commit());
  http::HttpResponse response;
  response.headers.add("ETag", "\"" + info.etag + "\"");
  if (const auto& checksum = call.body.checksum())
    response.headers.add(http::checksum_header(checksum->algorithm), checksum->base64);
  co_return response;
}

S3Answer delete_object(const S3Call& call) {
  CO_TRY_ASSIGN(auto permit,
                co_await s3_permit(call, iam::Action::kDeleteObject, call.request.key));
  storage::ObjectRef object{call.request.bucket, call.request.key};
  CO_TRY(co_await call.context.objects.remove(permit, std::move(object)));
  http::HttpResponse response;
  response.status = 204;
  co_return response;
}

}  // namespace sallyport::api
