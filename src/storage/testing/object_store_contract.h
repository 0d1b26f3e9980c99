// What the tests of the ObjectStore contract run on: candidates, each with what it cannot promise.
// The cases are object_contract_cases.h and listing_contract_cases.h; a test binary includes them
// in one file each and instantiates them with its candidates.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "storage/testing/embedded_fixture.h"

namespace sallyport::storage::testing {

class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual ObjectStore& store() = 0;
};

// What stores elsewhere do not all keep.
struct Promises {
  // ETags end in "-1", and no two objects have the same.
  bool own_etags = true;
  // A writer answers the time that head() says later; a bucket's time is what it was made at.
  bool exact_times = true;
  // A bucket that is missing is found out by create(), and by head(), which copies begin with.
  bool looks_for_buckets = true;
  // Metadata names of any UTF-8, values as well.
  bool metadata_of_any_text = true;
  // A listing that starts after a key inside a folded prefix still shows the prefix.
  bool starts_inside_prefixes = true;
  // Bytes of an object that stay readable to who has it open when it is replaced.
  std::size_t kept_open = 500'000;
  // Prefixes and delimiters that are no UTF-8.
  bool lists_by_any_bytes = true;
};

struct Candidate {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>()> make;
  Promises promises = {};
  int listings = 400;  // that are compared with a model
};

inline std::ostream& operator<<(std::ostream& out, const Candidate& c) {
  return out << c.name;
}

class ContractTest : public ::testing::TestWithParam<Candidate> {
 protected:
  ContractTest() : subject_(GetParam().make()), driver_(subject_->store(), "contract") {
    EXPECT_TRUE(driver_.make_bucket().ok());
  }
  ObjectStore& store() { return subject_->store(); }
  static const Promises& promises() { return GetParam().promises; }

  std::unique_ptr<StoreUnderTest> subject_;
  Driver driver_;
};

inline std::string name_of_store(const ::testing::TestParamInfo<Candidate>& info) {
  return info.param.name;
}

}  // namespace sallyport::storage::testing
