// Permits without a decision, for tests of what wants a permit. No product code includes this.
#pragma once

#include <string>
#include <utility>

#include "iam/permit.h"

namespace sallyport::iam {

struct PermitForTest {
  static Permit make(Action action, std::string bucket, std::string key) {
    return Permit(action, std::move(bucket), std::move(key));
  }
  static Permit get(std::string bucket, std::string key) {
    return make(Action::kGetObject, std::move(bucket), std::move(key));
  }
  static Permit put(std::string bucket, std::string key) {
    return make(Action::kPutObject, std::move(bucket), std::move(key));
  }
  static Permit erase(std::string bucket, std::string key) {
    return make(Action::kDeleteObject, std::move(bucket), std::move(key));
  }
  static Permit list(std::string bucket, std::string prefix) {
    return make(Action::kListBucket, std::move(bucket), std::move(prefix));
  }
  static Permit create_bucket(std::string bucket) {
    return make(Action::kCreateBucket, std::move(bucket), "");
  }
  static Permit delete_bucket(std::string bucket) {
    return make(Action::kDeleteBucket, std::move(bucket), "");
  }
  static Permit list_buckets() { return make(Action::kListAllMyBuckets, "", ""); }
};

}  // namespace sallyport::iam
