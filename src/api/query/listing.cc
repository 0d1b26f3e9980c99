#include "api/query/listing.h"

#include <fmt/format.h>

namespace sallyport::api {

Outcome<IamPage> read_page(const QueryCall& call, Parameters& read, std::string_view of) {
  IamPage page;
  page.listing = fmt::format("{}|{}", call.row.action, of);
  if (const auto limit = read.number("MaxItems", 1, 1000))
    page.limit = static_cast<std::uint32_t>(*limit);
  TRY(read.check());
  if (const auto marker = call.form.find("Marker")) {
    auto opened = call.context.tokens.open(*marker, page.listing);
    if (!opened.ok()) return validation_error("Invalid Marker");
    page.after = std::move(*opened);
  }
  return page;
}

void write_truncation(const QueryCall& call, codec::XmlWriter& xml, const IamPage& page, bool more,
                      std::string_view last) {
  xml.element_bool("IsTruncated", more);
  if (more) xml.element("Marker", call.context.tokens.make(page.listing, last));
}

}  // namespace sallyport::api
