#include "s3/multipart.h"

#include <algorithm>
#include <array>
#include <optional>
#include <pugixml.hpp>

#include "codec/xml.h"
#include "crypto/digest.h"

namespace sallyport::s3 {
namespace {

// Of what stores name uploads and parts by. Each request of an upload carries its id, and each
// part's ETag is kept to the end.
constexpr std::size_t kMaxUploadId = 4096;
constexpr std::size_t kMaxTag = 256;

Call call_of(std::string what, std::string method, const storage::ObjectRef& object) {
  Call call;
  call.what = std::move(what);
  call.method = std::move(method);
  call.bucket = object.bucket;
  call.key = object.key;
  return call;
}

// The text of a child of the root; nullopt when the answer is not the XML expected.
std::optional<std::string> answered(std::string_view xml, std::string_view root_name,
                                    const char* child) {
  const auto document = codec::parse_xml(xml);
  if (!document.ok()) return std::nullopt;
  const pugi::xml_node root = (*document)->document_element();
  if (root.name() != root_name) return std::nullopt;
  return std::string(root.child_value(child));
}

// It stands in requests, in the ledger and in logs.
bool can_be_upload(std::string_view id) {
  return !id.empty() && id.size() <= kMaxUploadId &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool can_be_tag(std::string_view etag) {
  return !etag.empty() && etag.size() <= kMaxTag;
}

std::string completion_xml(const Completion& completion) {
  codec::XmlWriter xml;
  xml.open("CompleteMultipartUpload", "http://s3.amazonaws.com/doc/2006-03-01/");
  for (std::size_t i = 0; i < completion.parts.size(); ++i) {
    xml.open("Part")
        .element("PartNumber", static_cast<std::int64_t>(i + 1))
        .element("ETag", "\"" + completion.parts[i] + "\"");
    if (!completion.crc32cs.empty()) xml.element("ChecksumCRC32C", completion.crc32cs[i]);
    xml.close();
  }
  xml.close();
  return xml.take();
}

std::optional<Bytes> md5_of(std::string_view etag) {
  Bytes out;
  if (etag.size() != 32) return std::nullopt;
  for (std::size_t i = 0; i < etag.size(); i += 2) {
    int value = 0;
    for (const char c : etag.substr(i, 2)) {
      const bool digit = c >= '0' && c <= '9';
      if (!digit && (c < 'a' || c > 'f')) return std::nullopt;
      value = value * 16 + (digit ? c - '0' : c - 'a' + 10);
    }
    out.push_back(static_cast<std::uint8_t>(value));
  }
  return out;
}

// Whether the object may be there all the same. Of those, a refused condition only when an earlier
// attempt may have been what it speaks of.
bool is_unsettled(const Error& error, bool in_doubt) {
  return error.code == Errc::kUnavailable || error.code == Errc::kTimeout ||
         error.reason == "NoSuchUpload" || (in_doubt && error.code == Errc::kConflict);
}

struct Found {
  std::string etag;
  std::string size;
};

Task<Result<Found>> find_object(Requester& requester, const Caller& caller,
                                storage::ObjectRef object) {
  const Call call = call_of("HeadObject", "HEAD", object);
  CO_TRY_ASSIGN(const Answer answer, co_await requester.send(call, caller));
  Found found;
  found.etag = unquoted_etag(answer.headers.get("etag"));
  found.size = answer.headers.get("content-length");
  co_return found;
}

// Nobody but the completion ends an upload.
Task<bool> has_ended(Requester& requester, const Caller& caller, const UploadName& upload) {
  Call call = call_of("ListParts", "GET", upload.object);
  call.query = {{"uploadId", upload.id}, {"max-parts", "1"}};
  const auto answer = co_await requester.send(call, caller);
  co_return !answer.ok() && answer.error().code == Errc::kNotFound;
}

// Whether the object that is there is what the completion was to make. ETags of encrypted parts are
// no MD5s, and the object's is none of theirs: then the number of parts and the size must do, of an
// upload that has ended after an attempt whose end is not known. An object of before may look the
// same.
Task<bool> is_made(Requester& requester, const Caller& caller, const UploadName& upload,
                   const Found& found, const std::string& expected, const Completion& completion,
                   bool in_doubt) {
  if (!expected.empty() && found.etag == expected) {
    // Should it be an older object of the same content, then the upload is still there.
    UploadName spent = upload;
    (void)co_await abort_upload(requester, caller, std::move(spent));
    co_return true;
  }
  const bool alike = in_doubt && found.size == std::to_string(completion.size) &&
                     found.etag.ends_with("-" + std::to_string(completion.parts.size()));
  if (!alike) co_return false;
  co_return co_await has_ended(requester, caller, upload);
}

}  // namespace

std::string etag_of_parts(const PartTags& parts) {
  if (!crypto::digest_available(crypto::DigestKind::kMd5)) return {};
  crypto::Digest digest(crypto::DigestKind::kMd5);
  for (const std::string& part : parts) {
    const auto sum = md5_of(part);
    if (!sum) return {};
    digest.update(*sum);
  }
  return to_hex(digest.finish()) + "-" + std::to_string(parts.size());
}

Task<Result<std::string>> create_upload(Requester& requester, const Caller& caller,
                                        storage::ObjectRef object, storage::PutOptions options,
                                        WriteDefaults defaults) {
  Call call = call_of("CreateMultipartUpload", "POST", object);
  call.query = {{"uploads", ""}};
  add_put_options(options, call.headers);
  add_write_defaults(defaults, call.headers);
  if (defaults.check == BodyCheck::kCrc32c) call.headers.add("x-amz-checksum-algorithm", "CRC32C");
  CO_TRY_ASSIGN(const Answer answer, co_await requester.send(call, caller));
  std::string id = answered(answer.body, "InitiateMultipartUploadResult", "UploadId").value_or("");
  if (!can_be_upload(id))
    co_return Error(Errc::kCorrupt, "CreateMultipartUpload: the answer names no upload");
  co_return id;
}

Task<Result<std::string>> upload_part(Requester& requester, const Caller& caller, UploadName upload,
                                      std::uint32_t number, CallBody body, BodyCheck check,
                                      BodyProof proof) {
  Call call = call_of("UploadPart", "PUT", upload.object);
  call.query = {{"partNumber", std::to_string(number)}, {"uploadId", upload.id}};
  call.body = std::move(body);
  add_proof(call, check, std::move(proof));
  CO_TRY_ASSIGN(const Answer answer, co_await requester.send(call, caller));
  std::string etag = unquoted_etag(answer.headers.get("etag"));
  if (!can_be_tag(etag)) co_return no_etag("UploadPart");
  co_return etag;
}

Task<Result<std::string>> copy_part(Requester& requester, const Caller& caller, UploadName upload,
                                    std::uint32_t number, storage::ObjectRef from, std::string etag,
                                    std::uint64_t first, std::uint64_t last) {
  Call call = call_of("UploadPartCopy", "PUT", upload.object);
  call.query = {{"partNumber", std::to_string(number)}, {"uploadId", upload.id}};
  call.fails_late = true;
  call.headers.add("x-amz-copy-source", copy_source(from.bucket, from.key));
  call.headers.add("x-amz-copy-source-range",
                   "bytes=" + std::to_string(first) + "-" + std::to_string(last));
  call.headers.add("x-amz-copy-source-if-match", etag);
  CO_TRY_ASSIGN(const Answer answer, co_await requester.send(call, caller));
  std::string made = unquoted_etag(answered(answer.body, "CopyPartResult", "ETag").value_or(""));
  if (!can_be_tag(made))
    co_return Error(Errc::kCorrupt, "UploadPartCopy: the answer names no ETag");
  co_return made;
}

Task<Result<std::string>> complete_upload(Requester& requester, const Caller& caller,
                                          UploadName upload, Completion completion) {
  Call call = call_of("CompleteMultipartUpload", "POST", upload.object);
  call.query = {{"uploadId", upload.id}};
  call.repeatable = false;
  call.fails_late = true;
  if (completion.only_if_absent) call.headers.add("If-None-Match", "*");
  if (!completion.only_if_etag.empty()) call.headers.add("If-Match", completion.only_if_etag);
  const std::string body = completion_xml(completion);
  call.body.pieces.push_back(as_bytes(body));
  const std::string expected = etag_of_parts(completion.parts);
  http::RetryPlan plan = requester.plan();
  bool in_doubt = false;
  while (true) {
    const auto answer = co_await requester.send(call, caller);
    Error error(Errc::kUnavailable, "CompleteMultipartUpload: the answer is none");
    if (answer.ok()) {
      const auto tag = answered(answer->body, "CompleteMultipartUploadResult", "ETag");
      if (tag) co_return tag->empty() ? expected : unquoted_etag(*tag);
    } else {
      error = answer.error();
    }
    if (!is_unsettled(error, in_doubt)) co_return error;
    const bool final = error.reason == "NoSuchUpload" || error.code == Errc::kConflict;
    in_doubt = in_doubt || !final;
    storage::ObjectRef object = upload.object;
    const auto there = co_await find_object(requester, caller, std::move(object));
    if (there.ok()) {
      const bool made =
          co_await is_made(requester, caller, upload, *there, expected, completion, in_doubt);
      if (made) co_return there->etag;
    }
    const auto wait = final ? std::nullopt : plan.next();
    if (!wait) co_return error;
    co_await requester.sleep(*wait);
  }
}

Task<Result<void>> abort_upload(Requester& requester, const Caller& caller, UploadName upload) {
  Call call = call_of("AbortMultipartUpload", "DELETE", upload.object);
  call.query = {{"uploadId", upload.id}};
  const auto answer = co_await requester.send(call, caller);
  if (!answer.ok() && answer.error().reason != "NoSuchUpload") co_return answer.error();
  co_return ok();
}

}  // namespace sallyport::s3
