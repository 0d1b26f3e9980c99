// What the listings of S3 have in common: names, owners, pages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/s3/call.h"
#include "codec/xml.h"

namespace sallyport::api {

inline constexpr std::uint32_t kMaxListed = 1000;

// The parameters prefix, delimiter and encoding-type.
struct ListingFrame {
  std::string prefix;
  std::string delimiter;
  bool url_encoding = false;

  // A name as it is shown: percent-encoded if that was asked for.
  std::string shown(std::string_view name) const;
};
// InvalidArgument.
Outcome<ListingFrame> read_listing_frame(const codec::Form& query);
// At most kMaxListed, however many are asked for. InvalidArgument.
Outcome<std::uint32_t> read_page_size(const codec::Form& query, std::string_view name);

// Owners are shown by the account, which is also what a policy's CanonicalUser means here.
void write_owner(codec::XmlWriter& xml, std::string_view element, const S3Call& call);
void write_prefixes(codec::XmlWriter& xml, const ListingFrame& frame,
                    const std::vector<std::string>& prefixes);
// Key, time, ETag, size and class of one object.
void write_listed_object(codec::XmlWriter& xml, const ListingFrame& frame,
                         const storage::ObjectInfo& object);

}  // namespace sallyport::api
