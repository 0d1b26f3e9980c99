#include "s3/store_choice.h"

#include <gtest/gtest.h>

namespace sallyport::s3 {
namespace {

std::string chosen(const StoreChoice& choice, std::string_view bucket) {
  const std::string* store = choice.store_of(bucket);
  return store == nullptr ? "(none)" : *store;
}

TEST(StoreChoiceTest, the_closest_pattern_counts) {
  std::map<std::string, config::StoreSection> sections;
  sections["a-all"].buckets = {"*"};
  sections["b-logs"].buckets = {"logs-*", "exact?"};
  sections["c-near"].buckets = {"logs-2026-*"};
  sections["d-own"].buckets = {"logs-2026-11", "exact1"};
  const StoreChoice choice(sections);
  EXPECT_EQ(chosen(choice, "anything"), "a-all");
  EXPECT_EQ(chosen(choice, "logs-2025"), "b-logs");
  EXPECT_EQ(chosen(choice, "logs-2026-10"), "c-near");
  EXPECT_EQ(chosen(choice, "logs-2026-11"), "d-own");
  EXPECT_EQ(chosen(choice, "exact1"), "d-own");
  EXPECT_EQ(chosen(choice, "exact2"), "b-logs");
  EXPECT_EQ(chosen(choice, "exact22"), "a-all");
}

TEST(StoreChoiceTest, what_no_section_names_is_in_none) {
  std::map<std::string, config::StoreSection> sections;
  EXPECT_EQ(chosen(StoreChoice(sections), "b"), "(none)");
  sections["one"].buckets = {"data-*"};
  const StoreChoice choice(sections);
  EXPECT_EQ(chosen(choice, "data"), "(none)");
  EXPECT_EQ(chosen(choice, "xdata-1"), "(none)");
  EXPECT_EQ(chosen(choice, ""), "(none)");
  EXPECT_EQ(chosen(choice, "data-1"), "one");
}

TEST(StoreChoiceTest, of_patterns_as_close_the_first_store_counts) {
  std::map<std::string, config::StoreSection> sections;
  sections["z"].buckets = {"a*"};
  sections["y"].buckets = {"*b"};
  EXPECT_EQ(chosen(StoreChoice(sections), "ab"), "y");
}

}  // namespace
}  // namespace sallyport::s3
