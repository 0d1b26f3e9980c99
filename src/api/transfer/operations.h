// The operations of AWS Transfer Family that exist, each a function on a decoded, checked request.
// A null answer is an empty body.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/transfer/context.h"

namespace sallyport::api {

using TransferHandler = Task<Outcome<nlohmann::json>> (*)(const TransferContext& context,
                                                          nlohmann::json request);

Task<Outcome<nlohmann::json>> create_server(const TransferContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> describe_server(const TransferContext& context,
                                              nlohmann::json request);
Task<Outcome<nlohmann::json>> update_server(const TransferContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> delete_server(const TransferContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> list_servers(const TransferContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> start_server(const TransferContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> stop_server(const TransferContext& context, nlohmann::json request);

Task<Outcome<nlohmann::json>> create_user(const TransferContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> describe_user(const TransferContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> update_user(const TransferContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> delete_user(const TransferContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> list_users(const TransferContext& context, nlohmann::json request);

Task<Outcome<nlohmann::json>> create_access(const TransferContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> describe_access(const TransferContext& context,
                                              nlohmann::json request);
Task<Outcome<nlohmann::json>> update_access(const TransferContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> delete_access(const TransferContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> list_accesses(const TransferContext& context, nlohmann::json request);

Task<Outcome<nlohmann::json>> import_ssh_public_key(const TransferContext& context,
                                                    nlohmann::json request);
Task<Outcome<nlohmann::json>> delete_ssh_public_key(const TransferContext& context,
                                                    nlohmann::json request);

Task<Outcome<nlohmann::json>> import_host_key(const TransferContext& context,
                                              nlohmann::json request);
Task<Outcome<nlohmann::json>> describe_host_key(const TransferContext& context,
                                                nlohmann::json request);
Task<Outcome<nlohmann::json>> update_host_key(const TransferContext& context,
                                              nlohmann::json request);
Task<Outcome<nlohmann::json>> delete_host_key(const TransferContext& context,
                                              nlohmann::json request);
Task<Outcome<nlohmann::json>> list_host_keys(const TransferContext& context,
                                             nlohmann::json request);

Task<Outcome<nlohmann::json>> create_profile(const TransferContext& context,
                                             nlohmann::json request);
Task<Outcome<nlohmann::json>> describe_profile(const TransferContext& context,
                                               nlohmann::json request);
Task<Outcome<nlohmann::json>> update_profile(const TransferContext& context,
                                             nlohmann::json request);
Task<Outcome<nlohmann::json>> delete_profile(const TransferContext& context,
                                             nlohmann::json request);
Task<Outcome<nlohmann::json>> list_profiles(const TransferContext& context, nlohmann::json request);

Task<Outcome<nlohmann::json>> import_certificate(const TransferContext& context,
                                                 nlohmann::json request);
Task<Outcome<nlohmann::json>> describe_certificate(const TransferContext& context,
                                                   nlohmann::json request);
Task<Outcome<nlohmann::json>> update_certificate(const TransferContext& context,
                                                 nlohmann::json request);
Task<Outcome<nlohmann::json>> delete_certificate(const TransferContext& context,
                                                 nlohmann::json request);
Task<Outcome<nlohmann::json>> list_certificates(const TransferContext& context,
                                                nlohmann::json request);

Task<Outcome<nlohmann::json>> create_agreement(const TransferContext& context,
                                               nlohmann::json request);
Task<Outcome<nlohmann::json>> describe_agreement(const TransferContext& context,
                                                 nlohmann::json request);
Task<Outcome<nlohmann::json>> update_agreement(const TransferContext& context,
                                               nlohmann::json request);
Task<Outcome<nlohmann::json>> delete_agreement(const TransferContext& context,
                                               nlohmann::json request);
Task<Outcome<nlohmann::json>> list_agreements(const TransferContext& context,
                                              nlohmann::json request);

Task<Outcome<nlohmann::json>> create_connector(const TransferContext& context,
                                               nlohmann::json request);
Task<Outcome<nlohmann::json>> describe_connector(const TransferContext& context,
                                                 nlohmann::json request);
Task<Outcome<nlohmann::json>> update_connector(const TransferContext& context,
                                               nlohmann::json request);
Task<Outcome<nlohmann::json>> delete_connector(const TransferContext& context,
                                               nlohmann::json request);
Task<Outcome<nlohmann::json>> list_connectors(const TransferContext& context,
                                              nlohmann::json request);

Task<Outcome<nlohmann::json>> create_workflow(const TransferContext& context,
                                              nlohmann::json request);
Task<Outcome<nlohmann::json>> describe_workflow(const TransferContext& context,
                                                nlohmann::json request);
Task<Outcome<nlohmann::json>> delete_workflow(const TransferContext& context,
                                              nlohmann::json request);
Task<Outcome<nlohmann::json>> list_workflows(const TransferContext& context,
                                             nlohmann::json request);
Task<Outcome<nlohmann::json>> list_executions(const TransferContext& context,
                                              nlohmann::json request);
Task<Outcome<nlohmann::json>> describe_execution(const TransferContext& context,
                                                 nlohmann::json request);

Task<Outcome<nlohmann::json>> send_workflow_step_state(const TransferContext& context,
                                                       nlohmann::json request);

Task<Outcome<nlohmann::json>> start_file_transfer(const TransferContext& context,
                                                  nlohmann::json request);
Task<Outcome<nlohmann::json>> list_file_transfer_results(const TransferContext& context,
                                                         nlohmann::json request);
Task<Outcome<nlohmann::json>> start_directory_listing(const TransferContext& context,
                                                      nlohmann::json request);
Task<Outcome<nlohmann::json>> start_remote_delete(const TransferContext& context,
                                                  nlohmann::json request);
Task<Outcome<nlohmann::json>> start_remote_move(const TransferContext& context,
                                                nlohmann::json request);
Task<Outcome<nlohmann::json>> test_connection(const TransferContext& context,
                                              nlohmann::json request);

Task<Outcome<nlohmann::json>> test_identity_provider(const TransferContext& context,
                                                     nlohmann::json request);

Task<Outcome<nlohmann::json>> create_web_app(const TransferContext& context,
                                             nlohmann::json request);
Task<Outcome<nlohmann::json>> describe_web_app(const TransferContext& context,
                                               nlohmann::json request);
Task<Outcome<nlohmann::json>> update_web_app(const TransferContext& context,
                                             nlohmann::json request);
Task<Outcome<nlohmann::json>> delete_web_app(const TransferContext& context,
                                             nlohmann::json request);
Task<Outcome<nlohmann::json>> list_web_apps(const TransferContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> describe_web_app_customization(const TransferContext& context,
                                                             nlohmann::json request);
Task<Outcome<nlohmann::json>> update_web_app_customization(const TransferContext& context,
                                                           nlohmann::json request);
Task<Outcome<nlohmann::json>> delete_web_app_customization(const TransferContext& context,
                                                           nlohmann::json request);

Task<Outcome<nlohmann::json>> describe_security_policy(const TransferContext& context,
                                                       nlohmann::json request);
Task<Outcome<nlohmann::json>> list_security_policies(const TransferContext& context,
                                                     nlohmann::json request);

Task<Outcome<nlohmann::json>> tag_resource(const TransferContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> untag_resource(const TransferContext& context,
                                             nlohmann::json request);
Task<Outcome<nlohmann::json>> list_tags_for_resource(const TransferContext& context,
                                                     nlohmann::json request);

}  // namespace sallyport::api
