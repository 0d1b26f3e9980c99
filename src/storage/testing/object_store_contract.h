// What the tests of the ObjectStore contract run on: each store there is. A further store adds a
// line to stores().
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "storage/testing/embedded_fixture.h"
#include "storage/testing/faulty_object_store.h"

namespace sallyport::storage::testing {

class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual ObjectStore& store() = 0;
};

struct Candidate {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>()> make;
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

  std::unique_ptr<StoreUnderTest> subject_;
  Driver driver_;
};

class EmbeddedSubject final : public StoreUnderTest {
 public:
  explicit EmbeddedSubject(EmbeddedSetup setup) : instance_(folder_.path(), setup) {}
  ObjectStore& store() override { return instance_.store(); }

 private:
  TemporaryFolder folder_;
  EmbeddedInstance instance_;
};

class DoubleSubject final : public StoreUnderTest {
 public:
  DoubleSubject()
      : instance_(folder_.path(), {.sync_on_close = false}), faulty_(instance_.store()) {}
  ObjectStore& store() override { return faulty_; }

 private:
  TemporaryFolder folder_;
  EmbeddedInstance instance_;
  FaultyObjectStore faulty_;
};

inline auto stores() {
  return ::testing::Values(
      Candidate{
          "Embedded",
          [] { return std::make_unique<EmbeddedSubject>(EmbeddedSetup{.sync_on_close = true}); }},
      Candidate{
          "EmbeddedUnsynced",
          [] { return std::make_unique<EmbeddedSubject>(EmbeddedSetup{.sync_on_close = false}); }},
      Candidate{"DoubleWithoutFaults", [] { return std::make_unique<DoubleSubject>(); }});
}

inline std::string name_of_store(const ::testing::TestParamInfo<Candidate>& info) {
  return info.param.name;
}

}  // namespace sallyport::storage::testing
