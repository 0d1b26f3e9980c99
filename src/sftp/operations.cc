#include "sftp/operations.h"

#include <utility>

#include "sftp/command_table.h"

namespace sallyport::sftp {
namespace {

// Names that are read from storage at once, which an open directory holds at most.
constexpr std::uint32_t kNamesPerFetch = 1000;
// One READDIR answer: no more bytes than any client's buffer takes.
constexpr std::size_t kBytesPerPage = 32 * 1024;
// What a name costs besides itself, twice: lengths, the rest of the long name, attributes.
constexpr std::size_t kBytesPerName = 128;

session::OpenMode mode_of(std::uint32_t flags) {
  session::OpenMode mode;
  mode.read = flags & pflag::kRead;
  mode.write = flags & pflag::kWrite;
  mode.append = flags & pflag::kAppend;
  mode.create = flags & pflag::kCreat;
  mode.truncate = flags & pflag::kTrunc;
  mode.exclusive = flags & pflag::kExcl;
  return mode;
}

Status too_many_handles() {
  return {StatusCode::kFailure, "Too many open handles"};
}

Reply attributes_or_status(const Result<session::FileAttributes>& found) {
  if (!found.ok()) return status_of(found.error());
  return AttributesReply{*found};
}

}  // namespace

Status invalid_handle() {
  return {StatusCode::kFailure, "Invalid handle"};
}

Reply reply_of(const Result<void>& result) {
  return result.ok() ? success() : status_of(result.error());
}

session::AttributeChange change_of(const RequestedAttributes& requested) {
  session::AttributeChange change;
  change.size = requested.size;
  change.mode = requested.permissions;
  if (requested.access_time) change.accessed = from_unix_ms(std::int64_t{*requested.access_time} * 1000);
  change.uid = requested.uid;
  change.gid = requested.gid;
  if (requested.modify_time) change.modified = from_unix_ms(std::int64_t{*requested.modify_time} * 1000);
  return change;
}

Task<Reply> Operations::open(OpenRequest request) {
  constexpr std::uint32_t kKnown =
      pflag::kRead | pflag::kWrite | pflag::kAppend | pflag::kCreat | pflag::kTrunc | pflag::kExcl;
  if (request.pflags & ~kKnown) {
    co_return Status{StatusCode::kOpUnsupported, "Unknown open flags"};
  }
  if (handles_.full()) co_return too_many_handles();
  // No flag at all is a plain read, as in OpenSSH's server.
  if ((request.pflags & ~pflag::kRead) == 0) {
    auto file = co_await session_.open_download(request.path);
    if (!file.ok()) co_return status_of(file.error());
    co_return HandleReply{handles_.add({std::move(request.path), OpenDownload{std::move(*file)}})};
  }
  session::OpenMode mode = mode_of(request.pflags);
  mode.permissions = request.attributes.permissions;
  auto file = co_await session_.open_upload(request.path, mode);
  if (!file.ok()) co_return status_of(file.error());
  co_return HandleReply{
      handles_.add({std::move(request.path), OpenUpload{std::move(*file), false}})};
}

Task<Reply> Operations::close(HandleRequest request) {
  std::optional<OpenHandle> handle = handles_.remove(request.handle);
  if (!handle) co_return invalid_handle();
  if (auto* upload = std::get_if<OpenUpload>(&handle->what)) {
    co_return reply_of(co_await upload->file->close());
  }
  if (auto* download = std::get_if<OpenDownload>(&handle->what)) {
    co_return reply_of(co_await download->file->close());
  }
  co_return success();
}

Task<Reply> Operations::stat(PathRequest request) {
  co_return attributes_or_status(co_await session_.stat(std::move(request.path)));
}

Task<Reply> Operations::lstat(PathRequest request) {
  co_return attributes_or_status(
      co_await session_.stat(std::move(request.path), /*follow=*/false));
}

Task<Reply> Operations::fstat(HandleRequest request) {
  OpenHandle* const handle = handles_.find(request.handle);
  if (!handle) co_return invalid_handle();
  if (auto* upload = std::get_if<OpenUpload>(&handle->what)) {
    co_return attributes_or_status(co_await upload->file->look());
  }
  if (auto* download = std::get_if<OpenDownload>(&handle->what)) {
    co_return attributes_or_status(co_await download->file->look());
  }
  co_return co_await stat(PathRequest{handle->path});
}

Task<Reply> Operations::setstat(PathAttributesRequest request) {
  const session::AttributeChange change = change_of(request.attributes);
  co_return reply_of(co_await session_.set_attributes(std::move(request.path), change));
}

Task<Reply> Operations::fsetstat(HandleAttributesRequest request) {
  OpenHandle* const handle = handles_.find(request.handle);
  if (!handle) co_return invalid_handle();
  const session::AttributeChange change = change_of(request.attributes);
  auto* const upload = std::get_if<OpenUpload>(&handle->what);
  if (upload && upload->file->takes_attributes()) {
    co_return reply_of(co_await upload->file->set_attributes(change));
  }
  auto* const download = std::get_if<OpenDownload>(&handle->what);
  if (download && download->file->takes_attributes()) {
    co_return reply_of(co_await download->file->set_attributes(change));
  }
  co_return reply_of(co_await session_.set_attributes(handle->path, change));
}

Task<Reply> Operations::opendir(PathRequest request) {
  if (handles_.full()) co_return too_many_handles();
  auto reader = co_await session_.open_directory(request.path);
  if (!reader.ok()) co_return status_of(reader.error());
  OpenDirectory directory;
  directory.reader = std::move(*reader);
  co_return HandleReply{handles_.add({std::move(request.path), std::move(directory)})};
}

Task<Reply> Operations::readdir(HandleRequest request) {
  OpenHandle* const handle = handles_.find(request.handle);
  auto* const directory = handle ? std::get_if<OpenDirectory>(&handle->what) : nullptr;
  if (!directory) co_return invalid_handle();

  if (directory->next == directory->entries.size()) {
    directory->entries.clear();
    directory->next = 0;
    auto entries = co_await directory->reader->next(kNamesPerFetch);
    if (!entries.ok()) co_return status_of(entries.error());
    directory->entries = std::move(*entries);
    if (directory->entries.empty()) co_return end_of_file();
  }

  NameReply reply;
  const WallTime now = clock_.wall();
  std::size_t bytes = 0;
  while (directory->next < directory->entries.size() && bytes < kBytesPerPage) {
    session::DirectoryEntry& entry = directory->entries[directory->next++];
    bytes += 2 * entry.name.size() + kBytesPerName;
    std::string line = long_name(entry.name, entry.attributes, now);
    reply.names.push_back({std::move(entry.name), std::move(line), entry.attributes});
  }
  co_return reply;
}

Task<Reply> Operations::remove(PathRequest request) {
  co_return reply_of(co_await session_.remove_file(std::move(request.path)));
}

Task<Reply> Operations::mkdir(PathAttributesRequest request) {
  co_return reply_of(
      co_await session_.make_directory(std::move(request.path), request.attributes.permissions));
}

Task<Reply> Operations::rmdir(PathRequest request) {
  co_return reply_of(co_await session_.remove_directory(std::move(request.path)));
}

Task<Reply> Operations::realpath(PathRequest request) {
  Result<std::string> path = co_await session_.real_path(std::move(request.path));
  if (!path.ok()) co_return status_of(path.error());
  NameReply reply;
  reply.names.push_back({*path, *path, std::nullopt});
  co_return reply;
}

Task<Reply> Operations::rename(TwoPathsRequest request) {
  co_return reply_of(co_await session_.rename(std::move(request.first), std::move(request.second)));
}

Task<Reply> Operations::readlink(PathRequest request) {
  Result<std::string> target = co_await session_.read_link(std::move(request.path));
  if (!target.ok()) co_return status_of(target.error());
  NameReply reply;
  reply.names.push_back({*target, *target, std::nullopt});
  co_return reply;
}

Task<Reply> Operations::symlink(TwoPathsRequest request) {
  co_return reply_of(
      co_await session_.make_link(std::move(request.first), std::move(request.second)));
}

Task<Reply> Operations::extended(ExtendedRequest request) {
  const ExtendedCommand* const command = find_extended_command(request.name);
  if (!command || (command->only_extended && !session_.extended())) {
    co_return Status{StatusCode::kOpUnsupported, "This extension is not supported"};
  }
  co_return co_await command->handler(*this, Request(std::move(request)));
}

// OpenSSH PROTOCOL section 4.8.
Task<Reply> Operations::limits(ExtendedRequest) {
  ByteWriter out;
  out.u64(kMaxPacketLength).u64(kMaxDataLength).u64(kMaxDataLength).u64(handles_.most());
  co_return ExtendedReply{out.take()};
}

Task<void> Operations::abandon_all() {
  for (HandleId id = handles_.any(); id != kNoHandle; id = handles_.any()) {
    std::optional<OpenHandle> handle = handles_.remove(id);
    if (auto* upload = std::get_if<OpenUpload>(&handle->what)) {
      co_await upload->file->connection_lost();
    } else if (auto* download = std::get_if<OpenDownload>(&handle->what)) {
      co_await download->file->connection_lost();
    }
  }
}

}  // namespace sallyport::sftp
