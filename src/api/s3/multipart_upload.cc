// The beginning and the giving up of uploads in parts.
#include "api/s3/access.h"
#include "api/s3/object_headers.h"
#include "api/s3/operations.h"
#include "api/s3/part_checksums.h"

namespace sallyport::api {

S3Answer create_multipart_upload(const S3Call& call) {
  CO_TRY(check_object_headers(call.headers()));
  CO_TRY_ASSIGN(auto options, read_put_options(call.headers()));
  CO_TRY_ASSIGN(const auto checksum, read_upload_checksum(call.headers()));
  keep_upload_checksum(checksum, options.headers);
  const std::string& key = call.request.key;
  auto tag_keys = request_tag_context(options.tags);
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kPutObject, key, tag_keys));
  if (!options.tags.empty())
    CO_TRY(co_await s3_permit(call, iam::Action::kPutObjectTagging, key, tag_keys));
  storage::ObjectRef object{call.request.bucket, key};
  CO_TRY_ASSIGN(const auto upload_id, co_await call.objects().create_upload(
                                          permit, std::move(object), std::move(options)));
  codec::XmlWriter xml;
  xml.open("InitiateMultipartUploadResult", kS3Xmlns);
  xml.element("Bucket", call.request.bucket).element("Key", key).element("UploadId", upload_id);
  auto response = s3_xml_response(xml.take());
  if (checksum.chosen) {
    response.headers.add(kUploadChecksumAlgorithm, http::checksum_name(checksum.algorithm));
    response.headers.add(kUploadChecksumType, checksum.full_object ? "FULL_OBJECT" : "COMPOSITE");
  }
  co_return response;
}

S3Answer abort_multipart_upload(const S3Call& call) {
  CO_TRY_ASSIGN(auto permit,
                co_await s3_permit(call, iam::Action::kAbortMultipartUpload, call.request.key));
  storage::UploadRef upload{call.request.bucket, call.request.key,
                            std::string(call.query().get("uploadId"))};
  CO_TRY(co_await call.objects().abort_upload(permit, std::move(upload)));
  co_return s3_empty_response(204);
}

}  // namespace sallyport::api
