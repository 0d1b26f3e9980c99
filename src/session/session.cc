#include "session/session.h"

#include "session/backing.h"

namespace sallyport::session {

std::string OpenMode::to_string() const {
  std::string out;
  const auto add = [&out](bool set, std::string_view word) {
    if (set) out.append(out.empty() ? "" : "|").append(word);
  };
  add(append, "APPEND");
  add(create, "CREATE");
  add(exclusive, "EXCLUSIVE");
  add(read, "READ");
  add(truncate, "TRUNCATE");
  add(write, "WRITE");
  return out;
}

struct Session::Impl {
  std::shared_ptr<Core> core;
  ConnectionFacts facts;
  std::unique_ptr<Backing> backing;

  Result<Location> locate(std::string_view path) const { return core->locate(path); }
};

Session::Session(SessionServices services, model::Server server, identity::Principal principal,
                 ConnectionFacts facts)
    : impl_(std::make_unique<Impl>()) {
  impl_->core = std::make_shared<Core>(services, std::move(server), std::move(principal), facts);
  impl_->facts = std::move(facts);
  impl_->backing = impl_->core->server.domain == "EFS" ? make_file_backing(impl_->core)
                                                       : make_object_backing(impl_->core);
}
Session::~Session() = default;

const std::string& Session::id() const {
  return impl_->core->id;
}
const identity::Principal& Session::principal() const {
  return impl_->core->principal;
}
std::string Session::user_key() const {
  return impl_->core->user_key();
}
const std::string& Session::home() const {
  return impl_->core->view.home();
}

void Session::connected() {
  const View& view = impl_->core->view;
  impl_->core->log.connected(impl_->facts, impl_->core->principal,
                             view.is_logical() ? "/" : view.home());
  impl_->backing->connected();
}

Result<void> Session::admit() {
  const auto admitted = impl_->core->seat.admit();
  if (admitted.ok()) return ok();
  return impl_->core->log.failed("CONNECT", {}, admitted.error());
}

bool Session::extended() const {
  return impl_->core->extended;
}
std::chrono::nanoseconds Session::pace(Flow flow, std::uint64_t bytes) {
  return impl_->core->seat.pace(flow, bytes);
}
std::size_t Session::batch(Flow flow) const {
  return impl_->core->seat.batch(flow);
}

void Session::disconnected() {
  impl_->core->log.disconnected();
}

Task<Result<std::string>> Session::real_path(std::string path) {
  co_return co_await impl_->backing->real_path(std::move(path));
}

Task<Result<FileAttributes>> Session::stat(std::string path, bool follow) {
  CO_TRY_ASSIGN(Location location, impl_->locate(path));
  co_return co_await impl_->backing->stat(std::move(location), follow);
}

Task<Result<std::unique_ptr<Download>>> Session::open_download(std::string path) {
  CO_TRY_ASSIGN(Location location, impl_->locate(path));
  co_return co_await impl_->backing->open_download(std::move(location));
}

Task<Result<std::unique_ptr<Upload>>> Session::open_upload(std::string path, OpenMode mode) {
  CO_TRY_ASSIGN(Location location, impl_->locate(path));
  co_return co_await impl_->backing->open_upload(std::move(location), mode);
}

Task<Result<std::unique_ptr<DirectoryReader>>> Session::open_directory(std::string path) {
  CO_TRY_ASSIGN(Location location, impl_->locate(path));
  co_return co_await impl_->backing->open_directory(std::move(location));
}

Task<Result<void>> Session::make_directory(std::string path,
                                           std::optional<std::uint32_t> permissions) {
  CO_TRY_ASSIGN(Location location, impl_->locate(path));
  co_return co_await impl_->backing->make_directory(std::move(location), permissions);
}

Task<Result<void>> Session::remove_directory(std::string path) {
  CO_TRY_ASSIGN(Location location, impl_->locate(path));
  co_return co_await impl_->backing->remove_directory(std::move(location));
}

Task<Result<void>> Session::remove_file(std::string path) {
  CO_TRY_ASSIGN(Location location, impl_->locate(path));
  co_return co_await impl_->backing->remove_file(std::move(location));
}

Task<Result<void>> Session::rename(std::string from, std::string to, bool overwrite) {
  CO_TRY_ASSIGN(Location source, impl_->locate(from));
  CO_TRY_ASSIGN(Location target, impl_->locate(to));
  co_return co_await impl_->backing->rename(std::move(source), std::move(target), overwrite);
}

Task<Result<void>> Session::set_attributes(std::string path, AttributeChange change, bool follow) {
  CO_TRY_ASSIGN(Location location, impl_->locate(path));
  co_return co_await impl_->backing->set_attributes(std::move(location), change, follow);
}

Task<Result<Volume>> Session::volume(std::string path) {
  CO_TRY_ASSIGN(Location location, impl_->locate(path));
  co_return co_await impl_->backing->volume(std::move(location));
}

Task<Result<std::string>> Session::read_link(std::string path) {
  co_return co_await impl_->backing->read_link(std::move(path));
}

Task<Result<void>> Session::make_link(std::string target, std::string path) {
  co_return co_await impl_->backing->make_link(std::move(target), std::move(path));
}

}  // namespace sallyport::session
