#include <nlohmann/json.hpp>

#include "api/transfer/operations.h"
#include "api/transfer/stored.h"

namespace sallyport::api {

namespace {

using model::WebAppCustomization;
using nlohmann::json;
using Customizations = state::Repository<WebAppCustomization>;

// What is not given stays; an empty title takes the title away.
void apply_members(const json& request, WebAppCustomization& out) {
  if (request.contains("Title")) out.title = text_of(request, "Title");
  if (request.contains("LogoFile")) out.logo_file = text_of(request, "LogoFile");
  if (request.contains("FaviconFile")) out.favicon_file = text_of(request, "FaviconFile");
}

// What an update puts into the store: over what is there, or first.
Task<Outcome<state::ResourceChange>> updated(const TransferContext& context, const json& request,
                                             std::string id) {
  auto old = co_await Customizations(context.resources).get(id, id);
  if (!old.ok() && old.error().code != Errc::kNotFound) co_return std::move(old).error();
  WebAppCustomization value;
  if (old.ok()) value = old->value;
  value.id = model::WebAppId(id);
  apply_members(request, value);
  co_return old.ok() ? Customizations::updating(value, old->version)
                     : Customizations::insertion(value);
}

}  // namespace

Task<Outcome<json>> describe_web_app_customization(const TransferContext& context, json request) {
  const std::string id = text_of(request, "WebAppId");
  CO_TRY(co_await load_stored<model::WebApp>(context, "", id));
  CO_TRY_ASSIGN(const auto stored, co_await load_stored<WebAppCustomization>(context, id, id));
  const WebAppCustomization& value = stored.value;
  json shown = {{"Arn", model::arn_of(context.place, value.id)}, {"WebAppId", id}};
  if (!value.title.empty()) shown["Title"] = value.title;
  if (!value.logo_file.empty()) shown["LogoFile"] = value.logo_file;
  if (!value.favicon_file.empty()) shown["FaviconFile"] = value.favicon_file;
  co_return json{{"WebAppCustomization", std::move(shown)}};
}

Task<Outcome<json>> update_web_app_customization(const TransferContext& context, json request) {
  const std::string id = text_of(request, "WebAppId");
  for (int attempt = 0;; ++attempt) {
    CO_TRY_ASSIGN(const auto app, co_await load_stored<model::WebApp>(context, "", id));
    CO_TRY_ASSIGN(auto change, co_await updated(context, request, id));
    ResourceChanges changes;
    changes.push_back(hold(app));
    changes.push_back(std::move(change));
    auto applied = co_await context.resources.apply(std::move(changes));
    if (applied.ok()) co_return json{{"WebAppId", id}};
    const bool made_meanwhile = applied.error().code == Errc::kAlreadyExists;
    if (attempt == kConflictRetries || !(made_meanwhile || moved_underneath(applied.error())))
      co_return std::move(applied).error();
  }
}

Task<Outcome<json>> delete_web_app_customization(const TransferContext& context, json request) {
  const std::string id = text_of(request, "WebAppId");
  CO_TRY(co_await load_stored<model::WebApp>(context, "", id));
  CO_TRY(co_await remove_stored<WebAppCustomization>(context, id, id));
  co_return json();
}

}  // namespace sallyport::api
