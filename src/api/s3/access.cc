#include "api/s3/access.h"

#include <chrono>

namespace sallyport::api {

namespace {

using NamePair = std::pair<std::string_view, std::string_view>;

constexpr NamePair kQueryKeys[] = {
    {"delimiter", "s3:delimiter"},
    {"max-keys", "s3:max-keys"},
    {"versionId", "s3:VersionId"},
};

constexpr NamePair kHeaderKeys[] = {
    {"x-amz-acl", "s3:x-amz-acl"},
    {"x-amz-content-sha256", "s3:x-amz-content-sha256"},
    {"x-amz-copy-source", "s3:x-amz-copy-source"},
    {"x-amz-metadata-directive", "s3:x-amz-metadata-directive"},
    {"x-amz-server-side-encryption", "s3:x-amz-server-side-encryption"},
    {"x-amz-storage-class", "s3:x-amz-storage-class"},
    {"x-amz-website-redirect-location", "s3:x-amz-website-redirect-location"},
    {"If-Match", "s3:if-match"},
    {"If-None-Match", "s3:if-none-match"},
};

iam::RequestDetails details_of(const S3Call& call, iam::Context extra) {
  iam::RequestDetails details = call.caller.details();
  iam::Context& context = details.context;
  for (const auto& [name, key] : kQueryKeys)
    if (const auto value = call.query().find(name); value && !value->empty())
      context.push_back({std::string(key), std::string(*value)});
  for (const auto& [name, key] : kHeaderKeys)
    if (const auto value = call.headers().find(name))
      context.push_back({std::string(key), std::string(*value)});
  const Caller& caller = call.caller;
  if (!caller.auth_type.empty()) {
    context.push_back({"s3:authType", caller.auth_type});
    context.push_back({"s3:signatureversion", std::string(http::kSigV4Algorithm)});
    const auto age = to_unix_ms(caller.time) - to_unix_ms(caller.signed_at);
    context.push_back({"s3:signatureAge", std::to_string(age)});
  }
  for (auto& one : extra) context.push_back(std::move(one));
  return details;
}

// Actions on an object that is there, whose tags have a say (condition key s3:ExistingObjectTag).
bool knows_object_tags(iam::Action action) {
  switch (action) {
    case iam::Action::kGetObject:
    case iam::Action::kGetObjectVersion:
    case iam::Action::kGetObjectTagging:
    case iam::Action::kGetObjectVersionTagging:
    case iam::Action::kPutObjectTagging:
    case iam::Action::kPutObjectVersionTagging:
    case iam::Action::kDeleteObjectTagging:
    case iam::Action::kDeleteObjectVersionTagging: return true;
    default: return false;
  }
}

// The tags as the store has them.
class StoredTags final : public iam::ObjectTagSource {
 public:
  explicit StoredTags(storage::BucketStore& objects) : objects_(objects) {}

  Task<Result<std::map<std::string, std::string>>> object_tags(iam::Permit permit,
                                                               std::string version) override {
    storage::VersionRef object{permit.bucket(), permit.key(), std::move(version)};
    auto found = co_await objects_.tags(std::move(permit), std::move(object));
    if (found.ok()) co_return std::move(found->first);
    const Errc code = found.error().code;
    // What is not there, or is a delete marker, has none; the operation itself will say so.
    if (code == Errc::kNotFound || code == Errc::kUnsupported || code == Errc::kInvalidArgument)
      co_return std::map<std::string, std::string>();
    co_return std::move(found).error();
  }

 private:
  storage::BucketStore& objects_;
};

void ask_object_tags(iam::RequestDetails& details, StoredTags& tags, const std::string& key) {
  details.object_tags = &tags;
  details.object_key = key;
  if (const std::string* version = iam::find_context(details.context, "s3:VersionId"))
    details.object_version = *version;
}

// Strangers are not told which right they lack.
Fault denied(const S3Call& call, Error error) {
  if (error.code == Errc::kPermissionDenied &&
      call.caller.identity.kind() == iam::Identity::Kind::kAnonymous)
    error.message = "Access Denied";
  return error;
}

}  // namespace

Task<Outcome<iam::Permit>> s3_permit_in(const S3Call& call, iam::Action action, std::string bucket,
                                        std::string key, iam::Context extra) {
  iam::RequestDetails details = details_of(call, std::move(extra));
  StoredTags tags(call.objects());
  if (knows_object_tags(action)) ask_object_tags(details, tags, key);
  auto permit = co_await call.context.authorizer.authorize(
      call.caller.identity, action, std::move(bucket), std::move(key), std::move(details));
  if (!permit.ok()) co_return denied(call, std::move(permit).error());
  co_return std::move(permit).value();
}

Task<Outcome<iam::Permit>> s3_permit(const S3Call& call, iam::Action action, std::string key,
                                     iam::Context extra) {
  return s3_permit_in(call, action, call.request.bucket, std::move(key), std::move(extra));
}

Task<Outcome<Done>> s3_check_object(const S3Call& call, std::string action) {
  iam::AccessQuestion question;
  question.action = std::move(action);
  question.resource = "arn:aws:s3:::" + call.request.bucket + "/" + call.request.key;
  question.bucket = call.request.bucket;
  question.details = details_of(call, {});
  StoredTags tags(call.objects());
  ask_object_tags(question.details, tags, call.request.key);
  auto allowed = co_await call.context.authorizer.check(call.caller.identity, std::move(question));
  if (!allowed.ok()) co_return denied(call, std::move(allowed).error());
  co_return done();
}

Task<Outcome<storage::BucketInfo>> s3_bucket(const S3Call& call, iam::Action action) {
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, action, ""));
  CO_TRY_ASSIGN(auto info, co_await call.objects().head_bucket(permit, call.request.bucket));
  co_return std::move(info);
}

iam::Context request_tag_context(const storage::Tags& tags) {
  iam::Context out;
  for (const auto& [key, value] : tags) {
    out.push_back({"s3:RequestObjectTag/" + key, value});
    out.push_back({"s3:RequestObjectTagKeys", key});
  }
  return out;
}

Task<Fault> s3_missing_key(const S3Call& call, std::string bucket, Fault missing) {
  if (missing.reason != "NoSuchKey") co_return missing;
  auto listing = co_await s3_permit_in(call, iam::Action::kListBucket, std::move(bucket), "");
  if (!listing.ok()) co_return std::move(listing).error();
  co_return missing;
}

}  // namespace sallyport::api
