// A web app and how it looks, as CreateWebApp and UpdateWebAppCustomization make them and
// DescribeWebApp (DescribedWebApp) and DescribeWebAppCustomization show them. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/server.h"

namespace sallyport::model {

using WebAppId = StrongString<struct WebAppIdTag>;  // webapp- and 17 hexadecimal digits

std::string arn_of(const Place& place, const WebAppId& id);

struct WebAppVpc {
  std::string vpc_id;
  std::vector<std::string> subnet_ids;
  std::vector<std::string> security_group_ids;
  std::string ip_address_type;  // IPV4 or DUALSTACK; empty when never given
  std::string vpc_endpoint_id;  // given by the service
};

struct WebApp {
  WebAppId id;
  // Of IAM Identity Center; empty when never given.
  std::string instance_arn;
  std::string role;
  std::string application_arn;  // given by the service where there is an instance
  std::string access_endpoint;  // empty: the app's own
  std::string web_app_endpoint;
  std::string endpoint_policy = "STANDARD";  // or FIPS
  std::int64_t provisioned_units = 1;
  std::optional<WebAppVpc> vpc;  // none: PUBLIC
  std::vector<Tag> tags;
  WallTime created{};
};

// Texts are empty when never given.
struct WebAppCustomization {
  WebAppId id;  // the web app's
  std::string title;
  std::string logo_file;     // base64
  std::string favicon_file;  // base64
};

std::string to_document(const WebApp& app);
Result<WebApp> web_app_from_document(std::string_view document);
std::string to_document(const WebAppCustomization& customization);
Result<WebAppCustomization> web_app_customization_from_document(std::string_view document);

}  // namespace sallyport::model
