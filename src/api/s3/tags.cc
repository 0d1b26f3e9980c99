#include "api/s3/tags.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/s3/xml_body.h"
#include "codec/form.h"

namespace sallyport::api {

namespace {

constexpr std::size_t kMaxKey = 128;
constexpr std::size_t kMaxValue = 256;

Fault bad_header() {
  return s3_fault("InvalidArgument",
                  "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
                  "parameters without tag name duplicates.");
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

// Letters and digits of any script, white space, and + - = . _ : / @
bool allowed(std::string_view text) {
  static constexpr std::string_view kSigns = "+-=._:/@ ";
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (static_cast<unsigned char>(c) & 0x80) != 0 || kSigns.find(c) != std::string_view::npos;
  });
}

Outcome<Done> add(storage::Tags& tags, std::string_view key, std::string_view value,
                  std::size_t max_tags) {
  if (key.empty() || characters(key) > kMaxKey || !allowed(key))
    return s3_fault("InvalidTag", "The TagKey you have provided is invalid");
  if (characters(value) > kMaxValue || !allowed(value))
    return s3_fault("InvalidTag", "The TagValue you have provided is invalid");
  if (key.starts_with("aws:"))
    return s3_fault("InvalidTag", "System tags cannot be added/updated by requester");
  if (!tags.emplace(key, value).second)
    return s3_fault("InvalidTag", "Cannot provide multiple Tags with the same key");
  if (tags.size() > max_tags)
    return s3_fault("BadRequest",
                    fmt::format("{} tags cannot be greater than {}",
                                max_tags == kMaxObjectTags ? "Object" : "Bucket", max_tags));
  return done();
}

Outcome<Done> read_tag(const pugi::xml_node& node, storage::Tags& tags, std::size_t max_tags) {
  if (std::string_view(node.name()) != "Tag") return s3_malformed_xml();
  TRY(expect_children(node, {"Key", "Value"}));
  TRY_ASSIGN(const auto key, xml_child_text(node, "Key"));
  TRY_ASSIGN(const auto value, xml_child_text(node, "Value"));
  if (!key || !value) return s3_malformed_xml();
  return add(tags, *key, *value, max_tags);
}

}  // namespace

Outcome<storage::Tags> parse_tagging_header(std::string_view header) {
  const auto form = codec::parse_form(header, {16 * 1024, 64});
  if (!form.ok()) return bad_header();
  storage::Tags tags;
  for (const auto& [key, value] : form->fields()) {
    if (tags.contains(key)) return bad_header();
    TRY(add(tags, key, value, kMaxObjectTags));
  }
  return tags;
}

Outcome<storage::Tags> parse_tagging_xml(std::string_view xml, std::size_t max_tags) {
  TRY_ASSIGN(const auto document, parse_s3_xml(xml, "Tagging"));
  storage::Tags tags;
  int sets = 0;
  for (const auto& set : document->document_element().children()) {
    if (std::string_view(set.name()) != "TagSet" || ++sets > 1) return s3_malformed_xml();
    for (const auto& tag : set.children()) TRY(read_tag(tag, tags, max_tags));
  }
  if (sets != 1) return s3_malformed_xml();
  return tags;
}

std::string tagging_xml(const storage::Tags& tags) {
  codec::XmlWriter xml;
  xml.open("Tagging", kS3Xmlns).open("TagSet");
  for (const auto& [key, value] : tags)
    xml.open("Tag").element("Key", key).element("Value", value).close();
  return xml.take();
}

}  // namespace sallyport::api
