// GetObjectAttributes.
#include <algorithm>

#include "api/s3/access.h"
#include "api/s3/body.h"
#include "api/s3/object_headers.h"
#include "api/s3/object_lookup.h"
#include "api/s3/operations.h"
#include "api/s3/part_checksums.h"
#include "codec/xml.h"

namespace sallyport::api {

namespace {

constexpr std::string_view kNames[] = {"ETag", "Checksum", "ObjectParts", "StorageClass",
                                       "ObjectSize"};

// The names in x-amz-object-attributes, which may come in several fields.
Outcome<std::vector<std::string>> read_names(const http::Headers& headers) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!http::equals_ignore_case(headers.at(i).name, "x-amz-object-attributes")) continue;
    std::string_view rest = headers.at(i).value;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      const std::string_view name = http::trim(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      if (std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames))
        return s3_invalid_argument("Invalid attribute name specified.", "x-amz-object-attributes",
                                   name);
      out.emplace_back(name);
    }
  }
  if (out.empty())
    return s3_invalid_argument(
        "The x-amz-object-attributes header specifying the attributes to be retrieved is either "
        "missing or empty",
        "x-amz-object-attributes", "");
  return out;
}

}  // namespace

S3Answer get_object_attributes(const S3Call& call) {
  CO_TRY_ASSIGN(const auto names, read_names(call.headers()));
  CO_TRY_ASSIGN(const auto version, read_version_id(call.query()));
  CO_TRY(co_await s3_check_object(
      call, version.empty() ? "s3:GetObjectAttributes" : "s3:GetObjectVersionAttributes"));
  CO_TRY_ASSIGN(const auto info, co_await s3_head_object(call, version));
  const auto wants = [&names](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  codec::XmlWriter xml;
  xml.open("GetObjectAttributesResponse", kS3Xmlns);
  if (wants("ETag")) xml.element("ETag", info.etag);
  if (wants("Checksum") && !info.checksums.empty()) {
    xml.open("Checksum");
    write_checksums(xml, info.checksums);
    xml.element("ChecksumType", checksum_type(info.checksums)).close();
  }
  if (wants("ObjectParts") && info.part_count != 0)
    xml.open("ObjectParts").element("PartsCount", std::int64_t{info.part_count}).close();
  if (wants("StorageClass")) xml.element("StorageClass", "STANDARD");
  if (wants("ObjectSize")) xml.element("ObjectSize", static_cast<std::int64_t>(info.size));
  auto response = s3_xml_response(xml.take());
  response.headers.add("Last-Modified", to_http_date(info.modified));
  add_version_header(response.headers, info.version_id);
  co_return response;
}

}  // namespace sallyport::api
