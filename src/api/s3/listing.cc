#include "api/s3/listing.h"

#include <algorithm>

#include "api/s3/body.h"
#include "codec/percent_encoding.h"

namespace sallyport::api {

std::string ListingFrame::shown(std::string_view name) const {
  return url_encoding ? codec::percent_encode_path(name) : std::string(name);
}

Outcome<ListingFrame> read_listing_frame(const codec::Form& query) {
  ListingFrame out;
  out.prefix = query.get("prefix");
  out.delimiter = query.get("delimiter");
  const auto encoding = query.find("encoding-type");
  if (encoding && *encoding != "url")
    return s3_invalid_argument("Invalid Encoding Method specified in Request", "encoding-type",
                               *encoding);
  out.url_encoding = encoding.has_value();
  return out;
}

Outcome<std::uint32_t> read_page_size(const codec::Form& query, std::string_view name) {
  TRY_ASSIGN(const auto size, read_number(query, name, kMaxListed, 0, 2'147'483'647));
  return std::min(size, kMaxListed);
}

void write_owner(codec::XmlWriter& xml, std::string_view element, const S3Call& call) {
  xml.open(element).element("ID", call.context.place.account).close();
}

void write_prefixes(codec::XmlWriter& xml, const ListingFrame& frame,
                    const std::vector<std::string>& prefixes) {
  for (const auto& prefix : prefixes)
    xml.open("CommonPrefixes").element("Prefix", frame.shown(prefix)).close();
}

void write_listed_object(codec::XmlWriter& xml, const ListingFrame& frame,
                         const storage::ObjectInfo& object) {
  xml.element("Key", frame.shown(object.key));
  xml.element("LastModified", s3_time(object.modified));
  xml.element("ETag", quoted_etag(object.etag));
  xml.element("Size", static_cast<std::int64_t>(object.size));
  xml.element("StorageClass", "STANDARD");
}

}  // namespace sallyport::api
