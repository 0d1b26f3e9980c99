// Calls a BucketStore from a plain test, in one bucket.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/bucket_store.h"
#include "storage/testing/embedded_fixture.h"

namespace sallyport::storage::testing {

class BucketDriver : public Driver {
 public:
  using Action = iam::Action;

  BucketDriver(BucketStore& store, std::string bucket)
      : Driver(store, std::move(bucket)), store_(store) {}

  iam::Permit may(Action action, const std::string& key) const {
    return Permits::make(action, bucket(), key);
  }
  VersionRef version(const std::string& key, const std::string& id) const {
    return {bucket(), key, id};
  }
  static Action either(const std::string& id, Action with, Action without) {
    return id.empty() ? without : with;
  }

  Result<Versioning> versioning() {
    return net::sync_wait(store_.versioning(may(Action::kGetBucketVersioning, ""), bucket()));
  }
  Result<void> set_versioning(Versioning to) {
    return net::sync_wait(
        store_.set_versioning(may(Action::kPutBucketVersioning, ""), bucket(), to));
  }
  Result<ObjectInfo> head_version(const std::string& key, const std::string& id) {
    const auto action = either(id, Action::kGetObjectVersion, Action::kGetObject);
    return net::sync_wait(store_.head_version(may(action, key), version(key, id)));
  }
  Result<std::string> get_version(const std::string& key, const std::string& id) {
    const auto action = either(id, Action::kGetObjectVersion, Action::kGetObject);
    auto reader = net::sync_wait(store_.open_version(may(action, key), version(key, id)));
    if (!reader.ok()) return std::move(reader).error();
    return net::sync_wait(read_object(**reader));
  }
  Result<std::string> current_marker(const std::string& key) {
    return net::sync_wait(store_.current_marker(may(Action::kGetObject, key), {bucket(), key}));
  }
  Result<Removal> remove_version(const std::string& key, const std::string& id) {
    const auto action = either(id, Action::kDeleteObjectVersion, Action::kDeleteObject);
    return net::sync_wait(store_.remove_version(may(action, key), version(key, id)));
  }
  Result<VersionListPage> list_versions(VersionListRequest request) {
    request.bucket = bucket();
    return net::sync_wait(
        store_.list_versions(may(Action::kListBucketVersions, request.prefix), request));
  }
  // All of a bucket, in pages of `page` entries.
  std::vector<ObjectVersion> versions(std::uint32_t page = 1000) {
    std::vector<ObjectVersion> out;
    VersionListRequest request;
    request.max_keys = page;
    for (;;) {
      auto found = list_versions(request);
      if (!found.ok()) {
        ADD_FAILURE() << found.error().message;
        return out;
      }
      EXPECT_LE(found->versions.size(), page);
      out.insert(out.end(), found->versions.begin(), found->versions.end());
      if (!found->truncated) return out;
      request.key_marker = found->next_key_marker;
      request.version_id_marker = found->next_version_id_marker;
    }
  }

  Result<std::pair<Tags, std::string>> tags(const std::string& key, const std::string& id = "") {
    const auto action = either(id, Action::kGetObjectVersionTagging, Action::kGetObjectTagging);
    return net::sync_wait(store_.tags(may(action, key), version(key, id)));
  }
  Result<std::string> set_tags(const std::string& key, Tags tags, const std::string& id = "") {
    const auto action = either(id, Action::kPutObjectVersionTagging, Action::kPutObjectTagging);
    return net::sync_wait(store_.set_tags(may(action, key), version(key, id), std::move(tags)));
  }
  Result<ObjectInfo> copy_version(const std::string& from, const std::string& id,
                                  const std::string& to, CopyOptions options = {}) {
    const auto action = either(id, Action::kGetObjectVersion, Action::kGetObject);
    return net::sync_wait(store_.copy_version(may(action, from), Permits::put(bucket(), to),
                                              version(from, id), {bucket(), to},
                                              std::move(options)));
  }
  Result<ObjectInfo> put_described(const std::string& key, std::string body, ContentDigest digest,
                                   PutOptions options = {}) {
    auto writer = create(key, std::move(options));
    if (!writer.ok()) return std::move(writer).error();
    return fill(**writer, std::move(body), std::move(digest));
  }

  // --- uploads in parts

  UploadRef upload(const std::string& key, const std::string& id) const {
    return {bucket(), key, id};
  }
  Result<std::string> begin(const std::string& key, PutOptions options = {}) {
    return net::sync_wait(
        store_.create_upload(Permits::put(bucket(), key), {bucket(), key}, std::move(options)));
  }
  Result<std::unique_ptr<ObjectWriter>> create_part(const std::string& key, const std::string& id,
                                                    std::uint32_t number) {
    return net::sync_wait(store_.create_part(Permits::put(bucket(), key), upload(key, id), number));
  }
  // The part as a completion names it.
  Result<CompletedPart> put_part(const std::string& key, const std::string& id,
                                 std::uint32_t number, std::string body,
                                 ContentDigest digest = {}) {
    auto writer = create_part(key, id, number);
    if (!writer.ok()) return std::move(writer).error();
    auto info = fill(**writer, std::move(body), std::move(digest));
    if (!info.ok()) return std::move(info).error();
    return CompletedPart{number, info->etag, {}};
  }
  Result<PartInfo> copy_part(const std::string& from, BucketStore::Range range,
                             const std::string& key, const std::string& id, std::uint32_t number,
                             CopyOptions options = {}, const std::string& from_version = "") {
    const auto action = either(from_version, Action::kGetObjectVersion, Action::kGetObject);
    return net::sync_wait(store_.copy_part(may(action, from), Permits::put(bucket(), key),
                                           version(from, from_version), range, upload(key, id),
                                           number, std::move(options)));
  }
  Result<ObjectInfo> complete(const std::string& key, const std::string& id,
                              std::vector<CompletedPart> parts, PutOptions conditions = {},
                              ContentDigest digest = {}) {
    return net::sync_wait(store_.complete_upload(Permits::put(bucket(), key), upload(key, id),
                                                 std::move(parts), std::move(conditions),
                                                 std::move(digest)));
  }
  Result<void> abort_upload(const std::string& key, const std::string& id) {
    return net::sync_wait(
        store_.abort_upload(may(Action::kAbortMultipartUpload, key), upload(key, id)));
  }
  Result<PutOptions> upload_options(const std::string& key, const std::string& id) {
    return net::sync_wait(store_.upload_options(Permits::put(bucket(), key), upload(key, id)));
  }
  Result<PartPage> list_parts(const std::string& key, const std::string& id,
                              std::uint32_t after = 0, std::uint32_t max = 1000) {
    return net::sync_wait(store_.list_parts(may(Action::kListMultipartUploadParts, key),
                                            upload(key, id), after, max));
  }
  Result<UploadListPage> list_uploads(UploadListRequest request) {
    request.bucket = bucket();
    return net::sync_wait(
        store_.list_uploads(may(Action::kListBucketMultipartUploads, request.prefix), request));
  }

  BucketStore& buckets() { return store_; }

 private:
  static Result<ObjectInfo> fill(ObjectWriter& writer, std::string body, ContentDigest digest) {
    const iovec all{body.data(), body.size()};
    if (auto written = net::sync_wait(writer.write({&all, 1})); !written.ok()) {
      return std::move(written).error();
    }
    writer.describe(std::move(digest));
    return net::sync_wait(writer.commit());
  }

  BucketStore& store_;
};

}  // namespace sallyport::storage::testing
