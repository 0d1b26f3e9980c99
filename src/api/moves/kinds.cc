#include "api/moves/kinds.h"

#include "api/moves/kind_extras.h"
#include "api/transfer/references.h"
#include "iam/credentials.h"

namespace sallyport::api {

namespace {

std::string host_key_context(std::string_view server, std::string_view id) {
  return host_key_seal_context(model::ServerId(std::string(server)),
                               model::HostKeyId(std::string(id)));
}
std::string access_key_context(std::string_view, std::string_view id) {
  return iam::access_key_seal_context(id);
}
std::string certificate_context(std::string_view, std::string_view id) {
  return certificate_seal_context(model::CertificateId(std::string(id)));
}

constexpr MovedKind kKinds[] = {
    {.member = "ManagedPolicy",
     .plural = "ManagedPolicies",
     .kind = "managed-policy",
     .id = "PolicyName"},
    {.member = "Role", .plural = "Roles", .kind = "role", .id = "RoleName"},
    {.member = "IamUser", .plural = "IamUsers", .kind = "iam-user", .id = "UserName"},
    {.member = "AccessKey",
     .plural = "AccessKeys",
     .kind = "access-key",
     .id = "AccessKeyId",
     .secret = "SecretAccessKey",
     .sealed = "SealedSecret",
     .seal_context = &access_key_context,
     .secret_needed = true},
    {.member = "BucketSettings",
     .plural = "BucketSettings",
     .kind = "bucket-settings",
     .id = "Bucket"},
    {.member = "Certificate",
     .plural = "Certificates",
     .kind = "certificate",
     .id = "CertificateId",
     .create = "ImportCertificate",
     .update = "UpdateCertificate",
     .describe = "DescribeCertificate",
     .secret = "PrivateKey",
     .sealed = "SealedPrivateKey",
     .seal_context = &certificate_context},
    {.member = "Profile",
     .plural = "Profiles",
     .kind = "profile",
     .id = "ProfileId",
     .create = "CreateProfile",
     .update = "UpdateProfile",
     .describe = "DescribeProfile"},
    {.member = "Workflow",
     .plural = "Workflows",
     .kind = "workflow",
     .id = "WorkflowId",
     .create = "CreateWorkflow",
     .describe = "DescribeWorkflow"},
    {.member = "Server",
     .plural = "Servers",
     .kind = "server",
     .id = "ServerId",
     .create = "CreateServer",
     .update = "UpdateServer",
     .describe = "DescribeServer",
     .update_in_parts = true,
     .extras = &kServerExtras},
    {.member = "HostKey",
     .plural = "HostKeys",
     .kind = "host-key",
     .id = "HostKeyId",
     .of_server = true,
     .create = "ImportHostKey",
     .update = "UpdateHostKey",
     .describe = "DescribeHostKey",
     .secret = "HostKeyBody",
     .sealed = "SealedPrivateKey",
     .seal_context = &host_key_context,
     .secret_needed = true},
    {.member = "User",
     .plural = "Users",
     .kind = "user",
     .id = "UserName",
     .of_server = true,
     .create = "CreateUser",
     .update = "UpdateUser",
     .describe = "DescribeUser",
     .extras = &kUserExtras},
    {.member = "Access",
     .plural = "Accesses",
     .kind = "access",
     .id = "ExternalId",
     .of_server = true,
     .create = "CreateAccess",
     .update = "UpdateAccess",
     .describe = "DescribeAccess"},
    {.member = "Agreement",
     .plural = "Agreements",
     .kind = "agreement",
     .id = "AgreementId",
     .of_server = true,
     .create = "CreateAgreement",
     .update = "UpdateAgreement",
     .describe = "DescribeAgreement"},
    {.member = "Connector",
     .plural = "Connectors",
     .kind = "connector",
     .id = "ConnectorId",
     .create = "CreateConnector",
     .update = "UpdateConnector",
     .describe = "DescribeConnector"},
    {.member = "WebApp",
     .plural = "WebApps",
     .kind = "web-app",
     .id = "WebAppId",
     .create = "CreateWebApp",
     .update = "UpdateWebApp",
     .describe = "DescribeWebApp"},
};

}  // namespace

std::span<const MovedKind> moved_kinds() {
  return kKinds;
}

}  // namespace sallyport::api
