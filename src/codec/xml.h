// Writing XML 1.0 answers, and bounded parsing of small XML requests over pugixml.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pugi {
class xml_document;
}

namespace sallyport::codec {

// Writes elements in document order into a string. Text is escaped; characters that XML 1.0 cannot
// hold at all become U+FFFD. Element names are the program's own and are not checked. Not
// thread-safe.
//   XmlWriter w;
//   w.open("ListBucketResult", "http://s3.amazonaws.com/doc/2006-03-01/");
//   w.element("Name", bucket);
//   w.close();
//   return w.take();
class XmlWriter {
 public:
  // Starts with the XML declaration.
  XmlWriter();
  // `xmlns` "" writes none.
  XmlWriter& open(std::string_view name, std::string_view xmlns = {});
  // Of the element just opened. REQUIRES: nothing was written into it yet.
  XmlWriter& attribute(std::string_view name, std::string_view value);
  XmlWriter& element(std::string_view name, std::string_view text);
  XmlWriter& element(std::string_view name, std::int64_t value);
  XmlWriter& element_bool(std::string_view name, bool value);
  XmlWriter& text(std::string_view text);
  // Ends the innermost open element.
  XmlWriter& close();
  // Closes what is open and hands the text over.
  std::string take();

 private:
  void finish_tag();
  std::string out_;
  std::vector<std::string> open_;
  bool tag_open_ = false;
};

// Escapes for element content and attribute values alike.
void append_xml_escaped(std::string& out, std::string_view text);

struct XmlLimits {
  std::size_t max_bytes = 1024 * 1024;
  std::size_t max_depth = 32;
};

struct XmlDocumentDeleter {
  void operator()(pugi::xml_document* document) const;
};
using XmlDocument = std::unique_ptr<pugi::xml_document, XmlDocumentDeleter>;

// One document of elements, text and CDATA. Document type declarations are refused, so there are no
// entities but the five predefined ones and character references; processing instructions and
// comments are skipped. kLimitExceeded for size and depth, kInvalidArgument for everything else;
// the message says at which byte. Include <pugixml.hpp> where it is called. The text must be UTF-8.
Result<XmlDocument> parse_xml(std::string_view text, const XmlLimits& limits = {});

}  // namespace sallyport::codec
