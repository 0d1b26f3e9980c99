// The calls of a multipart upload (Amazon S3 API reference), one function each. `requester` and
// `caller` outlive the tasks; bodies do, too.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "s3/object_fields.h"
#include "s3/requester.h"

namespace sallyport::s3 {

struct UploadName {
  UploadName() = default;
  UploadName(storage::ObjectRef o, std::string i) : object(std::move(o)), id(std::move(i)) {}
  storage::ObjectRef object;
  std::string id;
};

// Of a part that is stored, in the order of numbers from 1 on.
using PartTags = std::vector<std::string>;

// kCorrupt when the answer names no upload.
Task<Result<std::string>> create_upload(Requester& requester, const Caller& caller,
                                        storage::ObjectRef object, storage::PutOptions options,
                                        WriteDefaults defaults);
// Returns the part's ETag. `proof`: of the body, by the check that the upload was begun with.
Task<Result<std::string>> upload_part(Requester& requester, const Caller& caller, UploadName upload,
                                      std::uint32_t number, CallBody body, BodyCheck check,
                                      BodyProof proof);
// A part from a range of another object, bounds included, as long as its ETag is `etag`.
Task<Result<std::string>> copy_part(Requester& requester, const Caller& caller, UploadName upload,
                                    std::uint32_t number, storage::ObjectRef from, std::string etag,
                                    std::uint64_t first, std::uint64_t last);

struct Completion {
  Completion() = default;
  Completion(PartTags t, std::uint64_t n) : parts(std::move(t)), size(n) {}
  PartTags parts;
  // Of each part, where the upload was begun with BodyCheck::kCrc32c; else empty.
  std::vector<std::string> crc32cs;
  std::uint64_t size = 0;  // of the object
  // As in storage::PutOptions; stores that do not know them ignore them.
  bool only_if_absent = false;
  std::string only_if_etag;
};
// Makes the object. An answer that was lost, or that says nothing of what became of it, is settled
// by a look at the object: stores differ in what they say to a completion that has been. Returns
// its ETag.
Task<Result<std::string>> complete_upload(Requester& requester, const Caller& caller,
                                          UploadName upload, Completion completion);
// What is not there any more counts as aborted.
Task<Result<void>> abort_upload(Requester& requester, const Caller& caller, UploadName upload);

// The ETag that S3 gives an object of parts whose ETags are MD5s: "<md5 of md5s>-<count>"; empty if
// one is none.
std::string etag_of_parts(const PartTags& parts);

}  // namespace sallyport::s3
