#include "api/s3/copy_with_checksum.h"

#include "api/s3/body.h"
#include "api/s3/object_headers.h"
#include "api/s3/part_sizes.h"

namespace sallyport::api {

namespace {

// What the copy is put with. Of a source in parts only the content comes along.
Task<Outcome<storage::PutOptions>> options_of(const S3Call& call, const RewrittenCopy& copy,
                                              const storage::ObjectInfo& source) {
  storage::PutOptions out = copy.options.put;
  if (!copy.options.replace_metadata) {
    out.content_type = source.content_type;
    out.metadata = source.metadata;
    out.headers = source.headers;
    for (const std::string_view name : {kPartSizes, kUploadChecksumAlgorithm, kUploadChecksumType})
      out.headers.erase(std::string(name));
  }
  if (copy.options.replace_tags) co_return out;
  out.tags.clear();
  if (!copy.read_tags) co_return out;
  CO_TRY_ASSIGN(auto found, co_await call.objects().tags(*copy.read_tags, copy.source.object));
  out.tags = std::move(found.first);
  co_return out;
}

Task<Outcome<Done>> pump(storage::ObjectReader& from, storage::ObjectWriter& to,
                         http::ChecksumAlgorithm algorithm) {
  PassingDigests digests(algorithm);
  Bytes buffer(kPiece);
  for (std::uint64_t at = 0; at < from.info().size;) {
    const iovec room{buffer.data(), buffer.size()};
    CO_TRY_ASSIGN(const std::size_t got,
                  co_await from.read_at(at, std::span<const iovec>(&room, 1)));
    if (got == 0) co_return Error(Errc::kCorrupt, "the object is shorter than its index says");
    digests.update(ByteView(buffer.data(), got));
    const iovec piece{buffer.data(), got};
    CO_TRY(co_await to.write(std::span<const iovec>(&piece, 1)));
    at += got;
  }
  to.describe(digests.finish());
  co_return done();
}

}  // namespace

Task<Outcome<storage::ObjectInfo>> copy_with_checksum(const S3Call& call, RewrittenCopy copy,
                                                      http::ChecksumAlgorithm algorithm) {
  CO_TRY_ASSIGN(auto reader,
                co_await call.objects().open_version(copy.source.read, copy.source.object));
  CO_TRY(check_source_conditions(copy.options, reader->info()));
  CO_TRY_ASSIGN(auto options, co_await options_of(call, copy, reader->info()));
  storage::ObjectRef to{call.request.bucket, call.request.key};
  CO_TRY_ASSIGN(auto writer,
                co_await call.objects().create(copy.write, std::move(to), std::move(options)));
  auto pumped = co_await pump(*reader, *writer, algorithm);
  if (!pumped.ok()) {
    co_await writer->abort();
    co_return std::move(pumped).error();
  }
  CO_TRY_ASSIGN(auto info, co_await writer->commit());
  co_return std::move(info);
}

}  // namespace sallyport::api
