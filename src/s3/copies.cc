#include "s3/copies.h"

#include <algorithm>
#include <pugixml.hpp>
#include <utility>

#include "codec/xml.h"
#include "s3/multipart.h"
#include "s3/part_plan.h"

namespace sallyport::s3 {
namespace {

Call copy_call(const storage::ObjectRef& from, const storage::ObjectRef& to,
               const WriteDefaults& defaults) {
  Call call;
  call.what = "CopyObject";
  call.method = "PUT";
  call.bucket = to.bucket;
  call.key = to.key;
  call.fails_late = true;
  call.headers.add("x-amz-copy-source", copy_source(from.bucket, from.key));
  add_write_defaults(defaults, call.headers);
  return call;
}

Result<std::string> copied_etag(const Answer& answer) {
  const auto document = codec::parse_xml(answer.body);
  const pugi::xml_node root = document.ok() ? (*document)->document_element() : pugi::xml_node();
  if (std::string_view(root.name()) == "CopyObjectResult")
    return unquoted_etag(root.child_value("ETag"));
  return Error(Errc::kCorrupt, "CopyObject: the answer is none");
}

// Of a source; Amazon S3 has no code of its own for it.
bool is_too_large(const Error& error) {
  return error.reason == "InvalidRequest" || error.reason == "EntityTooLarge";
}

// Some stores ignore the condition on each part, so the source is looked at behind the last one.
Task<Result<void>> check_unchanged(Requester& requester, const Caller& caller,
                                   storage::ObjectRef from, const std::string& etag) {
  CO_TRY_ASSIGN(const auto after, co_await head_object(requester, caller, std::move(from)));
  if (after.etag == etag) co_return ok();
  co_return Error(Errc::kConflict, "The file was replaced while it was copied",
                  "PreconditionFailed");
}

Task<Result<std::string>> copy_parts(CopyServices& services, const Caller& caller,
                                     const storage::ObjectInfo& info, storage::ObjectRef from,
                                     UploadName upload) {
  Requester& requester = services.requester;
  PartTags tags;
  const std::uint64_t part =
      std::max(services.limits.part, (info.size + kMaxParts - 1) / kMaxParts);
  for (std::uint64_t at = 0; at < info.size; at += part) {
    const std::uint64_t last = std::min(at + part, info.size) - 1;
    UploadName to = upload;
    storage::ObjectRef source = from;
    const auto number = static_cast<std::uint32_t>(tags.size() + 1);
    CO_TRY_ASSIGN(std::string tag, co_await copy_part(requester, caller, std::move(to), number,
                                                      std::move(source), info.etag, at, last));
    tags.push_back(std::move(tag));
  }
  CO_TRY(co_await check_unchanged(requester, caller, std::move(from), info.etag));
  Completion completion(std::move(tags), info.size);
  co_return co_await complete_upload(requester, caller, std::move(upload), std::move(completion));
}

Task<Result<std::string>> copy_large(CopyServices& services, const Caller& caller,
                                     const storage::ObjectInfo& info, storage::ObjectRef from,
                                     storage::ObjectRef to) {
  Requester& requester = services.requester;
  storage::PutOptions options = storage::options_of(info);
  storage::ObjectRef target = to;
  WriteDefaults defaults = services.defaults;
  defaults.check = BodyCheck::kNone;  // nothing is sent
  CO_TRY_ASSIGN(std::string id, co_await create_upload(requester, caller, std::move(target),
                                                       std::move(options), std::move(defaults)));
  const UploadName upload(std::move(to), std::move(id));
  std::string store = requester.place().name;
  UploadName entered = upload, copied = upload, aborted = upload;
  const auto entry =
      co_await services.ledger.begun(std::move(store), std::move(entered), caller.session());
  Result<std::string> etag = Error(Errc::kInternal, "");
  if (entry.ok()) {
    etag = co_await copy_parts(services, caller, info, std::move(from), std::move(copied));
  } else {
    etag = entry.error();
  }
  // The store may still be at work.
  const bool in_doubt = !etag.ok() && etag.error().code == Errc::kTimeout;
  const bool is_over =
      etag.ok() ||
      (!in_doubt && (co_await abort_upload(requester, caller, std::move(aborted))).ok());
  if (is_over && entry.ok()) (void)co_await services.ledger.ended(entry->id());
  co_return etag;
}

storage::ObjectInfo info_of_copy(const Requester& requester, storage::ObjectInfo info,
                                 std::string key, std::string etag) {
  info.key = std::move(key);
  info.etag = std::move(etag);
  info.modified = requester.clock().wall();
  return info;
}

}  // namespace

Task<Result<storage::ObjectInfo>> head_object(Requester& requester, const Caller& caller,
                                              storage::ObjectRef object) {
  Call call;
  call.what = "HeadObject";
  call.method = "HEAD";
  call.bucket = std::move(object.bucket);
  call.key = object.key;
  CO_TRY_ASSIGN(const Answer answer, co_await requester.send(call, caller));
  co_return object_info(std::move(object.key), answer.headers);
}

Task<Result<storage::ObjectInfo>> copy_object(CopyServices services, const Caller& caller,
                                              storage::ObjectInfo seen, storage::ObjectRef from,
                                              storage::ObjectRef to) {
  // Stores refuse it.
  if (from.bucket == to.bucket && from.key == to.key) co_return seen;
  std::string key = to.key;
  const Call call = copy_call(from, to, services.defaults);
  const auto answer = co_await services.requester.send(call, caller);
  Result<std::string> etag = answer.ok() ? copied_etag(*answer) : answer.error();
  if (seen.size > services.limits.at_once && !etag.ok() && is_too_large(etag.error()))
    etag = co_await copy_large(services, caller, seen, std::move(from), std::move(to));
  if (!etag.ok()) co_return std::move(etag).error();
  co_return info_of_copy(services.requester, std::move(seen), std::move(key), std::move(*etag));
}

Task<Result<storage::ObjectInfo>> replace_metadata(Requester& requester, const Caller& caller,
                                                   storage::ObjectRef object, std::string etag,
                                                   storage::Metadata metadata,
                                                   WriteDefaults defaults) {
  storage::ObjectRef there = object;
  CO_TRY_ASSIGN(storage::ObjectInfo info,
                co_await head_object(requester, caller, std::move(there)));
  if (!etag.empty() && info.etag != etag)
    co_return Error(Errc::kConflict, "The object has changed", "PreconditionFailed");
  info.metadata = std::move(metadata);
  Call call = copy_call(object, object, defaults);
  call.headers.add("x-amz-metadata-directive", "REPLACE");
  add_put_options(storage::options_of(info), call.headers);
  // The object that was looked at, not one that has taken its place meanwhile.
  call.headers.add("x-amz-copy-source-if-match", info.etag);
  const auto answer = co_await requester.send(call, caller);
  if (!answer.ok() && info.size > CopyLimits{}.at_once && is_too_large(answer.error()))
    co_return Error(Errc::kUnsupported,
                    "The attributes of an object beyond 5 GiB cannot be changed");
  if (!answer.ok() && answer.error().code == Errc::kConflict) {
    // An attempt whose answer was lost has made another object of it.
    storage::ObjectRef again = object;
    auto now = co_await head_object(requester, caller, std::move(again));
    if (now.ok() && now->size == info.size && now->metadata == info.metadata) co_return now;
  }
  if (!answer.ok()) co_return answer.error();
  CO_TRY_ASSIGN(std::string made, copied_etag(*answer));
  co_return info_of_copy(requester, std::move(info), std::move(object.key), std::move(made));
}

}  // namespace sallyport::s3
