#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "model/document_fields.h"
#include "model/web_app.h"

namespace sallyport::model {
namespace {

using nlohmann::json;

void read_vpc(FieldReader& parent, std::optional<WebAppVpc>& out) {
  const json* const object = parent.object("Vpc");
  if (object == nullptr) return;
  FieldReader fields(*object, "WebAppVpc");
  WebAppVpc& vpc = out.emplace();
  fields.required_text("VpcId", vpc.vpc_id);
  fields.texts("SubnetIds", vpc.subnet_ids);
  fields.texts("SecurityGroupIds", vpc.security_group_ids);
  fields.text("IpAddressType", vpc.ip_address_type);
  fields.text("VpcEndpointId", vpc.vpc_endpoint_id);
  parent.absorb(fields);
}

}  // namespace

std::string arn_of(const Place& place, const WebAppId& id) {
  return fmt::format("arn:aws:transfer:{}:{}:webapp/{}", place.region, place.account, id.str());
}

std::string to_document(const WebApp& app) {
  json document = {
      {"WebAppId", app.id.str()},
      {"InstanceArn", app.instance_arn},
      {"Role", app.role},
      {"ApplicationArn", app.application_arn},
      {"AccessEndpoint", app.access_endpoint},
      {"WebAppEndpoint", app.web_app_endpoint},
      {"WebAppEndpointPolicy", app.endpoint_policy},
      {"ProvisionedUnits", app.provisioned_units},
      {"Tags", tags_to_json(app.tags)},
      {"CreatedMs", to_unix_ms(app.created)},
  };
  if (app.vpc) {
    document["Vpc"] = {{"VpcId", app.vpc->vpc_id},
                       {"SubnetIds", app.vpc->subnet_ids},
                       {"SecurityGroupIds", app.vpc->security_group_ids},
                       {"IpAddressType", app.vpc->ip_address_type},
                       {"VpcEndpointId", app.vpc->vpc_endpoint_id}};
  }
  return codec::write_json(document);
}

Result<WebApp> web_app_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "web app"));
  FieldReader fields(object, "web app");
  WebApp app;
  fields.id("WebAppId", app.id);
  fields.text("InstanceArn", app.instance_arn);
  fields.text("Role", app.role);
  fields.text("ApplicationArn", app.application_arn);
  fields.text("AccessEndpoint", app.access_endpoint);
  fields.text("WebAppEndpoint", app.web_app_endpoint);
  fields.text("WebAppEndpointPolicy", app.endpoint_policy);
  fields.integer("ProvisionedUnits", app.provisioned_units);
  read_vpc(fields, app.vpc);
  fields.tags("Tags", app.tags);
  fields.time("CreatedMs", app.created);
  TRY(fields.result());
  return app;
}

std::string to_document(const WebAppCustomization& customization) {
  return codec::write_json(json{
      {"WebAppId", customization.id.str()},
      {"Title", customization.title},
      {"LogoFile", customization.logo_file},
      {"FaviconFile", customization.favicon_file},
  });
}

Result<WebAppCustomization> web_app_customization_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "web app customization"));
  FieldReader fields(object, "web app customization");
  WebAppCustomization customization;
  fields.id("WebAppId", customization.id);
  fields.text("Title", customization.title);
  fields.text("LogoFile", customization.logo_file);
  fields.text("FaviconFile", customization.favicon_file);
  TRY(fields.result());
  return customization;
}

}  // namespace sallyport::model
