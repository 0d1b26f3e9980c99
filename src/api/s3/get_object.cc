#include <fmt/format.h>

#include "api/s3/conditions.h"
#include "api/s3/service.h"

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

void add_object_headers(http::HttpResponse& response, const storage::ObjectInfo& info,
                        const codec::Form& query) {
  auto& headers = response.headers;
  headers.add("ETag", "\"" + info.etag + "\"");
  headers.add("Last-Modified", to_http_date(info.modified));
  headers.add("Accept-Ranges", "bytes");
  headers.add("Content-Type", info.content_type);
  for (const auto& [name, value] : info.metadata) headers.add("x-amz-meta-" + name, value);
  static constexpr std::pair<std::string_view, std::string_view> kOverrides[] = {
      {"response-content-type", "Content-Type"},
      {"response-content-disposition", "Content-Disposition"},
      {"response-cache-control", "Cache-Control"},
      {"response-content-encoding", "Content-Encoding"},
      {"response-content-language", "Content-Language"},
      {"response-expires", "Expires"},
  };
  for (const auto& [parameter, header] : kOverrides)
    if (const auto value = query.find(parameter)) headers.set(header, *value);
}

}  // namespace

S3Answer get_object(const S3Call& call) {
  const auto& request = *call.request.http;
  const storage::ObjectRef object{call.request.bucket, call.request.key};
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kGetObject, object.key));
  std::unique_ptr<storage::ObjectReader> reader;
  storage::ObjectInfo info;
  if (request.method == "HEAD") {
    CO_TRY_ASSIGN(info, co_await call.context.objects.head(permit, object));
  } else {
    CO_TRY_ASSIGN(reader, co_await call.context.objects.open(permit, object));
    info = reader->info();
  }

  http::HttpResponse response;
  CO_TRY_ASSIGN(const auto precondition, check_preconditions(request.headers, info));
  if (precondition == Precondition::kNotModified) {
    response.status = 304;
    response.headers.add("ETag", "\"" + info.etag + "\"");
    response.headers.add("Last-Modified", to_http_date(info.modified));
    co_return response;
  }
  CO_TRY_ASSIGN(const auto range, read_range_header(request.headers.get("Range"), info.size));
  const std::uint64_t offset = range ? range->first : 0;
  const std::uint64_t length = range ? range->last - range->first + 1 : info.size;
  add_object_headers(response, info, call.request.query);
  if (range) {
    response.status = 206;
    response.headers.add("Content-Range",
                         fmt::format("bytes {}-{}/{}", range->first, range->last, info.size));
  }
  if (reader == nullptr) {
    response.headers.add("Content-Length", std::to_string(length));
  } else {
    response.stream = std::make_unique<ObjectBody>(std::move(reader), offset, length);
  }
  co_return response;
}

}  // namespace sallyport::api
