// The stores of this folder, as candidates of the contract.
#pragma once

#include <memory>

#include "storage/testing/faulty_object_store.h"
#include "storage/testing/object_store_contract.h"

namespace sallyport::storage::testing {

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

inline auto embedded_stores() {
  return ::testing::Values(
      Candidate{
          "Embedded",
          [] { return std::make_unique<EmbeddedSubject>(EmbeddedSetup{.sync_on_close = true}); }},
      Candidate{
          "EmbeddedUnsynced",
          [] { return std::make_unique<EmbeddedSubject>(EmbeddedSetup{.sync_on_close = false}); }},
      Candidate{"DoubleWithoutFaults", [] { return std::make_unique<DoubleSubject>(); }});
}

}  // namespace sallyport::storage::testing
