#include "api/transfer/web_app_form.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/transfer/context.h"

namespace sallyport::api {

namespace {

using model::WebApp;
using nlohmann::json;

// Each Availability Zone has one.
constexpr std::size_t kMaxSubnets = 3;

void apply_shared_members(const json& request, WebApp& app) {
  set_text(request, "AccessEndpoint", app.access_endpoint);
  if (request.contains("WebAppUnits"))
    app.provisioned_units = request["WebAppUnits"].value("Provisioned", app.provisioned_units);
}

const json* member(const json& in, std::string_view outer, std::string_view inner) {
  const auto found = in.find(outer);
  if (found == in.end()) return nullptr;
  const auto nested = found->find(inner);
  return nested == found->end() ? nullptr : &*nested;
}

void apply_vpc(const json& in, model::WebAppVpc& vpc) {
  set_text(in, "VpcId", vpc.vpc_id);
  set_texts(in, "SubnetIds", vpc.subnet_ids);
  set_texts(in, "SecurityGroupIds", vpc.security_group_ids);
  set_text(in, "IpAddressType", vpc.ip_address_type);
}

Outcome<Done> check_vpc(const WebApp& app) {
  const model::WebAppVpc& vpc = *app.vpc;
  if (vpc.vpc_id.empty()) return invalid_request("VpcId required for web apps in a VPC");
  if (vpc.subnet_ids.empty()) return invalid_request("SubnetIds required for web apps in a VPC");
  if (vpc.subnet_ids.size() > kMaxSubnets)
    return invalid_request(fmt::format("At most {} SubnetIds are supported", kMaxSubnets));
  TRY(check_unique(vpc.subnet_ids, "SubnetIds"));
  if (!app.access_endpoint.empty())
    return invalid_request("AccessEndpoint unsupported for web apps in a VPC");
  return done();
}

const char* endpoint_type(const WebApp& app) {
  return app.vpc ? "VPC" : "PUBLIC";
}

}  // namespace

Outcome<Done> apply_new_web_app_members(const json& request, WebApp& app) {
  apply_shared_members(request, app);
  if (const json* center = member(request, "IdentityProviderDetails", "IdentityCenterConfig")) {
    app.instance_arn = text_of(*center, "InstanceArn");
    app.role = text_of(*center, "Role");
  }
  set_text(request, "WebAppEndpointPolicy", app.endpoint_policy);
  if (const json* vpc = member(request, "EndpointDetails", "Vpc"))
    apply_vpc(*vpc, app.vpc.emplace());
  return done();
}

Outcome<Done> apply_web_app_update(const json& request, WebApp& app) {
  apply_shared_members(request, app);
  const json* center = member(request, "IdentityProviderDetails", "IdentityCenterConfig");
  if (center != nullptr) set_text(*center, "Role", app.role);
  if (const json* vpc = member(request, "EndpointDetails", "Vpc")) {
    if (!app.vpc) return invalid_request("EndpointDetails invalid for PUBLIC web apps");
    apply_vpc(*vpc, *app.vpc);
  }
  return done();
}

Outcome<Done> check_web_app(const WebApp& app, const TransferLimits& limits) {
  if (app.provisioned_units > limits.units_per_web_app)
    return quota_exceeded("UnitsPerWebApp", limits.units_per_web_app);
  if (!app.access_endpoint.empty() && !app.access_endpoint.starts_with("https://"))
    return invalid_request("AccessEndpoint must be a URL that begins with https://");
  return app.vpc ? check_vpc(app) : done();
}

std::string application_arn(const model::Place& place, std::string_view instance_arn,
                            std::string_view suffix) {
  return fmt::format("arn:aws:sso::{}:application/{}/apl-{}", place.account,
                     instance_arn.substr(instance_arn.rfind('/') + 1), suffix);
}

std::string web_app_endpoint(const model::Place& place, const WebApp& app) {
  const std::string& host = app.vpc ? app.vpc->vpc_endpoint_id : app.id.str();
  return fmt::format("https://{}{}.transfer-webapp.{}.on.aws", host, app.vpc ? ".vpce-mq" : "",
                     place.region);
}

json listed_web_app(const model::Place& place, const WebApp& app) {
  return {
      {"Arn", model::arn_of(place, app.id)},
      {"WebAppId", app.id.str()},
      {"AccessEndpoint", app.access_endpoint.empty() ? app.web_app_endpoint : app.access_endpoint},
      {"WebAppEndpoint", app.web_app_endpoint},
      {"EndpointType", endpoint_type(app)}};
}

json described_web_app(const model::Place& place, const WebApp& app) {
  json out = listed_web_app(place, app);
  json center = json::object();
  put_text(center, "ApplicationArn", app.application_arn);
  put_text(center, "InstanceArn", app.instance_arn);
  put_text(center, "Role", app.role);
  out["DescribedIdentityProviderDetails"]["IdentityCenterConfig"] = std::move(center);
  out["WebAppUnits"]["Provisioned"] = app.provisioned_units;
  out["WebAppEndpointPolicy"] = app.endpoint_policy;
  if (!app.tags.empty()) out["Tags"] = tags_json(app.tags);
  if (app.vpc) {
    json& vpc = out["DescribedEndpointDetails"]["Vpc"];
    vpc = {{"VpcId", app.vpc->vpc_id}, {"SubnetIds", app.vpc->subnet_ids}};
    put_text(vpc, "VpcEndpointId", app.vpc->vpc_endpoint_id);
  }
  return out;
}

}  // namespace sallyport::api
