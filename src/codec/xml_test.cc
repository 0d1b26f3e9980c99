#include "codec/xml.h"

#include <gtest/gtest.h>

#include <pugixml.hpp>

namespace sallyport::codec {
namespace {

TEST(XmlWriter, WritesElementsInOrder) {
  XmlWriter w;
  w.open("List", "http://example.com/ns").attribute("a", "1\"<");
  w.element("Key", "a&b<c>\"'").element("Size", std::int64_t{-5}).element_bool("Truncated", false);
  w.open("Empty").close().open("Mixed").text("x").open("In").close().close();
  EXPECT_EQ(w.take(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<List xmlns=\"http://example.com/ns\" a=\"1&quot;&lt;\">"
            "<Key>a&amp;b&lt;c&gt;&quot;'</Key><Size>-5</Size><Truncated>false</Truncated>"
            "<Empty/><Mixed>x<In/></Mixed></List>");
}

TEST(XmlWriter, ReplacesWhatXmlCannotHold) {
  std::string out;
  append_xml_escaped(out,
                     std::string_view("a\0\x01\r\n\t\xff\xed\xa0\x80\xef\xbf\xbf\xe3\x81\x82", 16));
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(out, "a" + bad + bad + "&#13;\n\t" + bad + bad + bad + bad + bad + "\xe3\x81\x82");
}

TEST(Xml, ReadsWhatTheWriterWrites) {
  XmlWriter w;
  w.open("R").element("K", "a\r\n\t&<\xe3\x81\x82>").close();
  const auto d = parse_xml(w.take());
  ASSERT_TRUE(d.ok()) << d.error().message;
  EXPECT_STREQ((*d)->child("R").child_value("K"), "a\r\n\t&<\xe3\x81\x82>");
}

TEST(Xml, ParsesARequest) {
  const auto d = parse_xml(
      "<?xml version=\"1.0\"?>\n<!-- c < -->\n<Delete xmlns='x' a='>'><Object><Key>a&amp;b "
      "&#x41;</Key>"
      "</Object><Quiet>true</Quiet><C><![CDATA[<raw>&]]></C><E/></Delete>\n");
  ASSERT_TRUE(d.ok()) << d.error().message;
  const pugi::xml_node root = (*d)->document_element();
  EXPECT_STREQ(root.name(), "Delete");
  EXPECT_STREQ(root.child("Object").child_value("Key"), "a&b A");
  EXPECT_STREQ(root.child_value("C"), "<raw>&");
}

TEST(Xml, RefusesDeclarationsAndMalformedText) {
  for (const char* text :
       {"", " ", "text", "<a>", "</a>", "<a></b>", "<a/><b/>", "<a", "<a b=\">", "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a><!ELEMENT b></a>", "<a><!-- </a>",
        "<a><![CDATA[ </a>", "<?xml", "<a>\xff</a>", "<a b=1/>", "<a></a></a>"}) {
    const auto d = parse_xml(text);
    EXPECT_FALSE(d.ok()) << text;
    EXPECT_EQ(d.ok() ? Errc::kInternal : d.error().code, Errc::kInvalidArgument) << text;
  }
  EXPECT_FALSE(parse_xml(std::string_view("<a>\0</a>", 8)).ok());
}

TEST(Xml, IsBounded) {
  const auto nested = [](int n) {
    std::string out;
    for (int i = 0; i < n; ++i) out += "<a>";
    for (int i = 0; i < n; ++i) out += "</a>";
    return out;
  };
  EXPECT_TRUE(parse_xml(nested(32)).ok());
  EXPECT_EQ(parse_xml(nested(33)).error().code, Errc::kLimitExceeded);
  EXPECT_EQ(parse_xml("<a></a>", {6, 32}).error().code, Errc::kLimitExceeded);
}

}  // namespace
}  // namespace sallyport::codec
