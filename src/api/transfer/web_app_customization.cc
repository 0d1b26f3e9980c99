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
  set_text(request, "Title", out.title);
  set_text(request, "LogoFile", out.logo_file);
  set_text(request, "FaviconFile", out.favicon_file);
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
  put_text(shown, "Title", value.title);
  put_text(shown, "LogoFile", value.logo_file);
  put_text(shown, "FaviconFile", value.favicon_file);
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
    CO_TRY_ASSIGN(const bool taken, co_await try_changes(context, std::move(changes), attempt,
                                                         &made_or_moved_underneath));
    if (taken) co_return json{{"WebAppId", id}};
  }
}

Task<Outcome<json>> delete_web_app_customization(const TransferContext& context, json request) {
  const std::string id = text_of(request, "WebAppId");
  CO_TRY(co_await load_stored<model::WebApp>(context, "", id));
  CO_TRY(co_await remove_stored<WebAppCustomization>(context, id, id));
  co_return json();
}

}  // namespace sallyport::api
