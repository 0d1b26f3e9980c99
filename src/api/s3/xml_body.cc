#include "api/s3/xml_body.h"

#include <algorithm>

#include "api/s3/body.h"

namespace sallyport::api {

namespace {

constexpr std::size_t kMaxDepth = 8;

}  // namespace

Task<Outcome<std::string>> read_small_body(const S3Call& call, std::size_t limit) {
  std::optional<ContentMd5> md5;
  if (const auto header = call.headers().find("Content-MD5")) {
    CO_TRY_ASSIGN(md5, ContentMd5::expecting(*header));
  }
  auto text = co_await http::read_all(call.body, limit);
  if (!text.ok()) {
    if (text.error().code == Errc::kLimitExceeded)
      co_return s3_fault("MaxMessageLengthExceeded", "");
    co_return std::move(text).error();
  }
  if (md5) CO_TRY(md5->check(*text));
  co_return std::move(*text);
}

Outcome<codec::XmlDocument> parse_s3_xml(std::string_view text, std::string_view root) {
  auto document = codec::parse_xml(text, {kMaxListBody, kMaxDepth});
  if (!document.ok()) return s3_malformed_xml();
  if ((*document)->document_element().name() != root) return s3_malformed_xml();
  return std::move(*document);
}

Task<Outcome<codec::XmlDocument>> read_s3_xml(const S3Call& call, std::string_view root,
                                              std::size_t limit) {
  CO_TRY_ASSIGN(const std::string text, co_await read_small_body(call, limit));
  if (text.empty()) co_return s3_fault("MissingRequestBodyError", "");
  co_return parse_s3_xml(text, root);
}

Outcome<std::string> xml_text(const pugi::xml_node& node) {
  std::string out;
  for (const auto& child : node.children()) {
    if (child.type() == pugi::node_element) return s3_malformed_xml();
    out += child.value();
  }
  return out;
}

Outcome<std::optional<std::string>> xml_child_text(const pugi::xml_node& node, const char* name) {
  const auto child = node.child(name);
  if (!child) return std::optional<std::string>();
  if (child.next_sibling(name)) return s3_malformed_xml();
  TRY_ASSIGN(auto text, xml_text(child));
  return std::optional(std::move(text));
}

Outcome<Done> expect_children(const pugi::xml_node& node,
                              std::initializer_list<std::string_view> names) {
  for (const auto& child : node.children())
    if (std::find(names.begin(), names.end(), std::string_view(child.name())) == names.end())
      return s3_malformed_xml();
  return done();
}

}  // namespace sallyport::api
