// ListMultipartUploads and ListParts.
#include <algorithm>

#include "api/s3/access.h"
#include "api/s3/body.h"
#include "api/s3/listing.h"
#include "api/s3/object_headers.h"
#include "api/s3/operations.h"
#include "api/s3/part_checksums.h"
#include "api/s3/xml_body.h"

namespace sallyport::api {

namespace {

void write_upload(codec::XmlWriter& xml, const S3Call& call, const ListingFrame& frame,
                  const storage::UploadInfo& upload) {
  xml.open("Upload");
  xml.element("Key", frame.shown(upload.key)).element("UploadId", upload.upload_id);
  write_owner(xml, "Initiator", call);
  write_owner(xml, "Owner", call);
  xml.element("StorageClass", "STANDARD");
  xml.element("Initiated", s3_time(upload.initiated));
  xml.close();
}

}  // namespace

S3Answer list_multipart_uploads(const S3Call& call) {
  CO_TRY_ASSIGN(const auto frame, read_listing_frame(call.query()));
  CO_TRY_ASSIGN(const auto max_uploads, read_page_size(call.query(), "max-uploads"));
  storage::UploadListRequest request;
  request.bucket = call.request.bucket;
  request.prefix = frame.prefix;
  request.delimiter = frame.delimiter;
  request.key_marker = call.query().get("key-marker");
  // Without a key marker it says nothing.
  if (!request.key_marker.empty()) request.upload_id_marker = call.query().get("upload-id-marker");
  request.max_uploads = std::max(max_uploads, 1u);
  CO_TRY_ASSIGN(auto permit,
                co_await s3_permit(call, iam::Action::kListBucketMultipartUploads, frame.prefix));
  CO_TRY_ASSIGN(auto page, co_await call.objects().list_uploads(permit, request));
  if (max_uploads == 0) page = {};

  codec::XmlWriter xml;
  xml.open("ListMultipartUploadsResult", kS3Xmlns);
  xml.element("Bucket", request.bucket);
  xml.element("KeyMarker", frame.shown(request.key_marker));
  xml.element("UploadIdMarker", request.upload_id_marker);
  if (page.truncated) {
    xml.element("NextKeyMarker", frame.shown(page.next_key_marker));
    xml.element("NextUploadIdMarker", page.next_upload_id_marker);
  }
  xml.element("Prefix", frame.shown(frame.prefix));
  if (!frame.delimiter.empty()) xml.element("Delimiter", frame.shown(frame.delimiter));
  if (frame.url_encoding) xml.element("EncodingType", "url");
  xml.element("MaxUploads", std::int64_t{max_uploads});
  xml.element_bool("IsTruncated", page.truncated);
  for (const auto& upload : page.uploads) write_upload(xml, call, frame, upload);
  write_prefixes(xml, frame, page.common_prefixes);
  co_return s3_xml_response(xml.take());
}

S3Answer list_parts(const S3Call& call) {
  const storage::UploadRef upload{call.request.bucket, call.request.key,
                                  std::string(call.query().get("uploadId"))};
  CO_TRY_ASSIGN(const auto max_parts, read_page_size(call.query(), "max-parts"));
  CO_TRY_ASSIGN(const auto after,
                read_number(call.query(), "part-number-marker", 0, 0, 2'147'483'647));
  CO_TRY_ASSIGN(auto permit,
                co_await s3_permit(call, iam::Action::kListMultipartUploadParts, call.request.key));
  CO_TRY_ASSIGN(auto page,
                co_await call.objects().list_parts(permit, upload, after, std::max(max_parts, 1u)));
  if (max_parts == 0) page = {};

  codec::XmlWriter xml;
  xml.open("ListPartsResult", kS3Xmlns);
  xml.element("Bucket", upload.bucket).element("Key", upload.key);
  xml.element("UploadId", upload.upload_id);
  write_owner(xml, "Initiator", call);
  write_owner(xml, "Owner", call);
  xml.element("StorageClass", "STANDARD");
  xml.element("PartNumberMarker", std::int64_t{after});
  if (!page.parts.empty())
    xml.element("NextPartNumberMarker", std::int64_t{page.parts.back().number});
  xml.element("MaxParts", std::int64_t{max_parts});
  xml.element_bool("IsTruncated", page.truncated);
  for (const auto& part : page.parts) {
    xml.open("Part").element("PartNumber", std::int64_t{part.number});
    xml.element("LastModified", s3_time(part.modified));
    xml.element("ETag", quoted_etag(part.etag));
    xml.element("Size", static_cast<std::int64_t>(part.size));
    write_checksums(xml, part.checksums);
    xml.close();
  }
  co_return s3_xml_response(xml.take());
}

}  // namespace sallyport::api
