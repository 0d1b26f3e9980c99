// Bodies of S3 requests that are XML: read whole within a bound, checked against Content-MD5 and
// checksums, and parsed strictly.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "api/s3/call.h"
#include "codec/xml.h"

namespace sallyport::api {

// Of configurations, and of lists of keys and parts.
inline constexpr std::size_t kMaxConfigurationBody = 64 * 1024;
inline constexpr std::size_t kMaxListBody = 5 * 1024 * 1024;

// The body as text. Errors: MaxMessageLengthExceeded, InvalidDigest, BadDigest, and the reader's.
Task<Outcome<std::string>> read_small_body(const S3Call& call, std::size_t limit);

// MalformedXML unless it is one document whose root is `root`. `text` must outlive nothing.
Outcome<codec::XmlDocument> parse_s3_xml(std::string_view text, std::string_view root);
// Both in one; MissingRequestBodyError for an empty body.
Task<Outcome<codec::XmlDocument>> read_s3_xml(const S3Call& call, std::string_view root,
                                              std::size_t limit = kMaxConfigurationBody);

// The text of an element; MalformedXML when it has elements of its own.
Outcome<std::string> xml_text(const pugi::xml_node& node);
// The same of the only child `name`; nothing without one, MalformedXML for two.
Outcome<std::optional<std::string>> xml_child_text(const pugi::xml_node& node, const char* name);
// MalformedXML when a child is none of these.
Outcome<Done> expect_children(const pugi::xml_node& node,
                              std::initializer_list<std::string_view> names);

}  // namespace sallyport::api
