#include "s3/key_sources.h"

#include <cstdlib>
#include <utility>

#include "s3/key_file.h"
#include "s3/renewed_keys.h"
#include "s3/shared_credentials.h"
#include "s3/sts_answer.h"

namespace sallyport::s3 {
namespace {

constexpr std::chrono::seconds kLookAtFile{5};

class FixedKeys final : public KeySource {
 public:
  explicit FixedKeys(Keys keys) : keys_(std::move(keys)) {}
  Task<Result<Keys>> get() override { co_return keys_; }
  void refused(const Keys&) override {}

 private:
  const Keys keys_;
};

// What was found is no credentials, whatever it is.
Result<Keys> checked_keys(const http::Credentials& found, std::string_view where) {
  auto keys = keys_of(found.access_key, found.secret.reveal(), found.session_token, std::nullopt);
  if (!keys.ok())
    return Error(Errc::kInvalidArgument, std::string(where) + ": " + keys.error().message);
  return keys;
}

// Keys in a file, read when it has changed.
class FileKeys final : public KeyFetcher {
 public:
  using Parse = std::function<Result<http::Credentials>(std::string_view text)>;
  FileKeys(std::string path, Parse parse, net::BlockingPool& pool)
      : path_(std::move(path)), parse_(std::move(parse)), pool_(pool) {}

  Task<Result<FetchedKeys>> fetch() override {
    CO_TRY_ASSIGN(const KeyFile file, co_await read_key_file(path_, mark_, pool_));
    if (file.text) {
      mark_.reset();
      CO_TRY_ASSIGN(const http::Credentials found, parse_(file.text->reveal()));
      CO_TRY_ASSIGN(keys_, checked_keys(found, "the file " + path_));
      mark_ = file.mark;
    }
    co_return FetchedKeys{keys_, kLookAtFile};
  }

 private:
  const std::string path_;
  const Parse parse_;
  net::BlockingPool& pool_;
  std::optional<FileMark> mark_;  // of the file in which keys_ stood
  Keys keys_;
};

std::unique_ptr<KeySource> file_keys(std::string path, FileKeys::Parse parse,
                                     const KeyTools& tools) {
  return std::make_unique<RenewedKeys>(
      std::make_unique<FileKeys>(std::move(path), std::move(parse), tools.files), tools.clock);
}

class WebIdentityKeys final : public KeyFetcher {
 public:
  WebIdentityKeys(WebIdentityOptions options, const KeyTools& tools)
      : options_(std::move(options)),
        files_(tools.files),
        sts_(options_.sts, tools.pool, tools.clock) {}

  Task<Result<FetchedKeys>> fetch() override {
    CO_TRY_ASSIGN(const KeyFile file,
                  co_await read_key_file(options_.token_file, std::nullopt, files_));
    WebIdentity identity{options_.role_arn, options_.session_name,
                         SecretString(std::string(trimmed_key(file.text->reveal())))};
    if (identity.token.empty())
      co_return Error(Errc::kInvalidArgument,
                      "the file " + options_.token_file + " holds no token");
    CO_TRY_ASSIGN(Keys keys, co_await sts_.assume_role_with_web_identity(std::move(identity)));
    co_return FetchedKeys{std::move(keys), std::nullopt};
  }

 private:
  const WebIdentityOptions options_;
  net::BlockingPool& files_;
  Sts sts_;
};

}  // namespace

Environment process_environment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return std::string(value);
  };
}

std::unique_ptr<KeySource> fixed_keys(http::Credentials keys) {
  auto held = std::make_shared<HeldKeys>();
  held->keys = std::move(keys);
  return std::make_unique<FixedKeys>(std::move(held));
}

Result<std::unique_ptr<KeySource>> environment_keys(const Environment& environment) {
  http::Credentials found;
  for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})
    if (!environment(name))
      return Error(Errc::kInvalidArgument,
                   "the environment variable " + std::string(name) + " is not set");
  found.access_key = *environment("AWS_ACCESS_KEY_ID");
  found.secret = SecretString(*environment("AWS_SECRET_ACCESS_KEY"));
  found.session_token = environment("AWS_SESSION_TOKEN").value_or("");
  TRY_ASSIGN(Keys keys, checked_keys(found, "the environment variables AWS_…"));
  return std::unique_ptr<KeySource>(std::make_unique<FixedKeys>(std::move(keys)));
}

std::unique_ptr<KeySource> secret_file_keys(std::string access_key, std::string file,
                                            const KeyTools& tools) {
  const auto parse = [access_key](std::string_view text) -> Result<http::Credentials> {
    return http::Credentials{access_key, SecretString(std::string(trimmed_key(text))), ""};
  };
  return file_keys(std::move(file), parse, tools);
}

std::unique_ptr<KeySource> shared_file_keys(std::string file, std::string profile,
                                            const KeyTools& tools) {
  const auto parse = [file, profile](std::string_view text) -> Result<http::Credentials> {
    auto found = parse_shared_credentials(text, profile);
    if (!found.ok()) return std::move(found).error().with_context("the file " + file);
    return found;
  };
  return file_keys(file, parse, tools);
}

std::unique_ptr<KeySource> web_identity_keys(WebIdentityOptions options, const KeyTools& tools) {
  return std::make_unique<RenewedKeys>(std::make_unique<WebIdentityKeys>(std::move(options), tools),
                                       tools.clock);
}

}  // namespace sallyport::s3
