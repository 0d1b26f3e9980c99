// What every ObjectStore promises about listings. Included once in a test binary.
#pragma once

#include <random>
#include <set>

#include "codec/utf8.h"
#include "storage/testing/object_store_contract.h"

namespace sallyport::storage {
namespace {

class ListingContract : public testing::ContractTest {};

struct NaiveEntry {
  std::string name;
  bool common = false;
};

// S3's listing as its documentation describes it, over all keys.
std::vector<NaiveEntry> naive_list(const std::set<std::string>& keys, const ListRequest& r) {
  std::vector<NaiveEntry> out;
  for (const auto& key : keys) {
    if (!key.starts_with(r.prefix)) continue;
    if (!r.start_after.empty() && key <= r.start_after) continue;
    const auto at =
        r.delimiter.empty() ? std::string::npos : key.find(r.delimiter, r.prefix.size());
    if (at == std::string::npos) {
      out.push_back({key, false});
      continue;
    }
    const std::string common = key.substr(0, at + r.delimiter.size());
    if (common == r.start_after) continue;
    if (out.empty() || out.back().name != common) out.push_back({common, true});
  }
  return out;
}

// Starts after the prefix that `start_after` would be folded into, if there is one.
void leave_prefix(ListRequest& request) {
  std::string& after = request.start_after;
  if (request.delimiter.empty() || !after.starts_with(request.prefix)) return;
  const auto at = after.find(request.delimiter, request.prefix.size());
  if (at != std::string::npos) after.resize(at + request.delimiter.size());
}

TEST_P(ListingContract, ListingsAgreeWithANaiveModel) {
  std::mt19937 random(20260102);
  const std::vector<std::string> pieces{"a", "b", "/", "//", "-", ".", "0", "\xc3\xa9", "A", "~"};
  std::set<std::string> keys;
  while (keys.size() < 300) {
    std::string key;
    const int length = 1 + static_cast<int>(random() % 7);
    for (int i = 0; i < length; ++i) key += pieces[random() % pieces.size()];
    keys.insert(key);
  }
  for (const auto& key : keys) ASSERT_TRUE(driver_.put(key, key).ok());

  std::vector<std::string> delimiters{"", "/", "/", "/", "-", "//", "a"};
  if (promises().lists_by_any_bytes) delimiters.emplace_back("\xc3");
  const std::vector<std::string> all(keys.begin(), keys.end());
  for (int i = 0; i < GetParam().listings; ++i) {
    ListRequest request;
    const std::string& some = all[random() % all.size()];
    request.prefix = some.substr(0, random() % (some.size() + 1));
    if (random() % 3 == 0) request.prefix.clear();
    request.delimiter = delimiters[random() % delimiters.size()];
    request.max_keys = 1 + random() % (random() % 2 ? 4 : 100);
    if (random() % 3 == 0) request.start_after = all[random() % all.size()];
    if (!promises().starts_inside_prefixes) leave_prefix(request);
    if (!promises().lists_by_any_bytes && !codec::is_valid_utf8(request.prefix)) continue;
    const auto expected = naive_list(keys, request);

    std::vector<std::string> objects, commons;
    std::size_t pages = 0;
    for (;;) {
      const auto page = driver_.list(request);
      ASSERT_TRUE(page.ok()) << page.error().message;
      const std::size_t count = page->objects.size() + page->common_prefixes.size();
      ASSERT_LE(count, request.max_keys);
      for (const auto& o : page->objects) {
        objects.push_back(o.key);
        ASSERT_EQ(o.size, o.key.size());
        ASSERT_EQ(o.etag.ends_with("-1"), promises().own_etags);
      }
      commons.insert(commons.end(), page->common_prefixes.begin(), page->common_prefixes.end());
      if (!page->truncated) {
        ASSERT_EQ(page->next_start_after, "");
        break;
      }
      ASSERT_EQ(count, request.max_keys);
      request.start_after = page->next_start_after;
      ASSERT_LT(++pages, 1000u);
    }
    std::vector<std::string> expected_objects, expected_commons;
    for (const auto& e : expected)
      (e.common ? expected_commons : expected_objects).push_back(e.name);
    EXPECT_EQ(objects, expected_objects) << "prefix " << request.prefix;
    EXPECT_EQ(commons, expected_commons) << "prefix " << request.prefix;
  }
}

TEST_P(ListingContract, ListingEdges) {
  ASSERT_TRUE(driver_.put("a/", "").ok());
  ASSERT_TRUE(driver_.put("a/b", "x").ok());
  ASSERT_TRUE(driver_.put("a/c/d", "x").ok());
  ListRequest request;
  request.max_keys = 0;
  auto page = driver_.list(request);
  EXPECT_TRUE(page->objects.empty());
  EXPECT_FALSE(page->truncated);
  request.max_keys = 3;
  page = driver_.list(request);
  EXPECT_EQ(page->objects.size(), 3u);
  EXPECT_FALSE(page->truncated);  // exactly full is not cut
  request.prefix = "a/";
  request.delimiter = "/";
  page = driver_.list(request);
  ASSERT_EQ(page->objects.size(), 2u);
  EXPECT_EQ(page->objects[0].key, "a/");
  EXPECT_EQ(page->objects[1].key, "a/b");
  EXPECT_EQ(page->common_prefixes, std::vector<std::string>{"a/c/"});
  request.prefix = "nothing";
  page = driver_.list(request);
  EXPECT_TRUE(page->objects.empty() && page->common_prefixes.empty() && !page->truncated);
  if (!promises().lists_by_any_bytes) return;
  request.prefix = "\xff";
  EXPECT_TRUE(driver_.list(request)->objects.empty());
}

}  // namespace
}  // namespace sallyport::storage
