// Pages of IAM's listings: MaxItems and Marker in, IsTruncated and Marker out.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "api/query/parameters.h"

namespace sallyport::api {

struct IamPage {
  std::string listing;  // what the marker is bound to
  std::string after;    // the key where the page before ended
  std::uint32_t limit = 100;
};

// `of` names whose list it is, where one action has several.
Outcome<IamPage> read_page(const QueryCall& call, Parameters& read, std::string_view of = {});

// IsTruncated, and the Marker that goes on after `last`.
void write_truncation(const QueryCall& call, codec::XmlWriter& xml, const IamPage& page, bool more,
                      std::string_view last);

// The page of `items`, which are in the order of their keys (bytes, each once), inside <element>.
template <class Items, class KeyOf, class Write>
void write_page(const QueryCall& call, codec::XmlWriter& xml, const IamPage& page,
                std::string_view element, const Items& items, KeyOf key_of, Write write) {
  auto at = std::find_if(items.begin(), items.end(),
                         [&](const auto& item) { return key_of(item) > page.after; });
  xml.open(element);
  std::string last;
  for (std::uint32_t i = 0; i < page.limit && at != items.end(); ++i, ++at) {
    write(*at);
    last = key_of(*at);
  }
  xml.close();
  write_truncation(call, xml, page, at != items.end(), last);
}

}  // namespace sallyport::api
