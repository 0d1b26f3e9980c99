#include "http/headers.h"

#include <gtest/gtest.h>

#include "http/message.h"

namespace sallyport::http {
namespace {

TEST(Headers, FindsNamesWithoutRegardToCase) {
  Headers h;
  h.add("Content-Type", "a");
  h.add("X-Multi", "1");
  h.add("x-multi", "2");
  EXPECT_EQ(h.get("content-type"), "a");
  EXPECT_EQ(h.find("X-MULTI"), "1");
  EXPECT_EQ(h.count("x-Multi"), 2u);
  EXPECT_FALSE(h.contains("X-Mult"));
  EXPECT_EQ(h.at(2).name, "x-multi");
}

TEST(Headers, SetReplacesAllAndRemoveTakesAllAway) {
  Headers h;
  h.add("A", "1");
  h.add("a", "2");
  h.add("B", "3");
  h.set("A", "4");
  EXPECT_EQ(h.count("a"), 1u);
  EXPECT_EQ(h.get("a"), "4");
  EXPECT_EQ(h.remove("b"), 1u);
  EXPECT_EQ(h.remove("b"), 0u);
  EXPECT_EQ(h.size(), 1u);
}

TEST(Headers, FindsTokensInLists) {
  Headers h;
  h.add("Connection", "keep-alive , Upgrade");
  h.add("Connection", "CLOSE");
  EXPECT_TRUE(h.has_token("connection", "close"));
  EXPECT_TRUE(h.has_token("Connection", "upgrade"));
  EXPECT_FALSE(h.has_token("Connection", "clos"));
  EXPECT_FALSE(h.has_token("Other", "close"));
}

TEST(HttpRequest, SplitsTheTargetWithoutDecodingIt) {
  HttpRequest r;
  r.target = "/a%2Fb/?x=1?&y";
  EXPECT_EQ(r.path(), "/a%2Fb/");
  EXPECT_EQ(r.query(), "x=1?&y");
  r.target = "http://host:80?q";
  EXPECT_EQ(r.path(), "/");
  EXPECT_EQ(r.query(), "q");
  r.target = "http://host/p";
  EXPECT_EQ(r.path(), "/p");
  r.target = "/p/http://x/?";
  EXPECT_EQ(r.path(), "/p/http://x/");
  EXPECT_EQ(r.query(), "");
  r.target = "*";
  EXPECT_EQ(r.path(), "*");
}

}  // namespace
}  // namespace sallyport::http
