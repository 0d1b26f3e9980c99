#include "api/s3/access.h"
#include "api/s3/operations.h"
#include "api/s3/xml_body.h"

namespace sallyport::api {

namespace {

Outcome<storage::Versioning> read_versioning(const codec::XmlDocument& document) {
  const auto configuration = document->document_element();
  TRY(expect_children(configuration, {"Status", "MfaDelete"}));
  TRY_ASSIGN(const auto status, xml_child_text(configuration, "Status"));
  TRY_ASSIGN(const auto mfa, xml_child_text(configuration, "MfaDelete"));
  if (mfa && *mfa == "Enabled") return s3_not_implemented("MFA delete");
  if (mfa && *mfa != "Disabled") return s3_malformed_xml();
  if (!status)
    return s3_fault("IllegalVersioningConfigurationException",
                    "The Versioning element must be specified");
  if (*status == "Enabled") return storage::Versioning::kEnabled;
  if (*status == "Suspended") return storage::Versioning::kSuspended;
  return s3_malformed_xml();
}

}  // namespace

S3Answer get_bucket_versioning(const S3Call& call) {
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kGetBucketVersioning, ""));
  CO_TRY_ASSIGN(const auto versioning,
                co_await call.objects().versioning(permit, call.request.bucket));
  codec::XmlWriter xml;
  xml.open("VersioningConfiguration", kS3Xmlns);
  if (versioning == storage::Versioning::kEnabled) xml.element("Status", "Enabled");
  if (versioning == storage::Versioning::kSuspended) xml.element("Status", "Suspended");
  co_return s3_xml_response(xml.take());
}

S3Answer put_bucket_versioning(const S3Call& call) {
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kPutBucketVersioning, ""));
  if (call.headers().contains("x-amz-mfa")) co_return s3_not_implemented("MFA delete");
  CO_TRY_ASSIGN(const auto document, co_await read_s3_xml(call, "VersioningConfiguration"));
  CO_TRY_ASSIGN(const auto versioning, read_versioning(document));
  CO_TRY(co_await call.objects().set_versioning(permit, call.request.bucket, versioning));
  co_return s3_empty_response(200);
}

}  // namespace sallyport::api
