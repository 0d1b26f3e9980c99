#include "api/s3/access.h"
#include "api/s3/body.h"
#include "api/s3/object_headers.h"
#include "api/s3/operations.h"

namespace sallyport::api {

namespace {

constexpr std::uint64_t kMaxObject = 5ull << 30;  // in one piece

}  // namespace

S3Answer put_object(const S3Call& call) {
  CO_TRY(check_object_headers(call.headers()));
  CO_TRY(check_upload_headers(call));
  CO_TRY(upload_length(call, kMaxObject));
  CO_TRY_ASSIGN(auto options, read_put_options(call.headers()));
  CO_TRY(read_put_conditions(call.headers(), options));
  const std::string& key = call.request.key;
  auto tag_keys = request_tag_context(options.tags);
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kPutObject, key, tag_keys));
  if (!options.tags.empty())
    CO_TRY(co_await s3_permit(call, iam::Action::kPutObjectTagging, key, tag_keys));
  storage::ObjectRef object{call.request.bucket, key};
  CO_TRY_ASSIGN(auto writer,
                co_await call.objects().create(permit, std::move(object), std::move(options)));
  const auto algorithm =
      call.body.announced_checksum().value_or(http::ChecksumAlgorithm::kCrc64Nvme);
  auto received = co_await receive_body(call, *writer, algorithm);
  if (!received.ok()) {
    co_await writer->abort();
    co_return std::move(received).error();
  }
  CO_TRY_ASSIGN(const auto info, co_await writer->commit());
  http::HttpResponse response;
  response.headers.add("ETag", quoted_etag(info.etag));
  add_checksum_headers(response.headers, received->digest.checksums);
  add_version_header(response.headers, info.version_id);
  co_return response;
}

}  // namespace sallyport::api
