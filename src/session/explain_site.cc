#include "session/explain_site.h"

namespace sallyport::session {

namespace {

// A name that no bucket can have is one of a bucket that is not there.
bool is_absence(const Error& error) {
  return error.code == Errc::kNotFound || error.code == Errc::kInvalidArgument;
}

}  // namespace

iam::RequestDetails Lookout::listing_details() const {
  iam::RequestDetails out = details;
  out.context.push_back({"s3:delimiter", "/"});
  return out;
}

// A listing with the asker's rights; nullopt when he has none, or the bucket is elsewhere.
Task<Result<std::optional<storage::ListPage>>> Lookout::look(std::string bucket, std::string prefix,
                                                             std::uint32_t limit) const {
  if (is_elsewhere(bucket)) co_return std::optional<storage::ListPage>();
  iam::RequestDetails said = listing_details();
  auto permit = co_await authorizer.authorize(asker, iam::Action::kListBucket, bucket, prefix,
                                              std::move(said));
  if (!permit.ok()) {
    if (permit.error().code == Errc::kUnavailable) co_return std::move(permit).error();
    co_return std::optional<storage::ListPage>();
  }
  storage::ListRequest wanted;
  wanted.bucket = std::move(bucket);
  wanted.prefix = std::move(prefix);
  wanted.delimiter = "/";
  wanted.max_keys = limit;
  auto page = co_await objects.list(std::move(permit).value(), std::move(wanted));
  if (page.ok()) co_return std::optional(std::move(page).value());
  if (!is_absence(page.error())) co_return std::move(page).error();
  co_return std::optional(storage::ListPage());
}

Task<Result<Content>> Lookout::content_of(Location at) const {
  if (at.is_certain_directory() || at.key.empty()) co_return Content::kDirectory;
  CO_TRY_ASSIGN(const auto file, co_await look(at.bucket, at.key, 1));
  if (!file) co_return Content::kUnknown;
  if (!file->objects.empty() && file->objects.front().key == at.key) co_return Content::kFile;
  CO_TRY_ASSIGN(const auto below, co_await look(at.bucket, at.prefix(), 1));
  if (!below) co_return Content::kUnknown;
  if (below->objects.empty() && below->common_prefixes.empty()) co_return Content::kMissing;
  co_return Content::kDirectory;
}

Task<Result<std::vector<Folder>>> Lookout::folders_of(Location at) const {
  std::vector<Folder> folders;
  if (!at.is_object()) co_return folders;
  CO_TRY_ASSIGN(const auto page, co_await look(at.bucket, at.prefix(), 1000));
  if (!page) co_return folders;
  for (const storage::ObjectInfo& object : page->objects)
    if (object.key.ends_with('/')) folders.push_back({object.key, true});
  for (const std::string& below : page->common_prefixes) {
    CO_TRY_ASSIGN(const auto inside, co_await look(at.bucket, below, 1));
    const bool marker = inside && !inside->objects.empty() && inside->objects.front().key == below;
    folders.push_back({below, marker});
  }
  co_return folders;
}

Task<Result<std::optional<bool>>> Lookout::has_bucket(std::string bucket) const {
  if (is_elsewhere(bucket)) co_return std::optional<bool>();
  iam::RequestDetails said = listing_details();
  auto permit =
      co_await authorizer.authorize(asker, iam::Action::kListBucket, bucket, "", std::move(said));
  if (!permit.ok()) {
    if (permit.error().code == Errc::kUnavailable) co_return std::move(permit).error();
    co_return std::optional<bool>();
  }
  storage::ListRequest first;
  first.bucket = std::move(bucket);
  first.delimiter = "/";
  first.max_keys = 1;
  const auto page = co_await objects.list(std::move(permit).value(), std::move(first));
  if (page.ok()) co_return std::optional(true);
  if (is_absence(page.error())) co_return std::optional(false);
  co_return page.error();
}

}  // namespace sallyport::session
