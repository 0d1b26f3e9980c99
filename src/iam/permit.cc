#include "iam/permit.h"

#include <array>

#include "iam/pattern.h"

namespace sallyport::iam {

namespace {

struct ActionRow {
  std::string_view name;
  ActionScope scope;
};

// In the order of Action.
constexpr std::array kRows = std::to_array<ActionRow>({
    {"s3:GetObject", ActionScope::kObject},
    {"s3:PutObject", ActionScope::kObject},
    {"s3:DeleteObject", ActionScope::kObject},
    {"s3:ListBucket", ActionScope::kPrefix},
    {"s3:CreateBucket", ActionScope::kBucket},
    {"s3:DeleteBucket", ActionScope::kBucket},
    {"s3:ListAllMyBuckets", ActionScope::kAccount},
    {"s3:GetBucketLocation", ActionScope::kBucket},
    {"s3:GetObjectVersion", ActionScope::kObject},
    {"s3:DeleteObjectVersion", ActionScope::kObject},
    {"s3:ListBucketVersions", ActionScope::kPrefix},
    {"s3:GetObjectTagging", ActionScope::kObject},
    {"s3:PutObjectTagging", ActionScope::kObject},
    {"s3:DeleteObjectTagging", ActionScope::kObject},
    {"s3:GetObjectVersionTagging", ActionScope::kObject},
    {"s3:PutObjectVersionTagging", ActionScope::kObject},
    {"s3:DeleteObjectVersionTagging", ActionScope::kObject},
    {"s3:AbortMultipartUpload", ActionScope::kObject},
    {"s3:ListMultipartUploadParts", ActionScope::kObject},
    {"s3:ListBucketMultipartUploads", ActionScope::kPrefix},
    {"s3:GetBucketVersioning", ActionScope::kBucket},
    {"s3:PutBucketVersioning", ActionScope::kBucket},
    {"s3:GetBucketPolicy", ActionScope::kBucket},
    {"s3:PutBucketPolicy", ActionScope::kBucket},
    {"s3:DeleteBucketPolicy", ActionScope::kBucket},
    {"s3:GetBucketTagging", ActionScope::kBucket},
    {"s3:PutBucketTagging", ActionScope::kBucket},
    {"s3:GetBucketPolicyStatus", ActionScope::kBucket},
    {"s3:GetBucketAcl", ActionScope::kBucket},
    {"s3:PutBucketAcl", ActionScope::kBucket},
    {"s3:GetBucketCORS", ActionScope::kBucket},
    {"s3:PutBucketCORS", ActionScope::kBucket},
    {"s3:GetLifecycleConfiguration", ActionScope::kBucket},
    {"s3:PutLifecycleConfiguration", ActionScope::kBucket},
    {"s3:GetBucketWebsite", ActionScope::kBucket},
    {"s3:PutBucketWebsite", ActionScope::kBucket},
    {"s3:DeleteBucketWebsite", ActionScope::kBucket},
    {"s3:GetReplicationConfiguration", ActionScope::kBucket},
    {"s3:PutReplicationConfiguration", ActionScope::kBucket},
    {"s3:GetEncryptionConfiguration", ActionScope::kBucket},
    {"s3:PutEncryptionConfiguration", ActionScope::kBucket},
    {"s3:GetBucketObjectLockConfiguration", ActionScope::kBucket},
    {"s3:PutBucketObjectLockConfiguration", ActionScope::kBucket},
    {"s3:GetBucketPublicAccessBlock", ActionScope::kBucket},
    {"s3:PutBucketPublicAccessBlock", ActionScope::kBucket},
    {"s3:GetBucketOwnershipControls", ActionScope::kBucket},
    {"s3:PutBucketOwnershipControls", ActionScope::kBucket},
    {"s3:GetBucketLogging", ActionScope::kBucket},
    {"s3:PutBucketLogging", ActionScope::kBucket},
    {"s3:GetBucketNotification", ActionScope::kBucket},
    {"s3:PutBucketNotification", ActionScope::kBucket},
    {"s3:GetAccelerateConfiguration", ActionScope::kBucket},
    {"s3:PutAccelerateConfiguration", ActionScope::kBucket},
    {"s3:GetBucketRequestPayment", ActionScope::kBucket},
    {"s3:PutBucketRequestPayment", ActionScope::kBucket},
});
static_assert(kRows.size() == static_cast<std::size_t>(Action::kPutBucketRequestPayment) + 1);

const ActionRow& row_of(Action action) {
  return kRows[static_cast<std::size_t>(action)];
}

}  // namespace

std::string_view action_name(Action action) {
  return row_of(action).name;
}

ActionScope action_scope(Action action) {
  return row_of(action).scope;
}

std::optional<Action> find_action(std::string_view name) {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (equal_ignoring_case(kRows[i].name, name)) return static_cast<Action>(i);
  return std::nullopt;
}

std::string s3_resource(Action action, std::string_view bucket, std::string_view key) {
  const ActionScope scope = action_scope(action);
  if (scope == ActionScope::kAccount) return "*";
  std::string out = "arn:aws:s3:::";
  out.append(bucket);
  if (scope == ActionScope::kObject) out.append("/").append(key);
  return out;
}

}  // namespace sallyport::iam
