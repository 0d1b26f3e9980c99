#include "files/file_messages.h"

#include <fcntl.h>

namespace sallyport::files {

namespace {

constexpr std::size_t kMostEntries = kMaxFileMessage / 8;
constexpr std::size_t kStatusSize = 4 * 4 + 8 * 3;

Error corrupt() {
  return Error(Errc::kCorrupt, "a message of the processes that act as users does not read");
}

void put_place(ByteWriter& out, const FilePlace& place) {
  out.string(place.base).string(place.path);
}

bool take_place(ByteReader& in, FilePlace& place) {
  place.base = in.text();
  place.path = in.text();
  return place.base.size() <= kMaxFilePath && place.path.size() <= kMaxFilePath;
}

void put_status(ByteWriter& out, const FileStatus& status) {
  out.u32(status.mode).u32(status.uid).u32(status.gid).u32(status.links);
  out.u64(status.size);
  out.u64(static_cast<std::uint64_t>(status.accessed));
  out.u64(static_cast<std::uint64_t>(status.modified));
}

FileStatus take_status(ByteReader& in) {
  FileStatus status;
  status.mode = in.u32();
  status.uid = in.u32();
  status.gid = in.u32();
  status.links = in.u32();
  status.size = in.u64();
  status.accessed = static_cast<FileTime>(in.u64());
  status.modified = static_cast<FileTime>(in.u64());
  return status;
}

}  // namespace

Bytes write_request(const FileRequest& request) {
  ByteWriter out;
  out.u32(0).u8(static_cast<std::uint8_t>(request.verb)).u8(request.options);
  out.u32(request.who.uid).u32(request.who.gid);
  out.u32(static_cast<std::uint32_t>(request.who.groups.size()));
  for (const std::uint32_t group : request.who.groups) out.u32(group);
  put_place(out, request.at);
  put_place(out, request.other);
  out.u32(request.open_flags).u32(request.mode).u64(request.cookie).u32(request.most);
  const FileChange& change = request.change;
  out.u8(change.set).u64(change.size).u32(change.mode).u32(change.uid).u32(change.gid);
  out.u64(static_cast<std::uint64_t>(change.accessed));
  out.u64(static_cast<std::uint64_t>(change.modified));
  return out.take();
}

void set_number(Bytes& request, std::uint32_t number) {
  store_be32(request.data(), number);
}

Result<NumberedRequest> read_request(ByteView message) {
  ByteReader in(message);
  NumberedRequest out;
  out.number = in.u32();
  FileRequest& request = out.request;
  const std::uint8_t verb = in.u8();
  if (verb < 1 || verb > static_cast<std::uint8_t>(kLastVerb)) return corrupt();
  request.verb = static_cast<FileVerb>(verb);
  request.options = in.u8();
  request.who.uid = in.u32();
  request.who.gid = in.u32();
  const std::uint32_t groups = in.u32();
  if (groups > kMaxGroups) return corrupt();
  for (std::uint32_t i = 0; i < groups; ++i) request.who.groups.push_back(in.u32());
  if (!take_place(in, request.at) || !take_place(in, request.other)) return corrupt();
  request.open_flags = in.u32();
  request.mode = in.u32();
  request.cookie = in.u64();
  request.most = in.u32();
  FileChange& change = request.change;
  change.set = in.u8();
  change.size = in.u64();
  change.mode = in.u32();
  change.uid = in.u32();
  change.gid = in.u32();
  change.accessed = static_cast<FileTime>(in.u64());
  change.modified = static_cast<FileTime>(in.u64());
  if (!in.done()) return corrupt();
  return out;
}

Bytes write_reply(const FileReply& reply) {
  ByteWriter out;
  out.u32(reply.number).u32(reply.error);
  if (reply.error != 0) return out.take();
  put_status(out, reply.status);
  out.string(reply.text).u32(static_cast<std::uint32_t>(reply.entries.size()));
  for (const FileEntry& entry : reply.entries) {
    out.string(entry.name);
    put_status(out, entry.status);
  }
  out.u64(reply.cookie).boolean(reply.end).boolean(reply.on_disk);
  const FileVolume& v = reply.volume;
  out.u64(v.block_size).u64(v.blocks).u64(v.free_blocks).u64(v.available_blocks);
  out.u64(v.files).u64(v.free_files).u64(v.available_files);
  return out.take();
}

Result<FileReply> read_reply(ByteView message) {
  ByteReader in(message);
  FileReply reply;
  reply.number = in.u32();
  reply.error = in.u32();
  if (reply.error != 0) {
    if (!in.done()) return corrupt();
    return reply;
  }
  reply.status = take_status(in);
  reply.text = in.text();
  const std::uint32_t entries = in.u32();
  if (in.failed() || entries > kMostEntries || reply.text.size() > kMaxFilePath) return corrupt();
  for (std::uint32_t i = 0; i < entries && !in.failed(); ++i) {
    FileEntry& entry = reply.entries.emplace_back();
    entry.name = in.text();
    entry.status = take_status(in);
  }
  reply.cookie = in.u64();
  reply.end = in.boolean();
  reply.on_disk = in.boolean();
  FileVolume& v = reply.volume;
  for (std::uint64_t* const field : {&v.block_size, &v.blocks, &v.free_blocks, &v.available_blocks,
                                     &v.files, &v.free_files, &v.available_files})
    *field = in.u64();
  if (!in.done()) return corrupt();
  return reply;
}

std::size_t entry_size(std::string_view name) {
  return 4 + name.size() + kStatusSize;
}

bool is_harmless_twice(const FileRequest& request) {
  switch (request.verb) {
    case FileVerb::kStat:
    case FileVerb::kOpenDirectory:
    case FileVerb::kReadDirectory:
    case FileVerb::kReadLink:
    case FileVerb::kRealPath:
    case FileVerb::kVolume: return true;
    // Others may have written what would be cut off.
    case FileVerb::kChange: return (request.change.set & FileChange::kSize) == 0;
    case FileVerb::kOpen: return (request.open_flags & (O_EXCL | O_TRUNC)) == 0;
    case FileVerb::kMakeDirectory:
    case FileVerb::kRemoveDirectory:
    case FileVerb::kRemoveFile:
    case FileVerb::kRename:
    case FileVerb::kSymlink: return false;
  }
  return false;
}

}  // namespace sallyport::files
