// Repositories of the resources of AWS Transfer Family that servers and users do without.
#pragma once

#include "model/access.h"
#include "model/agreement.h"
#include "model/certificate.h"
#include "model/connector.h"
#include "model/profile.h"
#include "model/web_app.h"
#include "model/workflow.h"
#include "state/repository.h"

namespace sallyport::state {

namespace kind {
inline constexpr std::string_view kAccess = "access";        // parent: server id; id: the group's
inline constexpr std::string_view kAgreement = "agreement";  // parent: server id
inline constexpr std::string_view kCertificate = "certificate";
inline constexpr std::string_view kConnector = "connector";
inline constexpr std::string_view kProfile = "profile";
inline constexpr std::string_view kWebApp = "web-app";
inline constexpr std::string_view kWebAppCustomization =
    "web-app-customization";  // parent: the same id
inline constexpr std::string_view kWorkflow = "workflow";
}  // namespace kind

ResourceKey key_of(const model::Access& access);
ResourceKey key_of(const model::Agreement& agreement);
ResourceKey key_of(const model::Certificate& certificate);
ResourceKey key_of(const model::Connector& connector);
ResourceKey key_of(const model::Profile& profile);
ResourceKey key_of(const model::WebApp& app);
ResourceKey key_of(const model::WebAppCustomization& customization);
ResourceKey key_of(const model::Workflow& workflow);

extern template class Repository<model::Access>;
extern template class Repository<model::Agreement>;
extern template class Repository<model::Certificate>;
extern template class Repository<model::Connector>;
extern template class Repository<model::Profile>;
extern template class Repository<model::WebApp>;
extern template class Repository<model::WebAppCustomization>;
extern template class Repository<model::Workflow>;

}  // namespace sallyport::state
