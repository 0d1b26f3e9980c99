#include "sftp/registry_place.h"

#include <utility>

#include "net/loop.h"

namespace sallyport::sftp {

RegistryPlace::RegistryPlace(session::Registry& registry, std::function<void()> end)
    : registry_(registry), control_(std::make_shared<Control>(Control{std::move(end)})) {}

RegistryPlace::~RegistryPlace() {
  detach();
}

void RegistryPlace::enter(const model::ServerId& server, const std::string& source_ip,
                          WallTime since) {
  net::Loop& loop = *net::Loop::current();
  entry_ = registry_.enter(server, source_ip, since, [control = control_, &loop] {
    loop.post(std::function<void()>([control] {
      if (control->end) control->end();
    }));
  });
}

void RegistryPlace::authenticated(std::string user, model::SshPublicKeyId key,
                                  std::string session_id) {
  entry_->authenticated(std::move(user), std::move(key), std::move(session_id));
}

void RegistryPlace::open_files(std::size_t count) {
  if (entry_ && count != std::exchange(open_files_, count)) entry_->open_files(count);
}

void RegistryPlace::moved(std::uint64_t in, std::uint64_t out) {
  if (entry_) entry_->moved(in, out);
}

void RegistryPlace::detach() {
  control_->end = {};
}

void RegistryPlace::leave() {
  entry_.reset();
}

}  // namespace sallyport::sftp
