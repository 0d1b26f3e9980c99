#include "api/transfer/service.h"

namespace sallyport::api {

namespace {

using Target = TransferTarget;

constexpr TransferRow kRows[] = {
    {"CreateAccess", Target::kServer, nullptr},
    {"CreateAgreement", Target::kServer, nullptr},
    {"CreateConnector", Target::kAll, nullptr},
    {"CreateProfile", Target::kAll, nullptr},
    {"CreateServer", Target::kAll, &create_server},
    {"CreateUser", Target::kServer, &create_user},
    {"CreateWebApp", Target::kAll, nullptr},
    {"CreateWorkflow", Target::kAll, nullptr},
    {"DeleteAccess", Target::kServer, nullptr},
    {"DeleteAgreement", Target::kAgreement, nullptr},
    {"DeleteCertificate", Target::kCertificate, nullptr},
    {"DeleteConnector", Target::kConnector, nullptr},
    {"DeleteHostKey", Target::kHostKey, &delete_host_key},
    {"DeleteProfile", Target::kProfile, nullptr},
    {"DeleteServer", Target::kServer, &delete_server},
    {"DeleteSshPublicKey", Target::kUser, &delete_ssh_public_key},
    {"DeleteUser", Target::kUser, &delete_user},
    {"DeleteWebApp", Target::kWebApp, nullptr},
    {"DeleteWebAppCustomization", Target::kWebApp, nullptr},
    {"DeleteWorkflow", Target::kWorkflow, nullptr},
    {"DescribeAccess", Target::kServer, nullptr},
    {"DescribeAgreement", Target::kAgreement, nullptr},
    {"DescribeCertificate", Target::kCertificate, nullptr},
    {"DescribeConnector", Target::kConnector, nullptr},
    {"DescribeExecution", Target::kWorkflow, nullptr},
    {"DescribeHostKey", Target::kHostKey, &describe_host_key},
    {"DescribeProfile", Target::kProfile, nullptr},
    {"DescribeSecurityPolicy", Target::kAll, &describe_security_policy},
    {"DescribeServer", Target::kServer, &describe_server},
    {"DescribeUser", Target::kUser, &describe_user},
    {"DescribeWebApp", Target::kWebApp, nullptr},
    {"DescribeWebAppCustomization", Target::kWebApp, nullptr},
    {"DescribeWorkflow", Target::kWorkflow, nullptr},
    {"ImportCertificate", Target::kAll, nullptr},
    {"ImportHostKey", Target::kServer, &import_host_key},
    {"ImportSshPublicKey", Target::kUser, &import_ssh_public_key},
    {"ListAccesses", Target::kServer, nullptr},
    {"ListAgreements", Target::kServer, nullptr},
    {"ListCertificates", Target::kAll, nullptr},
    {"ListConnectors", Target::kAll, nullptr},
    {"ListExecutions", Target::kWorkflow, nullptr},
    {"ListFileTransferResults", Target::kConnector, nullptr},
    {"ListHostKeys", Target::kServer, &list_host_keys},
    {"ListProfiles", Target::kAll, nullptr},
    {"ListSecurityPolicies", Target::kAll, &list_security_policies},
    {"ListServers", Target::kAll, &list_servers},
    {"ListTagsForResource", Target::kArn, &list_tags_for_resource},
    {"ListUsers", Target::kServer, &list_users},
    {"ListWebApps", Target::kAll, nullptr},
    {"ListWorkflows", Target::kAll, nullptr},
    {"SendWorkflowStepState", Target::kWorkflow, nullptr},
    {"StartDirectoryListing", Target::kConnector, nullptr},
    {"StartFileTransfer", Target::kConnector, nullptr},
    {"StartRemoteDelete", Target::kConnector, nullptr},
    {"StartRemoteMove", Target::kConnector, nullptr},
    {"StartServer", Target::kServer, &start_server},
    {"StopServer", Target::kServer, &stop_server},
    {"TagResource", Target::kArn, &tag_resource},
    {"TestConnection", Target::kConnector, nullptr},
    {"TestIdentityProvider", Target::kUser, nullptr},
    {"UntagResource", Target::kArn, &untag_resource},
    {"UpdateAccess", Target::kAll, nullptr},
    {"UpdateAgreement", Target::kAgreement, nullptr},
    {"UpdateCertificate", Target::kCertificate, nullptr},
    {"UpdateConnector", Target::kConnector, nullptr},
    {"UpdateHostKey", Target::kHostKey, &update_host_key},
    {"UpdateProfile", Target::kProfile, nullptr},
    {"UpdateServer", Target::kServer, &update_server},
    {"UpdateUser", Target::kUser, &update_user},
    {"UpdateWebApp", Target::kWebApp, nullptr},
    {"UpdateWebAppCustomization", Target::kWebApp, nullptr},
};

}  // namespace

std::span<const TransferRow> transfer_rows() {
  return kRows;
}

}  // namespace sallyport::api
