#include "api/transfer/service_access.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sallyport::api {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxIdName = 256;  // of an id or a user's name
constexpr std::size_t kMaxArn = 2048;    // of a role or any resource
constexpr std::size_t kMaxRoles = 8;     // no operation has more

struct TargetRow {
  TransferTarget target;
  std::string_view type;  // in the ARN
  std::string_view members[2];
};
constexpr TargetRow kTargets[] = {
    {TransferTarget::kServer, "server", {"ServerId", ""}},
    {TransferTarget::kUser, "user", {"ServerId", "UserName"}},
    {TransferTarget::kHostKey, "host-key", {"ServerId", "HostKeyId"}},
    {TransferTarget::kAgreement, "agreement", {"ServerId", "AgreementId"}},
    {TransferTarget::kCertificate, "certificate", {"CertificateId", ""}},
    {TransferTarget::kConnector, "connector", {"ConnectorId", ""}},
    {TransferTarget::kProfile, "profile", {"ProfileId", ""}},
    {TransferTarget::kWebApp, "webapp", {"WebAppId", ""}},
    {TransferTarget::kWorkflow, "workflow", {"WorkflowId", ""}},
    {TransferTarget::kArn, "", {"Arn", ""}},
};

const TargetRow* target_row(TransferTarget target) {
  for (const TargetRow& row : kTargets)
    if (row.target == target) return &row;
  return nullptr;
}

std::string target_arn(const TransferRow& row, const model::Place& place, const json& request) {
  const TargetRow* target = target_row(row.target);
  if (target == nullptr) return "*";
  if (row.target == TransferTarget::kArn) return text_of(request, "Arn");
  std::string out = "arn:aws:transfer:" + place.region + ":" + place.account + ":";
  out.append(target->type);
  for (const std::string_view member : target->members)
    if (!member.empty()) out.append("/").append(text_of(request, member));
  return out;
}

// Every role that the request names, wherever the model has one.
void collect_roles(const json& value, const Shape& shape, std::vector<std::string>& out) {
  if (shape.type == ShapeType::kStructure) {
    for (const Shape::Member& member : shape.members)
      if (const auto found = value.find(member.name); found != value.end())
        collect_roles(*found, *member.shape, out);
  } else if (shape.type == ShapeType::kList) {
    for (const json& item : value) collect_roles(item, *shape.element, out);
  } else if (shape.name == "Role" || shape.name == "NullableRole") {
    if (const auto& role = value.get_ref<const std::string&>(); !role.empty()) out.push_back(role);
  }
}

std::vector<std::string> roles_of(const OperationModel& operation, const json& request) {
  std::vector<std::string> out;
  if (operation.input != nullptr) collect_roles(request, *operation.input, out);
  return out;
}

void add_request_tags(const json& request, iam::Context& out) {
  if (const auto tags = request.find("Tags"); tags != request.end()) {
    for (const json& tag : *tags) {
      const std::string key = text_of(tag, "Key");
      out.push_back({"aws:TagKeys", key});
      out.push_back({"aws:RequestTag/" + key, text_of(tag, "Value")});
    }
  }
  for (std::string& key : texts_of(request, "TagKeys"))
    out.push_back({"aws:TagKeys", std::move(key)});
}

void add_request_keys(const TransferRow& row, const json& request, iam::Context& out) {
  const auto add = [&out](std::string_view key, std::string value) {
    if (!value.empty()) out.push_back({std::string(key), std::move(value)});
  };
  const std::string_view operation = row.operation;
  if (operation == "CreateServer" || operation == "UpdateServer") {
    add("transfer:RequestServerEndpointType", text_of(request, "EndpointType"));
    add("transfer:RequestServerDomain", text_of(request, "Domain"));
    for (std::string& protocol : texts_of(request, "Protocols"))
      add("transfer:RequestServerProtocols", std::move(protocol));
  }
  if (operation == "CreateConnector" && request.contains("As2Config"))
    add("transfer:RequestConnectorProtocol", "AS2");
  if (operation == "CreateConnector" && request.contains("SftpConfig"))
    add("transfer:RequestConnectorProtocol", "SFTP");
  if (operation.starts_with("Create") || operation.starts_with("Update"))
    add("transfer:RequestSecurityPolicyName", text_of(request, "SecurityPolicyName"));
}

Task<Outcome<Done>> ask(iam::Authorizer& authorizer, const Caller& caller,
                        iam::AccessQuestion question) {
  const auto allowed = co_await authorizer.check(caller.identity, std::move(question));
  if (!allowed.ok()) co_return Fault(allowed.error());
  co_return done();
}

}  // namespace

bool can_ask_first(const TransferRow& row, const OperationModel& operation, const json& request) {
  if (const TargetRow* target = target_row(row.target)) {
    const std::size_t longest = row.target == TransferTarget::kArn ? kMaxArn : kMaxIdName;
    for (const std::string_view member : target->members) {
      if (member.empty()) continue;
      const std::string name = text_of(request, member);
      if (name.empty() || name.size() > longest) return false;
    }
  }
  const auto roles = roles_of(operation, request);
  return roles.size() <= kMaxRoles &&
         std::all_of(roles.begin(), roles.end(),
                     [](const std::string& role) { return role.size() <= kMaxArn; });
}

Task<Outcome<Done>> check_access(iam::Authorizer& authorizer, const TransferContext& context,
                                 const TransferRow& row, const OperationModel& operation,
                                 const json& request, const Caller& caller) {
  iam::AccessQuestion question;
  question.action = "transfer:" + std::string(row.operation);
  question.resource = target_arn(row, context.place, request);
  question.details = caller.details();
  iam::Context& keys = question.details.context;
  add_request_tags(request, keys);
  add_request_keys(row, request, keys);
  // Nothing that a tag says can matter to root.
  if (row.target != TransferTarget::kAll && !caller.identity.is_root()) {
    const auto tags = co_await load_tags(context, question.resource);
    if (tags.ok()) {
      for (const model::Tag& tag : *tags) keys.push_back({"aws:ResourceTag/" + tag.key, tag.value});
    }
  }
  CO_TRY(co_await ask(authorizer, caller, std::move(question)));

  for (std::string& role : roles_of(operation, request)) {
    iam::AccessQuestion pass;
    pass.action = "iam:PassRole";
    pass.resource = std::move(role);
    pass.details = caller.details();
    pass.details.context.push_back({"iam:PassedToService", "transfer.amazonaws.com"});
    CO_TRY(co_await ask(authorizer, caller, std::move(pass)));
  }
  co_return done();
}

}  // namespace sallyport::api
