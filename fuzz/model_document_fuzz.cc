// Stored documents of the state: whatever reads back is written and read to the same text again.
#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "model/access.h"
#include "model/agreement.h"
#include "model/certificate.h"
#include "model/connector.h"
#include "model/profile.h"
#include "model/role.h"
#include "model/server.h"
#include "model/user.h"
#include "model/web_app.h"
#include "model/workflow.h"

using namespace sallyport;

namespace {

template <class Parse>
void check(std::string_view document, Parse parse) {
  const auto first = parse(document);
  if (!first.ok()) return;
  const std::string text = to_document(*first);
  const auto second = parse(text);
  if (!second.ok() || to_document(*second) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  check(text, model::server_from_document);
  check(text, model::host_key_from_document);
  check(text, model::user_from_document);
  check(text, model::role_from_document);
  check(text, model::access_from_document);
  check(text, model::agreement_from_document);
  check(text, model::certificate_from_document);
  check(text, model::connector_from_document);
  check(text, model::profile_from_document);
  check(text, model::web_app_from_document);
  check(text, model::web_app_customization_from_document);
  check(text, model::workflow_from_document);
  return 0;
}
