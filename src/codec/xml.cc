#include "codec/xml.h"

#include <algorithm>
#include <cctype>
#include <pugixml.hpp>

#include "codec/utf8.h"

namespace sallyport::codec {
namespace {

constexpr std::string_view kDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// U+FFFE and U+FFFF, the only valid UTF-8 above U+001F that XML 1.0 excludes.
bool is_noncharacter(std::string_view at) {
  return at.substr(0, 3) == "\xef\xbf\xbe" || at.substr(0, 3) == "\xef\xbf\xbf";
}

Error malformed(std::size_t at) {
  return Error(Errc::kInvalidArgument, "the XML text is malformed at byte " + std::to_string(at));
}

// What the parser is not asked about: declarations that could define entities, and nesting, which
// costs it stack. A scan of the tags alone, so that it runs before anything is built.
Result<void> check_structure(std::string_view text, std::size_t max_depth) {
  std::size_t depth = 0;
  std::size_t at = 0;
  const auto skip_behind = [&](std::string_view end) {
    const std::size_t found = text.find(end, at);
    if (found == std::string_view::npos) return false;
    at = found + end.size();
    return true;
  };
  while ((at = text.find('<', at)) != std::string_view::npos) {
    const std::size_t begin = at;
    const std::string_view rest = text.substr(at);
    if (rest.substr(0, 4) == "<!--") {
      at += 4;
      if (!skip_behind("-->")) return malformed(begin);
    } else if (rest.substr(0, 9) == "<![CDATA[") {
      at += 9;
      if (!skip_behind("]]>")) return malformed(begin);
    } else if (rest.substr(0, 2) == "<?") {
      if (!skip_behind("?>")) return malformed(begin);
    } else if (rest.substr(0, 2) == "<!") {
      return Error(Errc::kInvalidArgument, "the XML text has a declaration, which is not accepted");
    } else if (rest.substr(0, 2) == "</") {
      if (depth == 0) return malformed(begin);
      --depth;
      if (!skip_behind(">")) return malformed(begin);
    } else {
      char quote = '\0';
      for (++at; at < text.size() && (quote != '\0' || text[at] != '>'); ++at) {
        const char c = text[at];
        if (quote != '\0') {
          if (c == quote) quote = '\0';
        } else if (c == '"' || c == '\'') {
          quote = c;
        }
      }
      if (at >= text.size()) return malformed(begin);
      if (text[at - 1] != '/' && ++depth > max_depth)
        return Error(Errc::kLimitExceeded,
                     "the XML text is nested deeper than " + std::to_string(max_depth) + " levels");
      ++at;
    }
  }
  if (depth != 0) return malformed(text.size());
  return ok();
}

}  // namespace

void append_xml_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text.front());
    std::size_t used = 1;
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      // As references, or a reader would normalise them away.
      case '\r': out += "&#13;"; break;
      case '\t':
      case '\n': out.push_back(static_cast<char>(c)); break;
      default:
        if (c < 0x20) {
          out += kReplacement;
        } else if (c < 0x80) {
          out.push_back(static_cast<char>(c));
        } else {
          const std::size_t size = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
          const std::string_view sequence = text.substr(0, size);
          if (is_valid_utf8(sequence) && !is_noncharacter(sequence)) {
            out += sequence;
            used = sequence.size();
          } else {
            out += kReplacement;
            if (is_noncharacter(sequence)) used = 3;
          }
        }
    }
    text.remove_prefix(used);
  }
}

XmlWriter::XmlWriter() : out_(kDeclaration) {}

void XmlWriter::finish_tag() {
  if (std::exchange(tag_open_, false)) out_.push_back('>');
}

XmlWriter& XmlWriter::open(std::string_view name, std::string_view xmlns) {
  finish_tag();
  out_.append("<").append(name);
  open_.emplace_back(name);
  tag_open_ = true;
  if (!xmlns.empty()) attribute("xmlns", xmlns);
  return *this;
}

XmlWriter& XmlWriter::attribute(std::string_view name, std::string_view value) {
  out_.append(" ").append(name).append("=\"");
  append_xml_escaped(out_, value);
  out_.push_back('"');
  return *this;
}

XmlWriter& XmlWriter::element(std::string_view name, std::string_view text) {
  finish_tag();
  out_.append("<").append(name).append(">");
  append_xml_escaped(out_, text);
  out_.append("</").append(name).append(">");
  return *this;
}

XmlWriter& XmlWriter::element(std::string_view name, std::int64_t value) {
  return element(name, std::string_view(std::to_string(value)));
}

XmlWriter& XmlWriter::element_bool(std::string_view name, bool value) {
  return element(name, std::string_view(value ? "true" : "false"));
}

XmlWriter& XmlWriter::text(std::string_view text) {
  finish_tag();
  append_xml_escaped(out_, text);
  return *this;
}

XmlWriter& XmlWriter::close() {
  if (open_.empty()) return *this;
  if (std::exchange(tag_open_, false)) {
    out_ += "/>";
  } else {
    out_.append("</").append(open_.back()).append(">");
  }
  open_.pop_back();
  return *this;
}

std::string XmlWriter::take() {
  while (!open_.empty()) close();
  return std::move(out_);
}

void XmlDocumentDeleter::operator()(pugi::xml_document* document) const {
  delete document;
}

Result<XmlDocument> parse_xml(std::string_view text, const XmlLimits& limits) {
  if (text.size() > limits.max_bytes)
    return Error(Errc::kLimitExceeded,
                 "the XML text is longer than " + std::to_string(limits.max_bytes) + " bytes");
  if (const std::size_t valid = valid_utf8_prefix(text); valid != text.size())
    return Error(Errc::kInvalidArgument,
                 "the XML text is not UTF-8 at byte " + std::to_string(valid));
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) return malformed(nul);
  TRY(check_structure(text, limits.max_depth));

  XmlDocument document(new pugi::xml_document);
  const pugi::xml_parse_result parsed =
      document->load_buffer(text.data(), text.size(),
                            pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol |
                                pugi::parse_wconv_attribute | pugi::parse_ws_pcdata_single,
                            pugi::encoding_utf8);
  if (!parsed)
    return malformed(static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0)));
  // XML 1.0 knows exactly one root element; the library is not that strict.
  std::size_t roots = 0;
  for (const pugi::xml_node& node : document->children())
    roots += node.type() == pugi::node_element;
  if (roots != 1)
    return Error(Errc::kInvalidArgument, "the XML text does not have exactly one root element");
  return document;
}

}  // namespace sallyport::codec
