// OpenSSH's PROTOCOL sections 4.3 to 4.9, and copy-data of draft-ietf-secsh-filexfer-extensions-00
// section 7.
#include <algorithm>
#include <utility>

#include "sftp/fields.h"
#include "sftp/operations.h"

namespace sallyport::sftp {
namespace {

// Copied at a time.
constexpr std::uint64_t kCopySlice = 1024 * 1024;

constexpr std::uint64_t kNoSuid = 2;  // f_flag
constexpr std::uint64_t kNameMax = 255;

Status malformed() {
  return {StatusCode::kBadMessage, "Malformed request"};
}

Status unsupported_here() {
  return {StatusCode::kFailure, "Invalid handle: the file is not open for that"};
}

// A file that can be read, whichever way it was opened.
struct Readable {
  explicit Readable(OpenHandle& handle)
      : download(std::get_if<OpenDownload>(&handle.what)),
        upload(std::get_if<OpenUpload>(&handle.what)) {
    if (upload && !upload->file->readable()) upload = nullptr;
  }
  bool ok() const { return download || upload; }
  // Others may have written it since it was opened.
  Task<Result<session::FileAttributes>> look() {
    return download ? download->file->look() : upload->file->look();
  }
  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into) {
    return download ? download->file->read_at(offset, into) : upload->file->read_at(offset, into);
  }

  OpenDownload* download;
  OpenUpload* upload;
};

struct CopyRequest {
  HandleId from = kNoHandle, to = kNoHandle;
  std::uint64_t from_offset = 0, length = 0, to_offset = 0;
};

std::optional<CopyRequest> parse_copy(ByteView data) {
  ByteReader in(data);
  CopyRequest request;
  request.from = read_handle(in);
  request.from_offset = in.u64();
  request.length = in.u64();
  request.to = read_handle(in);
  request.to_offset = in.u64();
  if (!in.done()) return std::nullopt;
  return request;
}

bool overlap(const CopyRequest& request, std::uint64_t length) {
  const std::uint64_t a = request.from_offset, b = request.to_offset;
  return request.from == request.to && (a < b ? b - a < length : a - b < length);
}

Reply volume_reply(const Result<session::Volume>& found) {
  if (!found.ok()) return status_of(found.error());
  ByteWriter out;
  out.u64(found->block_size).u64(found->block_size);
  out.u64(found->blocks).u64(found->free_blocks).u64(found->available_blocks);
  out.u64(found->files).u64(found->free_files).u64(found->available_files);
  out.u64(0).u64(kNoSuid).u64(kNameMax);
  return ExtendedReply{out.take()};
}

}  // namespace

Task<Reply> Operations::posix_rename(ExtendedRequest request) {
  ByteReader in(request.data);
  std::string from = read_text(in), to = read_text(in);
  if (!in.done()) co_return malformed();
  co_return reply_of(co_await session_.rename(std::move(from), std::move(to), true));
}

Task<Reply> Operations::statvfs(ExtendedRequest request) {
  ByteReader in(request.data);
  std::string path = read_text(in);
  if (!in.done()) co_return malformed();
  co_return volume_reply(co_await session_.volume(std::move(path)));
}

Task<Reply> Operations::fstatvfs(ExtendedRequest request) {
  ByteReader in(request.data);
  const HandleId id = read_handle(in);
  if (!in.done()) co_return malformed();
  OpenHandle* const handle = handles_.find(id);
  if (!handle) co_return invalid_handle();
  auto found = co_await session_.volume(handle->path);
  // What has no name yet lies on the one volume that objects have.
  if (!found.ok()) found = co_await session_.volume(session_.home());
  co_return volume_reply(found);
}

// What was written before was written in the order of the requests; an object is on the disk when
// its file is closed, not before, and there is nothing of it that could be.
Task<Reply> Operations::fsync(ExtendedRequest request) {
  ByteReader in(request.data);
  const HandleId id = read_handle(in);
  if (!in.done()) co_return malformed();
  OpenHandle* const handle = handles_.find(id);
  if (!handle || std::holds_alternative<OpenDirectory>(handle->what)) co_return invalid_handle();
  const auto* const upload = std::get_if<OpenUpload>(&handle->what);
  if (!upload) co_return success();
  if (upload->failed) {
    co_return Status{StatusCode::kFailure, "An earlier write of this file failed"};
  }
  co_return reply_of(co_await upload->file->sync());
}

Task<Reply> Operations::lsetstat(ExtendedRequest request) {
  ByteReader in(request.data);
  std::string path = read_text(in);
  const RequestedAttributes attributes = read_attributes(in);
  if (!in.done()) co_return malformed();
  const session::AttributeChange change = change_of(attributes);
  co_return reply_of(co_await session_.set_attributes(std::move(path), change, /*follow=*/false));
}

Task<Reply> Operations::expand_path(ExtendedRequest request) {
  ByteReader in(request.data);
  std::string path = read_text(in);
  if (!in.done()) co_return malformed();
  if (path.starts_with('~')) {
    // Other users' homes are nobody's business.
    if (path.size() > 1 && path[1] != '/') {
      co_return Status{StatusCode::kNoSuchFile, "No such file or directory"};
    }
    path = session_.home() + path.substr(1);
  }
  PathRequest plain{std::move(path)};
  co_return co_await realpath(std::move(plain));
}

Task<Reply> Operations::copy_data(ExtendedRequest request) {
  const auto copy = parse_copy(request.data);
  if (!copy) co_return malformed();
  OpenHandle* const from = handles_.find(copy->from);
  OpenHandle* const to = handles_.find(copy->to);
  if (!from || !to) co_return invalid_handle();
  Readable source(*from);
  auto* const target = std::get_if<OpenUpload>(&to->what);
  if (!source.ok() || !target) co_return unsupported_here();

  const auto now = co_await source.look();
  if (!now.ok()) co_return status_of(now.error());
  const std::uint64_t there = now->size - std::min(copy->from_offset, now->size);
  std::uint64_t left = copy->length == 0 ? there : std::min(copy->length, there);
  if (overlap(*copy, left)) {
    co_return Status{StatusCode::kFailure, "A file cannot be copied onto what is being read of it"};
  }
  Bytes slice(std::min(kCopySlice, left));
  std::uint64_t done = 0;
  while (left > 0 && !gone_()) {
    const iovec place{slice.data(), std::min<std::uint64_t>(slice.size(), left)};
    const auto got = co_await source.read_at(copy->from_offset + done, {&place, 1});
    if (!got.ok()) co_return status_of(got.error());
    if (*got == 0) break;
    const iovec piece{slice.data(), *got};
    const auto written = co_await target->file->write(copy->to_offset + done, {&piece, 1});
    if (!written.ok()) {
      target->failed = true;
      co_return status_of(written.error());
    }
    done += *got;
    left -= *got;
  }
  co_return success();
}

}  // namespace sallyport::sftp
