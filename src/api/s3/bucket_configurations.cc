// The configurations that a bucket here never has: what S3 answers for a bucket without them.
#include <algorithm>

#include "api/s3/access.h"
#include "api/s3/listing.h"
#include "api/s3/object_headers.h"
#include "api/s3/object_lookup.h"
#include "api/s3/operations.h"
#include "api/s3/routes.h"
#include "api/s3/xml_body.h"
#include "codec/xml.h"

namespace sallyport::api {

namespace {

using iam::Action;

struct Configuration {
  std::string_view parameter;
  std::string_view what;  // for a person
  Action get, put, erase;
  std::string_view missing;  // the error of a bucket without; "" where S3 has a default:
  std::string_view root;     // the document that says so
  std::string_view element;  // of it, "a/b" for nested ones; "" for an empty document
  std::string_view text;
};

constexpr Configuration kConfigurations[] = {
    {"accelerate", "Transfer acceleration", Action::kGetAccelerateConfiguration,
     Action::kPutAccelerateConfiguration, Action::kPutAccelerateConfiguration, "",
     "AccelerateConfiguration", "", ""},
    {"cors", "CORS", Action::kGetBucketCors, Action::kPutBucketCors, Action::kPutBucketCors,
     "NoSuchCORSConfiguration", "", "", ""},
    {"encryption", "Server-side encryption", Action::kGetEncryptionConfiguration,
     Action::kPutEncryptionConfiguration, Action::kPutEncryptionConfiguration,
     "ServerSideEncryptionConfigurationNotFoundError", "", "", ""},
    {"lifecycle", "A lifecycle configuration", Action::kGetLifecycleConfiguration,
     Action::kPutLifecycleConfiguration, Action::kPutLifecycleConfiguration,
     "NoSuchLifecycleConfiguration", "", "", ""},
    {"logging", "Access logging", Action::kGetBucketLogging, Action::kPutBucketLogging,
     Action::kPutBucketLogging, "", "BucketLoggingStatus", "", ""},
    {"notification", "Event notification", Action::kGetBucketNotification,
     Action::kPutBucketNotification, Action::kPutBucketNotification, "",
     "NotificationConfiguration", "", ""},
    {"object-lock", "Object Lock", Action::kGetBucketObjectLockConfiguration,
     Action::kPutBucketObjectLockConfiguration, Action::kPutBucketObjectLockConfiguration,
     "ObjectLockConfigurationNotFoundError", "", "", ""},
    {"ownershipControls", "Changing the object ownership", Action::kGetBucketOwnershipControls,
     Action::kPutBucketOwnershipControls, Action::kPutBucketOwnershipControls, "",
     "OwnershipControls", "Rule/ObjectOwnership", "BucketOwnerEnforced"},
    {"publicAccessBlock", "A public access block", Action::kGetBucketPublicAccessBlock,
     Action::kPutBucketPublicAccessBlock, Action::kPutBucketPublicAccessBlock,
     "NoSuchPublicAccessBlockConfiguration", "", "", ""},
    {"replication", "Replication", Action::kGetReplicationConfiguration,
     Action::kPutReplicationConfiguration, Action::kPutReplicationConfiguration,
     "ReplicationConfigurationNotFoundError", "", "", ""},
    {"requestPayment", "Requester pays", Action::kGetBucketRequestPayment,
     Action::kPutBucketRequestPayment, Action::kPutBucketRequestPayment, "",
     "RequestPaymentConfiguration", "Payer", "BucketOwner"},
    {"website", "Website hosting", Action::kGetBucketWebsite, Action::kPutBucketWebsite,
     Action::kDeleteBucketWebsite, "NoSuchWebsiteConfiguration", "", "", ""},
};

const Configuration& configuration_of(const S3Call& call) {
  return *std::find_if(std::begin(kConfigurations), std::end(kConfigurations),
                       [&](const auto& one) { return one.parameter == call.route.parameter; });
}

std::string default_document(const Configuration& one) {
  codec::XmlWriter xml;
  xml.open(one.root, kS3Xmlns);
  std::string_view element = one.element;
  if (const auto slash = element.find('/'); slash != std::string_view::npos) {
    xml.open(element.substr(0, slash));
    element = element.substr(slash + 1);
  }
  if (!element.empty()) xml.element(element, one.text);
  return xml.take();
}

std::string owner_acl(const S3Call& call) {
  codec::XmlWriter xml;
  xml.open("AccessControlPolicy", kS3Xmlns);
  write_owner(xml, "Owner", call);
  xml.open("AccessControlList").open("Grant");
  xml.open("Grantee").attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
  xml.attribute("xsi:type", "CanonicalUser");
  xml.element("ID", call.context.place.account).close();
  xml.element("Permission", "FULL_CONTROL");
  return xml.take();
}

// Whether an AccessControlPolicy says what get_bucket_acl answers: all to the owner, nothing else.
Outcome<bool> is_owner_acl(const S3Call& call, const pugi::xml_node& policy) {
  TRY(expect_children(policy, {"Owner", "AccessControlList"}));
  const std::string& owner = call.context.place.account;
  TRY_ASSIGN(const auto named, xml_child_text(policy.child("Owner"), "ID"));
  if (named && *named != owner) return false;
  const auto list = policy.child("AccessControlList");
  const auto grant = list.child("Grant");
  if (!grant || grant.next_sibling()) return false;
  TRY_ASSIGN(const auto grantee, xml_child_text(grant.child("Grantee"), "ID"));
  TRY_ASSIGN(const auto permission, xml_child_text(grant, "Permission"));
  return grantee && *grantee == owner && permission && *permission == "FULL_CONTROL";
}

// An ACL that leaves everything as it is may be put (tools put back what they got); there is no
// other.
Task<Outcome<Done>> check_put_acl(const S3Call& call) {
  CO_TRY(check_object_headers(call.headers()));
  if (call.headers().contains("x-amz-acl")) co_return done();
  CO_TRY_ASSIGN(const auto document, co_await read_s3_xml(call, "AccessControlPolicy"));
  CO_TRY_ASSIGN(const bool same, is_owner_acl(call, document->document_element()));
  if (!same) co_return s3_fault("AccessControlListNotSupported", "");
  co_return done();
}

}  // namespace

S3Answer get_bucket_configuration(const S3Call& call) {
  const Configuration& one = configuration_of(call);
  CO_TRY(co_await s3_bucket(call, one.get));
  if (!one.missing.empty()) co_return s3_fault(one.missing, "");
  co_return s3_xml_response(default_document(one));
}

S3Answer put_bucket_configuration(const S3Call& call) {
  const Configuration& one = configuration_of(call);
  CO_TRY(co_await s3_bucket(call, one.put));
  co_return s3_not_implemented(one.what);
}

// There is nothing to remove.
S3Answer delete_bucket_configuration(const S3Call& call) {
  CO_TRY(co_await s3_bucket(call, configuration_of(call).erase));
  co_return s3_empty_response(204);
}

S3Answer get_bucket_acl(const S3Call& call) {
  CO_TRY(co_await s3_bucket(call, Action::kGetBucketAcl));
  co_return s3_xml_response(owner_acl(call));
}

S3Answer put_bucket_acl(const S3Call& call) {
  CO_TRY(co_await s3_bucket(call, Action::kPutBucketAcl));
  CO_TRY(co_await check_put_acl(call));
  co_return s3_empty_response(200);
}

S3Answer get_object_acl(const S3Call& call) {
  CO_TRY_ASSIGN(const auto version, read_version_id(call.query()));
  CO_TRY(co_await s3_check_object(call,
                                  version.empty() ? "s3:GetObjectAcl" : "s3:GetObjectVersionAcl"));
  CO_TRY_ASSIGN(const auto info, co_await s3_head_object(call, version));
  auto response = s3_xml_response(owner_acl(call));
  add_version_header(response.headers, info.version_id);
  co_return response;
}

S3Answer put_object_acl(const S3Call& call) {
  CO_TRY_ASSIGN(const auto version, read_version_id(call.query()));
  CO_TRY(co_await s3_check_object(call,
                                  version.empty() ? "s3:PutObjectAcl" : "s3:PutObjectVersionAcl"));
  CO_TRY(co_await check_put_acl(call));
  CO_TRY_ASSIGN(const auto info, co_await s3_head_object(call, version));
  http::HttpResponse response;
  add_version_header(response.headers, info.version_id);
  co_return response;
}

S3Answer answer_preflight(const S3Call&) {
  co_return s3_fault("AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.");
}

S3Answer not_offered(const S3Call& call) {
  co_return s3_not_implemented(call.route.name);
}

}  // namespace sallyport::api
