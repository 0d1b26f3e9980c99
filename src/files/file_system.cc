#include "files/file_system.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace sallyport::files {

namespace {

// The table of errno_error(), but for what only paths meet; and a client cannot wait for a disk
// that is full or a server that is away, as the program can with its own.
Errc code_of(int value) {
  switch (value) {
    case EISDIR: return Errc::kConflict;
    case ELOOP: return Errc::kInvalidArgument;
    case EOPNOTSUPP: return Errc::kUnsupported;
    default: break;
  }
  const Errc code = errno_error({}, value).code;
  switch (code) {
    case Errc::kUnavailable:
    case Errc::kTimeout:
    case Errc::kClosed:
    case Errc::kCancelled: return Errc::kIo;
    default: return code;
  }
}

}  // namespace

Error posix_error(int errno_value) {
  return Error(code_of(errno_value), std::generic_category().message(errno_value),
               std::string(kPosix));
}

FileSystem::FileSystem(std::string id, std::vector<std::unique_ptr<FileChannel>> channels,
                       unsigned transfer_threads, bool durable)
    : id_(std::move(id)),
      durable_(durable),
      channels_(std::move(channels)),
      transfers_("file data", transfer_threads) {}
FileSystem::~FileSystem() = default;

namespace {

bool is_too_long(const FilePlace& place) {
  return place.base.size() > kMaxFilePath || place.path.size() > kMaxFilePath;
}

}  // namespace

Task<Result<FileSystem::Asked>> FileSystem::ask_there(FileRequest request, int given) {
  if (is_too_long(request.at) || is_too_long(request.other)) co_return posix_error(ENAMETOOLONG);
  CO_TRY_ASSIGN(const ChannelQueue::Lent channel, co_await channels_.take(request.who.uid));
  Asked out;
  CO_TRY_ASSIGN(out.reply, co_await channel->call(request, given, out.got));
  if (out.reply.error != 0) co_return posix_error(static_cast<int>(out.reply.error));
  co_return out;
}

Task<Result<FileReply>> FileSystem::ask(FileRequest request, int given) {
  CO_TRY_ASSIGN(Asked asked, co_await ask_there(std::move(request), given));
  co_return std::move(asked.reply);
}

Task<Result<std::unique_ptr<OpenFile>>> FileSystem::open(FileRequest request) {
  const bool writes = (request.open_flags & O_ACCMODE) != O_RDONLY;
  CO_TRY_ASSIGN(Asked asked, co_await ask_there(std::move(request), -1));
  if (!asked.got.valid()) co_return posix_error(EMFILE);
  auto file = std::make_unique<OpenFile>(std::move(asked.got), asked.reply.status,
                                         asked.reply.on_disk, transfers_, closer_);
  if (durable_ && writes) file->sync_at_close();
  co_return file;
}

Task<Result<AsideFd>> FileSystem::open_directory(FileRequest request) {
  CO_TRY_ASSIGN(Asked asked, co_await ask_there(std::move(request), -1));
  if (!asked.got.valid()) co_return posix_error(EMFILE);
  co_return AsideFd(std::move(asked.got), Closing::kNow, closer_);
}

std::string FileSystem::wait_idle(std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  const auto left = [until] {
    return std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  };
  std::vector<std::string> out;
  if (const std::size_t requests = channels_.lent(); requests > 0)
    out.push_back(fmt::format("requests: {}", requests));
  if (!transfers_.wait_idle(left()))
    out.push_back(fmt::format("reads and writes: {}", transfers_.unfinished()));
  if (!closer_.wait_idle(left())) out.emplace_back("closing of files");
  return fmt::format("{}", fmt::join(out, ", "));
}

FileSystems::FileSystems(std::vector<std::unique_ptr<FileSystem>> systems, ActingRights rights)
    : rights_(rights) {
  for (auto& system : systems) systems_.emplace(system->id(), std::move(system));
}

FileSystem* FileSystems::find(std::string_view id) const {
  const auto at = systems_.find(id);
  return at == systems_.end() ? nullptr : at->second.get();
}

std::string FileSystems::wait_idle(std::chrono::milliseconds limit) {
  std::vector<std::string> out;
  const auto until = std::chrono::steady_clock::now() + limit;
  for (const auto& [id, system] : systems_) {
    const auto left = until - std::chrono::steady_clock::now();
    const auto busy = system->wait_idle(std::chrono::ceil<std::chrono::milliseconds>(left));
    if (!busy.empty()) out.push_back(fmt::format("{} ({})", id, busy));
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

}  // namespace sallyport::files
