// Which store has a bucket.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/store_section.h"
#include "iam/pattern.h"

namespace sallyport::s3 {

// Of the patterns of all sections that a bucket's name matches the closest counts: the name itself,
// else the one with the most characters that are no wildcards, else (as "a*" and "*b" for "ab")
// that of the store whose name comes first. Immutable, thread-safe.
class StoreChoice {
 public:
  explicit StoreChoice(const std::map<std::string, config::StoreSection>& sections);

  // The store's name; null: it is in none of them. Lives as long as this.
  const std::string* store_of(std::string_view bucket) const;

 private:
  struct Row {
    std::string store;
    bool exact = true;
    std::size_t letters = 0;
    iam::Glob glob;
  };
  std::vector<Row> rows_;  // the closest first
};

}  // namespace sallyport::s3
