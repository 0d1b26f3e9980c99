// The clients' door: what an authenticated user may see and do. Every protocol comes through here;
// it maps the path, asks iam, acts on storage and writes the log. Protocols only translate. One
// Session belongs to one loop; calls may overlap on that loop.
//
// Errors (to be mapped once by each protocol): kNotFound, kPermissionDenied, kAlreadyExists,
// kUnsupported (the message is the text for the client), kInvalidArgument, kConflict, kUnavailable,
// kIo, … ; messages are fit for the client and name no internals.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "events/file_events.h"
#include "events/metrics.h"
#include "events/server_log.h"
#include "iam/authorizer.h"
#include "identity/principal.h"
#include "model/server.h"
#include "session/user_limits.h"
#include "storage/object_store.h"

namespace sallyport::files {
class FileSystems;
}

namespace sallyport::session {

class SiteRules;

// Of a file system's files and directories; objects have none.
struct PosixAttributes {
  std::uint32_t uid = 0, gid = 0;
  std::uint32_t links = 1;   // names it has
  std::uint32_t format = 0;  // the bits of S_IFMT
  WallTime accessed{};
};

struct FileAttributes {
  bool directory = false;
  std::uint64_t size = 0;
  WallTime modified{};
  std::optional<std::uint32_t> mode = {};  // permission bits, where they are known
  std::optional<PosixAttributes> posix = {};
};

// What a client wants set; what is absent stays.
struct AttributeChange {
  std::optional<std::uint64_t> size;
  std::optional<std::uint32_t> mode;  // permission bits
  std::optional<WallTime> modified;
  // These where the server's Domain is EFS.
  std::optional<WallTime> accessed = {};
  std::optional<std::uint32_t> uid = {}, gid = {};
};

// A file system's sizes, as statvfs(3) has them.
struct Volume {
  std::uint64_t block_size = 0;
  std::uint64_t blocks = 0, free_blocks = 0, available_blocks = 0;
  std::uint64_t files = 0, free_files = 0, available_files = 0;
};

struct DirectoryEntry {
  std::string name;  // one component, UTF-8
  FileAttributes attributes;
};

// Facts of the connection for the CONNECTED line and the events; empty ones are left out.
struct ConnectionFacts {
  std::string protocol;  // "SFTP", "FTPS", "FTP"
  std::string source_ip;
  std::string client;              // "SSH-2.0-OpenSSH_9.2p1 …" as sent, without CR LF
  std::string kex, ciphers, macs;  // ciphers and macs as "c2s,s2c"
  std::string ssh_public_key;      // base64 body
  std::string ssh_public_key_type;
  std::string ssh_public_key_fingerprint;  // "SHA256:…" unpadded
  std::string proxy_header;                // "applied" or "ignored"
};

// What a session works with; all outlive it.
struct SessionServices {
  storage::ObjectStore& objects;
  iam::Authorizer& authorizer;
  events::EventLog& log;
  events::Metrics& metrics;
  const Clock& clock;
  Random& random;
  // Told of files and directories; null: nobody is.
  const events::EventBus* bus = nullptr;
  // What the operator says of servers and users. Null: all servers are strict, nobody is limited.
  SiteRules* site = nullptr;
  // Those of servers whose Domain is EFS. Null: there are none.
  files::FileSystems* files = nullptr;
};

// How a file is opened for writing (SFTP pflags, FTP verbs). Read-write and append are judged here.
struct OpenMode {
  bool read = false, write = false, append = false, create = false, truncate = false,
       exclusive = false;
  // Of a file that is made, where the server's Domain is EFS.
  std::optional<std::uint32_t> permissions = {};
  // "CREATE|TRUNCATE|WRITE": words in alphabetical order, as in logs and error texts.
  std::string to_string() const;
};

// A file open for reading. One call at a time. Keeps what it needs of its Session alive.
class Download {
 public:
  virtual ~Download() = default;
  // As they were when it was opened, or last looked at.
  virtual const FileAttributes& attributes() const = 0;
  // As they are now.
  virtual Task<Result<FileAttributes>> look() { co_return attributes(); }
  // As storage::ObjectReader.
  virtual Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into) = 0;
  virtual std::optional<Result<std::size_t>> try_read_at(std::uint64_t offset,
                                                         std::span<const iovec> into) = 0;
  // Of a file system's files, whatever their path has become meanwhile; elsewhere kUnsupported.
  virtual bool takes_attributes() const { return false; }
  virtual Task<Result<void>> set_attributes(AttributeChange change);
  // Writes the CLOSE line.
  virtual Task<Result<void>> close() = 0;
  // The connection was lost: writes PARTIAL_CLOSE.
  virtual Task<void> connection_lost() = 0;
};

// A file open for writing. One call at a time. Keeps what it needs of its Session alive; destroyed
// without close() or connection_lost(), it leaves nothing behind.
class Upload {
 public:
  virtual ~Upload() = default;
  // `offset` must be where the file now ends, else kUnsupported "AWS Transfer does not support
  // random access writes to S3 objects". After an error every further call fails likewise.
  // In an extended server it may be anywhere.
  virtual Task<Result<void>> write(std::uint64_t offset, std::span<const iovec> from) = 0;
  virtual FileAttributes attributes() const = 0;
  // As they are now.
  virtual Task<Result<FileAttributes>> look() { co_return attributes(); }
  // Whether a write that was answered may be handed on later, with those that follow it.
  virtual bool may_wait() const { return true; }
  // What was written is on the disk when it ends, if it goes there before close() at all.
  virtual Task<Result<void>> sync() { co_return ok(); }
  // ---- Of an extended server's files and of a file system's; elsewhere kUnsupported.
  virtual bool readable() const { return false; }
  virtual bool takes_attributes() const { return false; }
  // As Download::read_at; sees what was written.
  virtual Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into);
  // Of an object it takes effect with close().
  virtual Task<Result<void>> set_attributes(AttributeChange change);
  // Publishes the object; writes the CLOSE line or the ERROR line with operation CLOSE.
  virtual Task<Result<void>> close() = 0;
  // The connection was lost: what came is published; writes PARTIAL_CLOSE.
  virtual Task<void> connection_lost() = 0;
};

// One call at a time.
class DirectoryReader {
 public:
  virtual ~DirectoryReader() = default;
  // The next entries (at most `limit`); an empty list is the end.
  virtual Task<Result<std::vector<DirectoryEntry>>> next(std::uint32_t limit) = 0;
};

class Session {
 public:
  Session(SessionServices services, model::Server server, identity::Principal principal,
          ConnectionFacts facts);
  ~Session();

  // 20 hexadecimal digits.
  const std::string& id() const;
  const identity::Principal& principal() const;
  // The user as SharedQuota tells users apart.
  std::string user_key() const;

  // Writes CONNECTED.
  void connected();
  // Writes DISCONNECTED. REQUIRES: every Upload and Download was closed or told connection_lost().
  void disconnected();

  // Takes the session's place among its user's. Error: kLimitExceeded (the user has too many; the
  // ERROR line is written): end the connection with its message.
  Result<void> admit();
  // The server is extended (model/compatibility.h).
  bool extended() const;
  // The user's bandwidth: UserAccount::pace() and batch().
  std::chrono::nanoseconds pace(Flow flow, std::uint64_t bytes);
  std::size_t batch(Flow flow) const;

  // The directory that relative paths begin at: the home directory ("/" if none and LOGICAL).
  const std::string& home() const;
  // Absolute and lexically clean ("..", ".", "//" resolved; ".." stops at "/"). Errors:
  // kInvalidArgument (NUL, not UTF-8, longer than 1,024 bytes of key plus bucket). Where the
  // server's Domain is EFS links are followed as far as there is something, and kPermissionDenied
  // when the role may not mount the file system.
  Task<Result<std::string>> real_path(std::string path);

  // In an extended server a file that this session is writing looks as to Upload::attributes().
  // `follow`: of a link, what it points to.
  Task<Result<FileAttributes>> stat(std::string path, bool follow = true);
  Task<Result<std::unique_ptr<Download>>> open_download(std::string path);
  // In an extended server every mode is served. Elsewhere kUnsupported "Cannot open file in mode:
  // CREATE|READ|TRUNCATE|WRITE" and so on.
  Task<Result<std::unique_ptr<Upload>>> open_upload(std::string path, OpenMode mode);
  Task<Result<std::unique_ptr<DirectoryReader>>> open_directory(std::string path);
  // `permissions` where the server's Domain is EFS.
  Task<Result<void>> make_directory(std::string path,
                                    std::optional<std::uint32_t> permissions = {});
  Task<Result<void>> remove_directory(std::string path);
  Task<Result<void>> remove_file(std::string path);
  // `overwrite`: a file that is there is replaced; only in an extended server.
  Task<Result<void>> rename(std::string from, std::string to, bool overwrite = false);
  // SETSTAT and FSETSTAT: refused, or success without effect, by ProtocolDetails.SetStatOption. In
  // an extended server kept in the object's metadata (kept_attributes.h). A file system's files
  // take them as far as their user may. `follow`: of a link, what it points to.
  Task<Result<void>> set_attributes(std::string path, AttributeChange change = {},
                                    bool follow = true);
  // Of an extended server. Errors: kNotFound, kUnsupported.
  Task<Result<Volume>> volume(std::string path);
  // Symbolic links: kUnsupported and a line on S3, and where a user has logical directories.
  Task<Result<std::string>> read_link(std::string path);
  // `path` becomes a link to `target`.
  Task<Result<void>> make_link(std::string target, std::string path);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::session
