#include <nlohmann/json.hpp>

#include "api/transfer/operations.h"
#include "api/transfer/references.h"

namespace sallyport::api {

namespace {

using model::Agreement;
using nlohmann::json;

// What DescribeAgreement and ListAgreements both show.
json listed_agreement(const TransferContext& context, const Agreement& agreement) {
  json out = {{"Arn", model::arn_of(context.place, agreement.server_id, agreement.id)},
              {"AgreementId", agreement.id.str()},
              {"Status", agreement.status},
              {"ServerId", agreement.server_id.str()},
              {"LocalProfileId", agreement.local_profile_id.str()},
              {"PartnerProfileId", agreement.partner_profile_id.str()}};
  put_text(out, "Description", agreement.description);
  return out;
}

json described_agreement(const TransferContext& context, const Agreement& agreement) {
  json out = listed_agreement(context, agreement);
  out["AccessRole"] = agreement.access_role;
  out["PreserveFilename"] = agreement.preserve_filename;
  out["EnforceMessageSigning"] = agreement.enforce_message_signing;
  if (agreement.custom_directories) {
    const model::CustomDirectories& directories = *agreement.custom_directories;
    out["CustomDirectories"] = {{"FailedFilesDirectory", directories.failed_files},
                                {"MdnFilesDirectory", directories.mdn_files},
                                {"PayloadFilesDirectory", directories.payload_files},
                                {"StatusFilesDirectory", directories.status_files},
                                {"TemporaryFilesDirectory", directories.temporary_files}};
  } else {
    out["BaseDirectory"] = agreement.base_directory;
  }
  if (!agreement.tags.empty()) out["Tags"] = tags_json(agreement.tags);
  return out;
}

Outcome<model::CustomDirectories> read_custom_directories(const json& in) {
  model::CustomDirectories out;
  out.failed_files = text_of(in, "FailedFilesDirectory");
  out.mdn_files = text_of(in, "MdnFilesDirectory");
  out.payload_files = text_of(in, "PayloadFilesDirectory");
  out.status_files = text_of(in, "StatusFilesDirectory");
  out.temporary_files = text_of(in, "TemporaryFilesDirectory");
  for (const auto* path : {&out.failed_files, &out.mdn_files, &out.payload_files, &out.status_files,
                           &out.temporary_files})
    if (path->empty()) return invalid_request("CustomDirectories must not be empty");
  return out;
}

// Either kind of directories takes the place of the other.
Outcome<Done> apply_directories(const json& request, Agreement& out) {
  const std::string base = text_of(request, "BaseDirectory");
  if (request.contains("CustomDirectories")) {
    if (!base.empty())
      return invalid_request("Cannot specify both BaseDirectory and CustomDirectories");
    TRY_ASSIGN(out.custom_directories, read_custom_directories(request["CustomDirectories"]));
    out.base_directory.clear();
  } else if (request.contains("BaseDirectory")) {
    out.base_directory = base;
    out.custom_directories.reset();
  }
  if (out.base_directory.empty() && !out.custom_directories)
    return invalid_request("Must specify either BaseDirectory or CustomDirectories");
  return done();
}

// Members that CreateAgreement and UpdateAgreement share.
Outcome<Done> apply_members(const json& request, Agreement& out) {
  set_text(request, "Description", out.description);
  set_text(request, "Status", out.status);
  set_text(request, "AccessRole", out.access_role);
  set_text(request, "PreserveFilename", out.preserve_filename);
  set_text(request, "EnforceMessageSigning", out.enforce_message_signing);
  if (request.contains("LocalProfileId"))
    out.local_profile_id = model::ProfileId(text_of(request, "LocalProfileId"));
  if (request.contains("PartnerProfileId"))
    out.partner_profile_id = model::ProfileId(text_of(request, "PartnerProfileId"));
  return apply_directories(request, out);
}

// Its profiles are there and stay for as long as the agreement names them. Messages find their
// agreement by the pair of profiles, so a server has one for each.
Task<Outcome<ResourceChanges>> check_and_hold(const TransferContext& context, Agreement agreement) {
  CO_TRY_ASSIGN(auto held, co_await hold_profiles(context, agreement.local_profile_id,
                                                  agreement.partner_profile_id));
  CO_TRY_ASSIGN(const auto others,
                co_await load_all<Agreement>(context, agreement.server_id.str()));
  for (const Agreement& other : others) {
    if (other.id != agreement.id && other.local_profile_id == agreement.local_profile_id &&
        other.partner_profile_id == agreement.partner_profile_id) {
      co_return Fault(Errc::kAlreadyExists, "Agreement already exists for these profiles")
          .about("Agreement", other.id.str());
    }
  }
  co_return held;
}

Beside<Agreement> with_profiles(const TransferContext& context) {
  return [&context](const Agreement& agreement) { return check_and_hold(context, agreement); };
}

}  // namespace

Task<Outcome<json>> create_agreement(const TransferContext& context, json request) {
  const model::ServerId server = server_id_of(request);
  CO_TRY(co_await load_server(context, server));
  Agreement agreement;
  agreement.id = model::AgreementId(new_id(context, "a-"));
  agreement.server_id = server;
  agreement.created = context.clock.wall();
  CO_TRY(apply_members(request, agreement));
  CO_TRY_ASSIGN(agreement.tags, read_tags(request, "Tags"));
  const auto quota = within_quota<Agreement>(server.str(), "AgreementsPerServer",
                                             context.limits.agreements_per_server);
  CO_TRY(co_await insert_of_server(context, server, agreement, quota, with_profiles(context)));
  co_return json{{"AgreementId", agreement.id.str()}};
}

Task<Outcome<json>> describe_agreement(const TransferContext& context, json request) {
  const model::ServerId server = server_id_of(request);
  CO_TRY(co_await load_server(context, server));
  CO_TRY_ASSIGN(const auto stored, co_await load_stored<Agreement>(
                                       context, server.str(), text_of(request, "AgreementId")));
  co_return json{{"Agreement", described_agreement(context, stored.value)}};
}

Task<Outcome<json>> update_agreement(const TransferContext& context, json request) {
  const model::ServerId server = server_id_of(request);
  const std::string id = text_of(request, "AgreementId");
  CO_TRY(co_await load_server(context, server));
  const Change<Agreement> change = [&request](Agreement& agreement) -> Outcome<bool> {
    TRY(apply_members(request, agreement));
    return true;
  };
  CO_TRY(
      co_await change_stored<Agreement>(context, server.str(), id, change, with_profiles(context)));
  co_return json{{"AgreementId", id}};
}

Task<Outcome<json>> delete_agreement(const TransferContext& context, json request) {
  const model::ServerId server = server_id_of(request);
  CO_TRY(co_await load_server(context, server));
  CO_TRY(co_await remove_stored<Agreement>(context, server.str(), text_of(request, "AgreementId")));
  co_return json();
}

Task<Outcome<json>> list_agreements(const TransferContext& context, json request) {
  const model::ServerId server = server_id_of(request);
  CO_TRY(co_await load_server(context, server));
  const Shown<Agreement> show = [&context](const Agreement& agreement) {
    return listed_agreement(context, agreement);
  };
  co_return co_await list_stored<Agreement>(context, "ListAgreements|" + server.str(), server.str(),
                                            std::move(request), "Agreements", show);
}

}  // namespace sallyport::api
