// A permit proves that a decision was made: only iam can make one, every call of storage wants one,
// and storage checks that it covers the call. Forgetting a check does not compile.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sallyport::iam {

// The S3 actions that storage distinguishes (Service Authorization Reference, Amazon S3).
enum class Action : std::uint8_t {
  kGetObject,
  kPutObject,
  kDeleteObject,
  kListBucket,
  kCreateBucket,
  kDeleteBucket,
  kListAllMyBuckets,
};
// "s3:GetObject", …
std::string_view action_name(Action action);

// Copyable, immutable, thread-safe.
class Permit {
 public:
  Action action() const { return action_; }
  const std::string& bucket() const { return bucket_; }
  // The key of an object action; the prefix of kListBucket; empty for actions on buckets.
  const std::string& key() const { return key_; }

  bool covers(Action action, std::string_view bucket, std::string_view key) const {
    return action_ == action && bucket_ == bucket && key_ == key;
  }

 private:
  friend class Authorizer;
  friend struct PermitForTest;  // iam/testing/permit_for_test.h, which no product code includes
  Permit(Action action, std::string bucket, std::string key)
      : action_(action), bucket_(std::move(bucket)), key_(std::move(key)) {}

  Action action_;
  std::string bucket_;
  std::string key_;
};

}  // namespace sallyport::iam
