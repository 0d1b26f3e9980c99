#include "api/transfer/service.h"

namespace sallyport::api {

namespace {

using Target = TransferTarget;

constexpr TransferRow kRows[] = {
    {"CreateAccess", Target::kServer, &create_access},
    {"CreateAgreement", Target::kServer, &create_agreement},
    {"CreateConnector", Target::kAll, &create_connector},
    {"CreateProfile", Target::kAll, &create_profile},
    {"CreateServer", Target::kAll, &create_server},
    {"CreateUser", Target::kServer, &create_user},
    {"CreateWebApp", Target::kAll, &create_web_app},
    {"CreateWorkflow", Target::kAll, &create_workflow},
    {"DeleteAccess", Target::kServer, &delete_access},
    {"DeleteAgreement", Target::kAgreement, &delete_agreement},
    {"DeleteCertificate", Target::kCertificate, &delete_certificate},
    {"DeleteConnector", Target::kConnector, &delete_connector},
    {"DeleteHostKey", Target::kHostKey, &delete_host_key},
    {"DeleteProfile", Target::kProfile, &delete_profile},
    {"DeleteServer", Target::kServer, &delete_server},
    {"DeleteSshPublicKey", Target::kUser, &delete_ssh_public_key},
    {"DeleteUser", Target::kUser, &delete_user},
    {"DeleteWebApp", Target::kWebApp, &delete_web_app},
    {"DeleteWebAppCustomization", Target::kWebApp, &delete_web_app_customization},
    {"DeleteWorkflow", Target::kWorkflow, &delete_workflow},
    {"DescribeAccess", Target::kServer, &describe_access},
    {"DescribeAgreement", Target::kAgreement, &describe_agreement},
    {"DescribeCertificate", Target::kCertificate, &describe_certificate},
    {"DescribeConnector", Target::kConnector, &describe_connector},
    {"DescribeExecution", Target::kWorkflow, &describe_execution},
    {"DescribeHostKey", Target::kHostKey, &describe_host_key},
    {"DescribeProfile", Target::kProfile, &describe_profile},
    {"DescribeSecurityPolicy", Target::kAll, &describe_security_policy},
    {"DescribeServer", Target::kServer, &describe_server},
    {"DescribeUser", Target::kUser, &describe_user},
    {"DescribeWebApp", Target::kWebApp, &describe_web_app},
    {"DescribeWebAppCustomization", Target::kWebApp, &describe_web_app_customization},
    {"DescribeWorkflow", Target::kWorkflow, &describe_workflow},
    {"ImportCertificate", Target::kAll, &import_certificate},
    {"ImportHostKey", Target::kServer, &import_host_key},
    {"ImportSshPublicKey", Target::kUser, &import_ssh_public_key},
    {"ListAccesses", Target::kServer, &list_accesses},
    {"ListAgreements", Target::kServer, &list_agreements},
    {"ListCertificates", Target::kAll, &list_certificates},
    {"ListConnectors", Target::kAll, &list_connectors},
    {"ListExecutions", Target::kWorkflow, &list_executions},
    {"ListFileTransferResults", Target::kConnector, &list_file_transfer_results},
    {"ListHostKeys", Target::kServer, &list_host_keys},
    {"ListProfiles", Target::kAll, &list_profiles},
    {"ListSecurityPolicies", Target::kAll, &list_security_policies},
    {"ListServers", Target::kAll, &list_servers},
    {"ListTagsForResource", Target::kArn, &list_tags_for_resource},
    {"ListUsers", Target::kServer, &list_users},
    {"ListWebApps", Target::kAll, &list_web_apps},
    {"ListWorkflows", Target::kAll, &list_workflows},
    {"SendWorkflowStepState", Target::kWorkflow, &send_workflow_step_state},
    {"StartDirectoryListing", Target::kConnector, &start_directory_listing},
    {"StartFileTransfer", Target::kConnector, &start_file_transfer},
    {"StartRemoteDelete", Target::kConnector, &start_remote_delete},
    {"StartRemoteMove", Target::kConnector, &start_remote_move},
    {"StartServer", Target::kServer, &start_server},
    {"StopServer", Target::kServer, &stop_server},
    {"TagResource", Target::kArn, &tag_resource},
    {"TestConnection", Target::kConnector, &test_connection},
    {"TestIdentityProvider", Target::kUser, &test_identity_provider},
    {"UntagResource", Target::kArn, &untag_resource},
    {"UpdateAccess", Target::kAll, &update_access},
    {"UpdateAgreement", Target::kAgreement, &update_agreement},
    {"UpdateCertificate", Target::kCertificate, &update_certificate},
    {"UpdateConnector", Target::kConnector, &update_connector},
    {"UpdateHostKey", Target::kHostKey, &update_host_key},
    {"UpdateProfile", Target::kProfile, &update_profile},
    {"UpdateServer", Target::kServer, &update_server},
    {"UpdateUser", Target::kUser, &update_user},
    {"UpdateWebApp", Target::kWebApp, &update_web_app},
    {"UpdateWebAppCustomization", Target::kWebApp, &update_web_app_customization},
};

}  // namespace

std::span<const TransferRow> transfer_rows() {
  return kRows;
}

}  // namespace sallyport::api
