// What resources say of one another: looked up and checked when it is said, and in the way of a
// deletion as long as it is said.
#pragma once

#include <string>
#include <vector>

#include "api/transfer/stored.h"

namespace sallyport::api {

// Steps that hold the certificates of a profile of this type. ResourceNotFoundException;
// InvalidRequestException for one that such a profile cannot use.
Task<Outcome<ResourceChanges>> hold_certificates(const TransferContext& context,
                                                 std::string profile_type,
                                                 std::vector<std::string> certificates);

// Steps that hold a LOCAL and a PARTNER profile. ResourceNotFoundException;
// InvalidRequestException for one of the other type.
Task<Outcome<ResourceChanges>> hold_profiles(const TransferContext& context, model::ProfileId local,
                                             model::ProfileId partner);

// Steps that hold the workflows of a server. ResourceNotFoundException.
Task<Outcome<ResourceChanges>> hold_workflows(const TransferContext& context, model::Server server);

// The context under which a certificate's private key is sealed.
std::string certificate_seal_context(const model::CertificateId& id);

// InvalidRequestException "… is still in use by …".
Task<Outcome<Done>> check_certificate_unused(const TransferContext& context,
                                             model::CertificateId id);
Task<Outcome<Done>> check_profile_unused(const TransferContext& context, model::ProfileId id);
Task<Outcome<Done>> check_server_unused(const TransferContext& context, model::ServerId id);
Task<Outcome<Done>> check_workflow_unused(const TransferContext& context, model::WorkflowId id);

}  // namespace sallyport::api
