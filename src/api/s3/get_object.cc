// GetObject and HeadObject.
#include <fmt/format.h>

#include "api/s3/access.h"
#include "api/s3/body.h"
#include "api/s3/conditions.h"
#include "api/s3/object_headers.h"
#include "api/s3/object_lookup.h"
#include "api/s3/operations.h"
#include "api/s3/part_sizes.h"

namespace sallyport::api {

namespace {

// A part of an object, read as the client takes it.
class ObjectBody final : public http::BodySource {
 public:
  ObjectBody(std::unique_ptr<storage::ObjectReader> reader, std::uint64_t offset,
             std::uint64_t length)
      : reader_(std::move(reader)), offset_(offset), left_(length), length_(length) {}

  Task<Result<std::size_t>> read(MutableBytes into) override {
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_));
    if (wanted == 0) co_return std::size_t{0};
    const iovec piece{into.data(), wanted};
    CO_TRY_ASSIGN(const std::size_t got,
                  co_await reader_->read_at(offset_, std::span<const iovec>(&piece, 1)));
    if (got == 0) co_return Error(Errc::kCorrupt, "the object is shorter than its index says");
    offset_ += got;
    left_ -= got;
    co_return got;
  }

  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  std::unique_ptr<storage::ObjectReader> reader_;
  std::uint64_t offset_, left_, length_;
};

struct Wanted {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool partial = false;  // 206
};

// Of the whole object, of a range of it, or of a part by its number.
Outcome<Wanted> read_wanted(const S3Call& call, const storage::ObjectInfo& info) {
  const auto range_header = call.headers().find("Range");
  if (call.query().contains("partNumber")) {
    if (range_header)
      return s3_invalid_request("Cannot specify both Range header and partNumber query parameter");
    TRY_ASSIGN(const auto number,
               read_number(call.query(), "partNumber", 1, 1, storage::kMaxParts));
    // An object that was put in one piece is its own first part.
    if (number > std::max(info.part_count, 1u)) return s3_fault("InvalidPartNumber", "");
    if (info.part_count <= 1) return Wanted{0, info.size, info.size != 0};
    const auto sizes = info.headers.find(std::string(kPartSizes));
    if (sizes == info.headers.end())
      return s3_not_implemented("Reading a part of this object by its number");
    const auto part = find_part(sizes->second, number, info.size);
    if (!part) return s3_not_implemented("Reading a part of this object by its number");
    return Wanted{part->first, part->last - part->first + 1, true};
  }
  TRY_ASSIGN(const auto range, read_range_header(range_header.value_or(""), info.size));
  if (!range) return Wanted{0, info.size, false};
  return Wanted{range->first, range->last - range->first + 1, true};
}

Outcome<Done> check_overrides(const S3Call& call) {
  if (!call.caller.access_key.empty() ||
      call.caller.identity.kind() != iam::Identity::Kind::kAnonymous)
    return done();
  for (const auto& [name, value] : call.query().fields())
    if (name.starts_with("response-"))
      return s3_invalid_request(
          "Request specific response headers cannot be used for anonymous GET requests.");
  return done();
}

// Told only to who may read the tags.
Task<void> add_tag_count(const S3Call& call, const storage::ObjectInfo& info,
                         const std::string& version, http::Headers& headers) {
  if (info.tag_count == 0) co_return;
  const auto action =
      version.empty() ? iam::Action::kGetObjectTagging : iam::Action::kGetObjectVersionTagging;
  const auto permit = co_await s3_permit(call, action, call.request.key);
  if (permit.ok()) headers.add("x-amz-tagging-count", std::to_string(info.tag_count));
}

}  // namespace

S3Answer get_object(const S3Call& call) {
  const bool head = call.request.http->method == "HEAD";
  CO_TRY(check_overrides(call));
  CO_TRY(check_read_headers(call.headers()));
  CO_TRY_ASSIGN(const auto version, read_version_id(call.query()));
  std::unique_ptr<storage::ObjectReader> reader;
  storage::ObjectInfo info;
  if (head) {
    CO_TRY_ASSIGN(info, co_await s3_head_object(call, version));
  } else {
    CO_TRY_ASSIGN(reader, co_await s3_open_object(call, version));
    info = reader->info();
  }

  http::HttpResponse response;
  CO_TRY_ASSIGN(const auto precondition, check_preconditions(call.headers(), info));
  if (precondition == Precondition::kNotModified) {
    response.status = 304;
    add_validators(response.headers, info);
    co_return response;
  }
  CO_TRY_ASSIGN(const auto wanted, read_wanted(call, info));
  add_object_headers(response.headers, info, call.query());
  co_await add_tag_count(call, info, version, response.headers);
  if (call.query().contains("partNumber") && info.part_count != 0)
    response.headers.add("x-amz-mp-parts-count", std::to_string(info.part_count));
  // A checksum of the whole says nothing of a range.
  if (wanted.length == info.size &&
      http::equals_ignore_case(call.headers().get("x-amz-checksum-mode"), "ENABLED"))
    add_checksum_headers(response.headers, info.checksums);
  if (wanted.partial) {
    response.status = 206;
    response.headers.add(
        "Content-Range",
        fmt::format("bytes {}-{}/{}", wanted.offset, wanted.offset + wanted.length - 1, info.size));
  }
  if (head) {
    response.headers.add("Content-Length", std::to_string(wanted.length));
  } else {
    response.stream = std::make_unique<ObjectBody>(std::move(reader), wanted.offset, wanted.length);
  }
  co_return response;
}

}  // namespace sallyport::api
