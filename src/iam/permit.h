// A permit proves that a decision was made: only iam can make one, every call of storage wants one,
// and storage checks that it covers the call. Forgetting a check does not compile.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::iam {

// The S3 actions that storage and the S3 API distinguish (Service Authorization Reference, Amazon
// S3).
enum class Action : std::uint8_t {
  kGetObject,
  kPutObject,
  kDeleteObject,
  kListBucket,
  kCreateBucket,
  kDeleteBucket,
  kListAllMyBuckets,
  kGetBucketLocation,
  kGetObjectVersion,
  kDeleteObjectVersion,
  kListBucketVersions,
  kGetObjectTagging,
  kPutObjectTagging,
  kDeleteObjectTagging,
  kGetObjectVersionTagging,
  kPutObjectVersionTagging,
  kDeleteObjectVersionTagging,
  kAbortMultipartUpload,
  kListMultipartUploadParts,
  kListBucketMultipartUploads,
  kGetBucketVersioning,
  kPutBucketVersioning,
  kGetBucketPolicy,
  kPutBucketPolicy,
  kDeleteBucketPolicy,
  kGetBucketTagging,
  kPutBucketTagging,
  kGetBucketPolicyStatus,
  kGetBucketAcl,
  kPutBucketAcl,
  kGetBucketCors,
  kPutBucketCors,
  kGetLifecycleConfiguration,
  kPutLifecycleConfiguration,
  kGetBucketWebsite,
  kPutBucketWebsite,
  kDeleteBucketWebsite,
  kGetReplicationConfiguration,
  kPutReplicationConfiguration,
  kGetEncryptionConfiguration,
  kPutEncryptionConfiguration,
  kGetBucketObjectLockConfiguration,
  kPutBucketObjectLockConfiguration,
  kGetBucketPublicAccessBlock,
  kPutBucketPublicAccessBlock,
  kGetBucketOwnershipControls,
  kPutBucketOwnershipControls,
  kGetBucketLogging,
  kPutBucketLogging,
  kGetBucketNotification,
  kPutBucketNotification,
  kGetAccelerateConfiguration,
  kPutAccelerateConfiguration,
  kGetBucketRequestPayment,
  kPutBucketRequestPayment,
};

// What an action is done to.
enum class ActionScope : std::uint8_t {
  kAccount,  // no bucket: the resource is "*"
  kBucket,   // the bucket; no key
  kPrefix,   // the bucket; the key is a prefix, condition key s3:prefix
  kObject,   // the object
};

// "s3:GetObject", …
std::string_view action_name(Action action);
ActionScope action_scope(Action action);
// Without regard to letter case; nullopt for one that is not in the list.
std::optional<Action> find_action(std::string_view name);
// "arn:aws:s3:::bucket/key", "arn:aws:s3:::bucket" or "*", as the action's scope wants it.
std::string s3_resource(Action action, std::string_view bucket, std::string_view key);

struct AssumeRoleRequest;

// Copyable, immutable, thread-safe. A delegated permit decides nothing: it names the role session
// whose credentials a store with an IAM of its own is to be asked with, and that store decides.
class Permit {
 public:
  Action action() const { return action_; }
  const std::string& bucket() const { return bucket_; }
  // As the action's scope says: an object's key, a prefix, or empty.
  const std::string& key() const { return key_; }

  // Decided here, and for exactly this.
  bool covers(Action action, std::string_view bucket, std::string_view key) const {
    return delegate_ == nullptr && names(action, bucket, key);
  }
  // The question is this one, whoever decides it.
  bool names(Action action, std::string_view bucket, std::string_view key) const {
    return action_ == action && bucket_ == bucket && key_ == key;
  }
  // Null: decided here.
  const std::shared_ptr<const AssumeRoleRequest>& delegate() const { return delegate_; }

 private:
  friend class Authorizer;
  friend struct PermitForTest;  // iam/testing/permit_for_test.h, which no product code includes
  Permit(Action action, std::string bucket, std::string key,
         std::shared_ptr<const AssumeRoleRequest> delegate = nullptr)
      : action_(action),
        bucket_(std::move(bucket)),
        key_(std::move(key)),
        delegate_(std::move(delegate)) {}

  Action action_;
  std::string bucket_;
  std::string key_;
  std::shared_ptr<const AssumeRoleRequest> delegate_;
};

}  // namespace sallyport::iam
