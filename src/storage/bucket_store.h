// All of Amazon S3's object model: what the S3 API serves, beyond what file transfer needs of an
// ObjectStore. Versions, tags, uploads in parts (Amazon S3 user guide, "Retaining multiple versions
// of objects with S3 Versioning", "Uploading and copying objects using multipart upload").
//
// Thread-safe; permits and errors as of ObjectStore, and beside them: kNotFound "NoSuchVersion" and
// "NoSuchUpload"; kInvalidArgument "InvalidPart", "InvalidPartOrder", "EntityTooSmall",
// "InvalidArgument"; kUnsupported "MethodNotAllowed" (a delete marker was asked for its content).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/object_store.h"

namespace sallyport::storage {

enum class Versioning : std::uint8_t { kUnversioned, kEnabled, kSuspended };

// One version of an object. `version` empty: the current one; "null": the one without an id.
struct VersionRef {
  VersionRef() = default;
  VersionRef(std::string b, std::string k, std::string v = {})
      : bucket(std::move(b)), key(std::move(k)), version(std::move(v)) {}
  std::string bucket;
  std::string key;
  std::string version;
};

struct Removal {
  std::string version_id;      // of what was removed, or of the marker that was made; may be empty
  bool delete_marker = false;  // a marker was made, or (with a version) was what went
};

struct ObjectVersion {
  ObjectInfo info;  // info.version_id is never empty here
  bool latest = false;
  bool delete_marker = false;
};

struct VersionListRequest {
  VersionListRequest() = default;
  std::string bucket;
  std::string prefix;
  std::string delimiter;
  std::string key_marker;         // exclusive, or where version_id_marker belongs
  std::string version_id_marker;  // exclusive; one that went meanwhile: all versions of the key
  std::uint32_t max_keys = 1000;
};

struct VersionListPage {
  std::vector<ObjectVersion> versions;  // by key, the newest of a key first
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next_key_marker;
  std::string next_version_id_marker;
};

struct CopyOptions {
  CopyOptions() = default;
  bool replace_metadata = false;  // else type, metadata and headers are the source's
  bool replace_tags = false;      // else the tags are the source's
  PutOptions put;                 // conditions always; the rest as told above
  // The source's ETag or time must be as told, else kConflict with reason "PreconditionFailed".
  std::string source_if_match;       // empty: any
  std::string source_if_none_match;  // empty: any
  WallTime source_modified_since = WallTime::min();
  WallTime source_unmodified_since = WallTime::max();
};

struct UploadRef {
  UploadRef() = default;
  UploadRef(std::string b, std::string k, std::string u)
      : bucket(std::move(b)), key(std::move(k)), upload_id(std::move(u)) {}
  std::string bucket;
  std::string key;
  std::string upload_id;
};

struct PartInfo {
  std::uint32_t number = 0;  // 1 to 10,000
  std::uint64_t size = 0;
  WallTime modified{};
  std::string etag;
  Checksums checksums;
};

struct PartPage {
  std::vector<PartInfo> parts;  // by number
  bool truncated = false;
};

struct UploadInfo {
  std::string key;
  std::string upload_id;
  WallTime initiated{};
};

struct UploadListRequest {
  UploadListRequest() = default;
  std::string bucket;
  std::string prefix;
  std::string delimiter;
  std::string key_marker;
  std::string upload_id_marker;
  std::uint32_t max_uploads = 1000;
};

struct UploadListPage {
  std::vector<UploadInfo> uploads;  // by key, then by time
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next_key_marker;
  std::string next_upload_id_marker;
};

struct CompletedPart {
  std::uint32_t number = 0;
  std::string etag;     // must be the part's
  Checksums checksums;  // those given must be the part's
};

// Every part but the last has at least this many bytes.
inline constexpr std::uint64_t kMinPartBytes = 5 * 1024 * 1024;
inline constexpr std::uint64_t kMaxPartBytes = 5ull * 1024 * 1024 * 1024;
inline constexpr std::uint32_t kMaxParts = 10'000;

class BucketStore : public ObjectStore {
 public:
  // kGetBucketVersioning, kPutBucketVersioning. Back to kUnversioned: kInvalidArgument.
  virtual Task<Result<Versioning>> versioning(iam::Permit permit, std::string bucket) = 0;
  virtual Task<Result<void>> set_versioning(iam::Permit permit, std::string bucket,
                                            Versioning versioning) = 0;

  // With a version: kGetObjectVersion, kDeleteObjectVersion; without: kGetObject, kDeleteObject.
  virtual Task<Result<ObjectInfo>> head_version(iam::Permit permit, VersionRef object) = 0;
  virtual Task<Result<std::unique_ptr<ObjectReader>>> open_version(iam::Permit permit,
                                                                   VersionRef object) = 0;
  // After kNotFound "NoSuchKey" for the current version: the id of the delete marker that hides the
  // key, empty if there is none. kGetObject.
  virtual Task<Result<std::string>> current_marker(iam::Permit permit, ObjectRef object) = 0;
  // Success also where there is no such key or version, as in S3.
  virtual Task<Result<Removal>> remove_version(iam::Permit permit, VersionRef object) = 0;
  virtual Task<Result<VersionListPage>> list_versions(
      iam::Permit permit, VersionListRequest request) = 0;  // kListBucketVersions, its prefix

  // kGetObjectTagging, kPutObjectTagging (kDeleteObjectTagging for none); with a version their
  // ...VersionTagging twins. Returns the version that was meant.
  virtual Task<Result<std::pair<Tags, std::string>>> tags(iam::Permit permit,
                                                          VersionRef object) = 0;
  virtual Task<Result<std::string>> set_tags(iam::Permit permit, VersionRef object, Tags tags) = 0;

  // `read` is kGetObject or kGetObjectVersion of `from`, `write` is kPutObject of `to`. An ETag
  // that is an MD5, and checksums of the whole content, are the source's. Onto itself: content is
  // copied only where the object lives on as an older version.
  virtual Task<Result<ObjectInfo>> copy_version(iam::Permit read, iam::Permit write,
                                                VersionRef from, ObjectRef to,
                                                CopyOptions options) = 0;

  // --- Uploads in parts: kPutObject of the key, save where told ---

  // Conditions in `options` do not count here. Returns the upload's id.
  virtual Task<Result<std::string>> create_upload(iam::Permit permit, ObjectRef object,
                                                  PutOptions options) = 0;
  // The writer's commit() keeps the part (in the place of an earlier one of its number) and returns
  // its ETag, an MD5 where describe() told one, and size.
  virtual Task<Result<std::unique_ptr<ObjectWriter>>> create_part(iam::Permit permit,
                                                                  UploadRef upload,
                                                                  std::uint32_t number) = 0;
  // Bytes [first, first + count) of the source; beyond its end: kInvalidArgument "InvalidRange".
  // The conditions of `options` on the source count; its etag and checksums are made anew.
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t count = ~0ull;  // all that follows
  };
  virtual Task<Result<PartInfo>> copy_part(iam::Permit read, iam::Permit write, VersionRef from,
                                           Range range, UploadRef upload, std::uint32_t number,
                                           CopyOptions options) = 0;
  // The parts become the object, in one step; its time is that of create_upload. Of `conditions`
  // the conditions count, and its headers are added to the upload's; the checksums of `digest` are
  // kept as the whole object's. ETag: "<MD5 of the parts' MD5s>-<count>", something else before the
  // hyphen where a part's is no MD5.
  virtual Task<Result<ObjectInfo>> complete_upload(iam::Permit permit, UploadRef upload,
                                                   std::vector<CompletedPart> parts,
                                                   PutOptions conditions, ContentDigest digest) = 0;
  virtual Task<Result<void>> abort_upload(iam::Permit permit,
                                          UploadRef upload) = 0;  // kAbortMultipartUpload
  // The upload as it was begun, for its owner: type, metadata, headers, tags.
  virtual Task<Result<PutOptions>> upload_options(iam::Permit permit, UploadRef upload) = 0;
  virtual Task<Result<PartPage>> list_parts(
      iam::Permit permit, UploadRef upload, std::uint32_t after,
      std::uint32_t max_parts) = 0;  // kListMultipartUploadParts, or kPutObject to complete it
  virtual Task<Result<UploadListPage>> list_uploads(
      iam::Permit permit,
      UploadListRequest request) = 0;  // kListBucketMultipartUploads, its prefix
};

}  // namespace sallyport::storage
