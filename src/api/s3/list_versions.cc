#include "api/s3/access.h"
#include "api/s3/listing.h"
#include "api/s3/operations.h"

namespace sallyport::api {

namespace {

void write_version(codec::XmlWriter& xml, const S3Call& call, const ListingFrame& frame,
                   const storage::ObjectVersion& version) {
  xml.open(version.delete_marker ? "DeleteMarker" : "Version");
  if (version.delete_marker) {
    xml.element("Key", frame.shown(version.info.key));
    xml.element("LastModified", s3_time(version.info.modified));
  } else {
    write_listed_object(xml, frame, version.info);
  }
  xml.element("VersionId", version.info.version_id);
  xml.element_bool("IsLatest", version.latest);
  write_owner(xml, "Owner", call);
  xml.close();
}

}  // namespace

S3Answer list_object_versions(const S3Call& call) {
  CO_TRY_ASSIGN(const auto frame, read_listing_frame(call.query()));
  CO_TRY_ASSIGN(const auto max_keys, read_page_size(call.query(), "max-keys"));
  storage::VersionListRequest request;
  request.bucket = call.request.bucket;
  request.prefix = frame.prefix;
  request.delimiter = frame.delimiter;
  request.key_marker = call.query().get("key-marker");
  request.version_id_marker = call.query().get("version-id-marker");
  request.max_keys = std::max(max_keys, 1u);
  if (request.key_marker.empty() && !request.version_id_marker.empty())
    co_return s3_invalid_argument("A version-id marker cannot be specified without a key marker.",
                                  "version-id-marker", request.version_id_marker);
  CO_TRY_ASSIGN(auto permit,
                co_await s3_permit(call, iam::Action::kListBucketVersions, frame.prefix));
  CO_TRY_ASSIGN(auto page, co_await call.objects().list_versions(permit, request));
  if (max_keys == 0) page = {};

  codec::XmlWriter xml;
  xml.open("ListVersionsResult", kS3Xmlns);
  xml.element("Name", request.bucket).element("Prefix", frame.shown(frame.prefix));
  if (!frame.delimiter.empty()) xml.element("Delimiter", frame.shown(frame.delimiter));
  xml.element("KeyMarker", frame.shown(request.key_marker));
  xml.element("VersionIdMarker", request.version_id_marker);
  xml.element("MaxKeys", std::int64_t{max_keys});
  if (frame.url_encoding) xml.element("EncodingType", "url");
  xml.element_bool("IsTruncated", page.truncated);
  if (page.truncated) {
    xml.element("NextKeyMarker", frame.shown(page.next_key_marker));
    if (!page.next_version_id_marker.empty())
      xml.element("NextVersionIdMarker", page.next_version_id_marker);
  }
  for (const auto& version : page.versions) write_version(xml, call, frame, version);
  write_prefixes(xml, frame, page.common_prefixes);
  co_return s3_xml_response(xml.take());
}

}  // namespace sallyport::api
