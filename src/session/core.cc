#include "session/core.h"

#include "session/kept_attributes.h"
#include "session/path.h"
#include "session/site_rules.h"
#include "session/variables.h"

namespace sallyport::session {

namespace {

// The most that STS takes; what is cut is the end of the server's id.
constexpr std::size_t kMaxRoleSessionName = 64;

bool is_denied(const Error& error) {
  return error.code == Errc::kPermissionDenied && error.reason != "AssumeRole";
}

Task<Result<storage::ListPage>> first_of(Core& core, std::string bucket, std::string prefix) {
  CO_TRY_ASSIGN(auto permit, co_await core.list_permit(bucket, prefix));
  storage::ListRequest request;
  request.bucket = std::move(bucket);
  request.prefix = std::move(prefix);
  request.delimiter = "/";
  request.max_keys = 1;
  request.metadata = core.extended;
  co_return co_await core.services.objects.list(std::move(permit), std::move(request));
}

// `key` as an object: by HEAD, and where that is refused by its line in a listing.
Task<Result<Found>> find_file(Core& core, std::string bucket, std::string key) {
  auto info = co_await core.head(bucket, key);
  if (info.ok()) co_return Found{Found::Kind::kFile, file_attributes(core, *info)};
  if (info.error().code == Errc::kNotFound) co_return Found{};
  if (!is_denied(info.error())) co_return std::move(info).error();
  auto page = co_await first_of(core, bucket, key);
  if (!page.ok()) {
    if (page.error().code == Errc::kNotFound) co_return Found{};
    co_return std::move(page).error();
  }
  if (!page->objects.empty() && page->objects.front().key == key)
    co_return Found{Found::Kind::kFile, file_attributes(core, page->objects.front())};
  co_return Found{};
}

Task<Result<Found>> find_directory(Core& core, std::string bucket, std::string prefix) {
  auto page = co_await first_of(core, bucket, prefix);
  if (!page.ok()) {
    if (page.error().code == Errc::kNotFound) co_return Found{};
    co_return std::move(page).error();
  }
  const bool whole_bucket = prefix.empty();
  if (!whole_bucket && page->objects.empty() && page->common_prefixes.empty()) co_return Found{};
  Found out{Found::Kind::kDirectory, {.directory = true, .size = 0, .modified = {}}};
  // Only a marker tells when a directory was made.
  if (!page->objects.empty() && page->objects.front().key == prefix) {
    out.attributes = file_attributes(core, page->objects.front());
    out.attributes.size = 0;
  }
  co_return out;
}

// What a session does to storage crosses no wire.
const iam::ContextEntry kSecureTransport{"aws:SecureTransport", "true"};

}  // namespace

Core::Core(SessionServices s, model::Server srv, identity::Principal p,
           const ConnectionFacts& facts)
    : services(s),
      server(std::move(srv)),
      principal(std::move(p)),
      protocol(facts.protocol),
      client_ip(facts.source_ip),
      id(services.random.hex(20)),
      optimized(server.domain != "EFS" && server.directory_listing_optimization == "ENABLED"),
      extended(services.site != nullptr && services.site->is_extended(server)),
      view(principal, optimized),
      log(events::ServerLog(services.log, services.clock, server), principal.user_name, id,
          services.random),
      seat(services.site == nullptr
               ? nullptr
               : services.site->limits().account(server.id.str(), principal.user_name)) {}

Result<Location> Core::locate(std::string_view path) const {
  TRY_ASSIGN(const std::string clean, clean_path(view.home(), path));
  return view.resolve(clean);
}

iam::AssumeRoleRequest role_request(const model::Server& server,
                                    const identity::Principal& principal,
                                    std::string_view session_id) {
  iam::AssumeRoleRequest request;
  request.role_arn = principal.role;
  request.session_name =
      (principal.user_name + "." + std::string(session_id) + "@" + server.id.str())
          .substr(0, kMaxRoleSessionName);
  if (server.domain != "EFS") request.session_policy = expand_session_policy(principal);
  request.source_arn = server.arn;
  return request;
}

iam::RequestDetails request_details(bool listing) {
  iam::RequestDetails details{{kSecureTransport}};
  if (listing) details.context.push_back({"s3:delimiter", "/"});
  return details;
}

Task<Result<iam::Identity>> Core::role() {
  if (identity_ && services.clock.wall() < identity_->expires()) co_return *identity_;
  iam::AssumeRoleRequest request = role_request(server, principal, id);
  auto assumed = co_await services.authorizer.assume_role(std::move(request));
  if (assumed.ok()) identity_ = *assumed;
  co_return assumed;
}

std::optional<iam::Permit> Core::delegated(iam::Action action, const std::string& bucket,
                                           const std::string& key) {
  if (!services.objects.decides_itself(bucket)) return std::nullopt;
  if (delegate_ == nullptr)
    delegate_ = std::make_shared<const iam::AssumeRoleRequest>(role_request(server, principal, id));
  return iam::Authorizer::delegate(delegate_, action, bucket, key);
}

Task<Result<iam::Permit>> Core::permit(iam::Action action, std::string bucket, std::string key) {
  if (auto permit = delegated(action, bucket, key)) co_return std::move(*permit);
  CO_TRY_ASSIGN(auto identity, co_await role());
  iam::RequestDetails details = request_details();
  co_return co_await services.authorizer.authorize(std::move(identity), action, std::move(bucket),
                                                   std::move(key), std::move(details));
}

Task<Result<iam::Permit>> Core::list_permit(std::string bucket, std::string prefix) {
  if (auto permit = delegated(iam::Action::kListBucket, bucket, prefix))
    co_return std::move(*permit);
  CO_TRY_ASSIGN(auto identity, co_await role());
  iam::RequestDetails details = request_details(/*listing=*/true);
  co_return co_await services.authorizer.authorize(std::move(identity), iam::Action::kListBucket,
                                                   std::move(bucket), std::move(prefix),
                                                   std::move(details));
}

Task<Result<storage::ObjectInfo>> Core::head(std::string bucket, std::string key) {
  CO_TRY_ASSIGN(auto may, co_await permit(iam::Action::kGetObject, bucket, key));
  storage::ObjectRef object{std::move(bucket), std::move(key)};
  co_return co_await services.objects.head(std::move(may), std::move(object));
}

Task<Result<std::unique_ptr<storage::ObjectReader>>> Core::open(std::string bucket,
                                                                std::string key) {
  CO_TRY_ASSIGN(auto may, co_await permit(iam::Action::kGetObject, bucket, key));
  storage::ObjectRef object{std::move(bucket), std::move(key)};
  co_return co_await services.objects.open(std::move(may), std::move(object));
}

FileAttributes file_attributes(const Core& core, const storage::ObjectInfo& info) {
  FileAttributes out{info.key.ends_with('/'), info.size, info.modified, std::nullopt};
  if (core.extended) show_kept(info.metadata, out);
  return out;
}

storage::Metadata Core::upload_metadata() const {
  return {{"user-agent", "AWSTransfer"},
          {"user-agent-id", principal.user_name + "@" + server.id.str()}};
}

void Core::count_transfer(bool in, std::uint64_t bytes, bool whole) const {
  namespace metric = events::metric;
  const std::string& label = server.id.str();
  services.metrics.add(in ? metric::kBytesIn : metric::kBytesOut, label,
                       static_cast<double>(bytes));
  if (whole) services.metrics.add(in ? metric::kFilesIn : metric::kFilesOut, label);
}

Task<Result<Found>> find(Core& core, std::string bucket, std::string key) {
  if (!key.empty()) {
    CO_TRY_ASSIGN(Found file, co_await find_file(core, bucket, key));
    if (file.kind != Found::Kind::kMissing) co_return file;
    key.push_back('/');
  }
  co_return co_await find_directory(core, std::move(bucket), std::move(key));
}

Task<Result<Found>> find_if_visible(Core& core, std::string bucket, std::string key) {
  auto found = co_await find(core, std::move(bucket), std::move(key));
  if (!found.ok() && is_denied(found.error())) co_return Found{};
  co_return found;
}

Task<Result<std::optional<std::string>>> make_if_absent(Core& core, storage::ObjectRef object,
                                                        storage::PutOptions options) {
  using Made = std::optional<std::string>;
  CO_TRY_ASSIGN(const Found found, co_await find_if_visible(core, object.bucket, object.key));
  if (found.kind == Found::Kind::kFile) co_return Made();
  CO_TRY_ASSIGN(auto permit,
                co_await core.permit(iam::Action::kPutObject, object.bucket, object.key));
  options.only_if_absent = true;
  CO_TRY_ASSIGN(auto writer, co_await core.services.objects.create(
                                 std::move(permit), std::move(object), std::move(options)));
  auto made = co_await writer->commit();
  if (made.ok()) co_return Made(std::move(made->etag));
  if (made.error().code == Errc::kAlreadyExists) co_return Made();
  co_return std::move(made).error();
}

}  // namespace sallyport::session
