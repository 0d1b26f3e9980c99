#include "s3/store_choice.h"

#include <algorithm>
#include <utility>

namespace sallyport::s3 {

StoreChoice::StoreChoice(const std::map<std::string, config::StoreSection>& sections) {
  for (const auto& [name, section] : sections) {
    for (const std::string& pattern : section.buckets) {
      Row row;
      row.store = name;
      for (const char& c : pattern) {
        if (c == '*') row.glob.append_any_run();
        if (c == '?') row.glob.append_any_one();
        if (c == '*' || c == '?') {
          row.exact = false;
        } else {
          row.glob.append_text(std::string_view(&c, 1));
          ++row.letters;
        }
      }
      rows_.push_back(std::move(row));
    }
  }
  std::stable_sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
    return std::pair(a.exact, a.letters) > std::pair(b.exact, b.letters);
  });
}

const std::string* StoreChoice::store_of(std::string_view bucket) const {
  for (const Row& row : rows_)
    if (row.glob.matches(bucket)) return &row.store;
  return nullptr;
}

}  // namespace sallyport::s3
