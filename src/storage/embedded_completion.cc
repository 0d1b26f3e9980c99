#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "storage/embedded_access.h"
#include "storage/embedded_copy.h"
#include "storage/embedded_etag.h"
#include "storage/embedded_io.h"
#include "storage/embedded_upload_index.h"

namespace sallyport::storage {

namespace {

using iam::Action;
using index::PartRow;
using index::UploadRow;

// How often a part may be replaced while the parts are put together.
constexpr int kCompletionTries = 10;

struct Plan {
  UploadRow upload;
  std::vector<PartRow> parts;  // in order, those of the object
};

Error invalid_part(std::uint32_t number) {
  return Error(
      Errc::kInvalidArgument,
      "Part " + std::to_string(number) + " was not uploaded, or has another ETag or checksum",
      "InvalidPart");
}

// What can be told from the request alone.
Result<void> check_order(const std::vector<CompletedPart>& parts) {
  if (parts.empty() || parts.size() > kMaxParts) {
    return Error(Errc::kInvalidArgument, "An object has 1 to 10,000 parts", "InvalidRequest");
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].number > parts[i - 1].number) continue;
    return Error(Errc::kInvalidArgument, "The parts are not in ascending order",
                 "InvalidPartOrder");
  }
  return ok();
}

bool agrees(const CompletedPart& wanted, const PartRow& part) {
  if (wanted.etag != part.etag) return false;
  if (wanted.checksums.empty()) return true;
  const Checksums known = index::decode(part.checksums);
  return std::all_of(wanted.checksums.begin(), wanted.checksums.end(), [&](const auto& entry) {
    const auto at = known.find(entry.first);
    return at != known.end() && at->second == entry.second;
  });
}

Result<Plan> plan_of(state::Connection& db, const Bucket& bucket, const UploadRef& upload,
                     const std::vector<CompletedPart>& wanted) {
  Plan plan;
  TRY_ASSIGN(plan.upload, index::find_upload(db, bucket.id, upload));
  TRY_ASSIGN(auto uploaded, index::parts_after(db, upload.upload_id, 0, kMaxParts));
  auto at = uploaded.begin();
  for (const CompletedPart& w : wanted) {
    at = std::find_if(at, uploaded.end(), [&](const PartRow& p) { return p.number >= w.number; });
    if (at == uploaded.end() || at->number != w.number || !agrees(w, *at)) {
      return invalid_part(w.number);
    }
    plan.parts.push_back(std::move(*at++));
  }
  for (std::size_t i = 0; i + 1 < plan.parts.size(); ++i) {
    if (plan.parts[i].size >= kMinPartBytes) continue;
    return Error(Errc::kInvalidArgument,
                 "Part " + std::to_string(plan.parts[i].number) + " has less than 5 MiB",
                 "EntityTooSmall");
  }
  return plan;
}

bool same_parts(const std::vector<PartRow>& a, const std::vector<PartRow>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const PartRow& x, const PartRow& y) { return x.content == y.content; });
}

// A second name in staging for the only part, which stays what it is until the transaction. Not
// every file system has such names: nullopt.
Task<Result<std::optional<FileStamp>>> adopt(CorePtr core, BucketPtr bucket, int part,
                                             std::uint64_t& content) {
  auto link = [&]() -> Result<std::optional<FileStamp>> {
    int rc;
    do {
      content = core->ids.next();
      rc = bucket->files.link_to_staged(part, content);
    } while (rc == -EEXIST);
    if (rc != 0) return std::optional<FileStamp>();
    FileStamp stamp;
    rc = finish_file(*core, *bucket, Shelf::kStaging, part, stamp);
    if (rc == 0) return std::optional(stamp);
    bucket->files.drop(Shelf::kStaging, content);
    return errno_error("syncing the content of an object", -rc);
  };
  co_return co_await core->disk.run(std::move(link));
}

// nullopt: a part is gone.
Task<Result<std::optional<Staged>>> put_together(CorePtr core, BucketPtr bucket, const Plan& plan) {
  Staged staged;
  std::uint64_t size = 0;
  for (const PartRow& part : plan.parts) size += part.size;
  staged.has_file = needs_file(plan.upload.key, size);
  if (!staged.has_file) co_return std::optional(std::move(staged));

  Slices slices(core, bucket, Shelf::kStaging);
  for (const PartRow& part : plan.parts) {
    auto open = [&] { return bucket->files.open_on(Shelf::kParts, part.content, O_RDWR, nullptr); };
    const int opened = co_await core->disk.run(std::move(open));
    if (opened == -ENOENT) co_return std::optional<Staged>();
    if (opened < 0) co_return errno_error("opening a part", -opened);
    const UniqueFd fd(opened);
    if (plan.parts.size() == 1) {
      CO_TRY_ASSIGN(const auto stamp, co_await adopt(core, bucket, fd.get(), staged.row.content));
      if (stamp) {
        staged.row.stamp = *stamp;
        co_return std::optional(std::move(staged));
      }
    }
    CO_TRY(co_await slices.add(fd.get(), 0, part.size));
  }
  CO_TRY_ASSIGN(staged.row.stamp, co_await slices.finish());
  staged.row.content = slices.content();
  co_return std::optional(std::move(staged));
}

void describe(EmbeddedCore& core, const Plan& plan, const ContentHeaders& more,
              const ContentDigest& digest, index::ObjectRow& row) {
  std::vector<std::string> etags;
  for (const PartRow& part : plan.parts) etags.push_back(part.etag);
  row.etag = etag_of_parts(etags);
  if (row.etag.empty()) {
    const std::string random = core.ids.etag();
    row.etag = random.substr(0, random.find('-') + 1) + std::to_string(etags.size());
  }
  row.part_count = static_cast<std::uint32_t>(plan.parts.size());
  // The date of an object in parts is that of its upload's beginning (Amazon S3 user guide,
  // "Working with object metadata").
  row.modified_ms = plan.upload.initiated_ms;
  row.content_type = plan.upload.content_type;
  row.metadata = plan.upload.metadata;
  ContentHeaders headers = index::decode(plan.upload.headers);
  for (const auto& [name, value] : more) headers.insert_or_assign(name, value);
  row.headers = index::encode(headers);
  row.tags = plan.upload.tags;
  row.checksums = index::encode(digest.checksums);
}

}  // namespace

Task<Result<ObjectInfo>> EmbeddedObjectStore::complete_upload(iam::Permit permit, UploadRef upload,
                                                              std::vector<CompletedPart> parts,
                                                              PutOptions conditions,
                                                              ContentDigest digest) {
  CO_TRY(check(permit, Action::kPutObject, upload.bucket, upload.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, upload.bucket, upload.key));
  CO_TRY(check_order(parts));
  CO_TRY(check_put_options(conditions));
  const Conditions when{conditions.only_if_absent, conditions.only_if_etag};
  for (int i = 0; i < kCompletionTries; ++i) {
    auto look = [&](state::Connection& db) { return plan_of(db, *bucket, upload, parts); };
    CO_TRY_ASSIGN(const Plan plan, co_await core_->database.read(std::move(look)));
    CO_TRY_ASSIGN(auto staged, co_await put_together(core_, bucket, plan));
    if (!staged) continue;
    describe(*core_, plan, conditions.headers, digest, staged->row);

    bool replaced = false;
    std::vector<std::uint64_t> contents;
    Also also = [&](state::Connection& db) -> Result<void> {
      TRY_ASSIGN(const Plan now, plan_of(db, *bucket, upload, parts));
      replaced = !same_parts(now.parts, plan.parts);
      if (replaced) return Error(Errc::kConflict, "A part was replaced meanwhile");
      TRY_ASSIGN(contents, index::drop_upload(db, bucket->id, now.upload));
      return ok();
    };
    auto published = co_await publish(core_, bucket, upload.key, std::move(*staged), when, nullptr,
                                      std::move(also));
    if (!published.ok() && replaced) continue;
    if (!published.ok()) co_return published;
    co_await core_->disk.run([&] {
      for (const std::uint64_t content : contents) bucket->files.drop(Shelf::kParts, content);
    });
    co_return published;
  }
  co_return Error(Errc::kCorrupt, "The content of a part is missing");
}

}  // namespace sallyport::storage
