#include "session/admission.h"

#include <string>

#include "session/file_access.h"

namespace sallyport::session {

Result<void> can_be_served(const SessionServices& services, const model::Server& server,
                           const identity::Principal& principal) {
  if (server.domain != "EFS") return ok();
  TRY_ASSIGN(const files::PosixIdentity who, identity_of(principal));
  if (services.files == nullptr || services.files->rights().may_be(who)) return ok();
  const files::ActingRights& rights = services.files->rights();
  return Error(Errc::kUnsupported, "this program may not act as Uid " + std::to_string(who.uid) +
                                       " and Gid " + std::to_string(who.gid) +
                                       ", only as its own, " + std::to_string(rights.own_uid) +
                                       " and " + std::to_string(rights.own_gid));
}

}  // namespace sallyport::session
