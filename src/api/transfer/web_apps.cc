#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/transfer/operations.h"
#include "api/transfer/stored.h"
#include "api/transfer/web_app_form.h"

namespace sallyport::api {

namespace {

using model::WebApp;
using nlohmann::json;
using Customizations = state::Repository<model::WebAppCustomization>;

Outcome<WebApp> new_web_app(const TransferContext& context, const json& request) {
  WebApp app;
  app.id = model::WebAppId(new_id(context, "webapp-"));
  app.created = context.clock.wall();
  if (!request["IdentityProviderDetails"].contains("IdentityCenterConfig"))
    return invalid_request("Must specify IdentityCenterConfig in IdentityProviderDetails");
  TRY(apply_new_web_app_members(request, app));
  TRY(check_web_app(app, context.limits));
  TRY_ASSIGN(app.tags, read_tags(request, "Tags"));
  // Names that the managed service gives; infrastructure code passes them on.
  if (app.vpc) app.vpc->vpc_endpoint_id = new_id(context, "vpce-");
  if (!app.instance_arn.empty())
    app.application_arn = application_arn(context.place, app.instance_arn, context.random.hex(16));
  app.web_app_endpoint = web_app_endpoint(context.place, app);
  return app;
}

}  // namespace

Task<Outcome<json>> create_web_app(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto app, new_web_app(context, request));
  const auto quota = within_quota<WebApp>("", "WebAppsPerAccount", context.limits.web_apps);
  CO_TRY(co_await insert_stored(context, app, quota));
  co_return json{{"WebAppId", app.id.str()}};
}

Task<Outcome<json>> describe_web_app(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto stored,
                co_await load_stored<WebApp>(context, "", text_of(request, "WebAppId")));
  co_return json{{"WebApp", described_web_app(context.place, stored.value)}};
}

Task<Outcome<json>> update_web_app(const TransferContext& context, json request) {
  const std::string id = text_of(request, "WebAppId");
  const Change<WebApp> change = [&](WebApp& app) -> Outcome<bool> {
    TRY(apply_web_app_update(request, app));
    TRY(check_web_app(app, context.limits));
    return true;
  };
  CO_TRY(co_await change_stored<WebApp>(context, "", id, change));
  co_return json{{"WebAppId", id}};
}

Task<Outcome<json>> delete_web_app(const TransferContext& context, json request) {
  const std::string id = text_of(request, "WebAppId");
  ResourceChanges changes{state::Repository<WebApp>::removal("", id),
                          Customizations::removal_of_all(id)};
  auto applied = co_await context.resources.apply(std::move(changes));
  if (!applied.ok()) {
    if (applied.error().code == Errc::kNotFound) co_return unknown<WebApp>(id);
    co_return std::move(applied).error();
  }
  co_return json();
}

Task<Outcome<json>> list_web_apps(const TransferContext& context, json request) {
  const Shown<WebApp> show = [&context](const WebApp& app) {
    return listed_web_app(context.place, app);
  };
  co_return co_await list_stored<WebApp>(context, "ListWebApps", "", std::move(request), "WebApps",
                                         show);
}

}  // namespace sallyport::api
