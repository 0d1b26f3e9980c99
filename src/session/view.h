// What a user sees of the buckets: the real namespace (PATH) or his mappings (LOGICAL) (AWS
// Transfer Family user guide, "Using logical directories to simplify your directory structures").
// Pure, immutable, thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/principal.h"

namespace sallyport::session {

// Where a client's path leads.
struct Location {
  enum class Kind : std::uint8_t {
    kVirtual,  // a read-only level above mappings
    kBuckets,  // "/" of a PATH user: the buckets
    kObject,   // an object, a prefix, or (key empty) a whole bucket
  };
  Kind kind = Kind::kVirtual;
  std::string path;  // as the client says it, clean
  std::string bucket;
  std::string key;  // without a "/" at its end
  // The root of a mapping, or the user's home: it cannot be removed or renamed away.
  bool is_root = false;
  // The root of a mapping whose type is FILE.
  bool is_file = false;
  // How many bytes of the key are its mapping's target: what lies beneath cannot lead out of it.
  std::size_t mapped = 0;
  // A directory by configuration: nobody looks whether it is there.
  bool is_given = false;
  // Lists as empty, and not as missing, when there is nothing below it.
  bool may_be_empty = false;

  bool is_object() const { return kind == Kind::kObject; }
  // A directory whatever storage says.
  bool is_certain_directory() const { return kind != Kind::kObject || is_given; }
  // "key/", or "" for the whole bucket.
  std::string prefix() const { return key.empty() ? std::string() : key + "/"; }
  // What logs show: "/bucket/key", or the client's path where there is no bucket.
  std::string storage_path() const;
};

class View {
 public:
  // `optimized`: S3StorageOptions.DirectoryListingOptimization is ENABLED: the home directory and
  // the roots of mappings need not exist.
  View(const identity::Principal& principal, bool optimized);

  const std::string& home() const { return home_; }
  bool is_logical() const { return logical_; }

  // REQUIRES: `path` is clean. Errors: kNotFound (a LOGICAL path outside all mappings);
  // kInvalidArgument (a key over 1,024 bytes).
  Result<Location> resolve(std::string_view path) const;

  // What lies directly below a kVirtual location, in byte order.
  std::vector<Location> children(const Location& directory) const;

 private:
  struct Target {
    std::string bucket;
    std::string key;
    bool file = false;
  };
  Result<Location> resolve_real(std::string_view path) const;
  Result<Location> resolve_logical(std::string_view path) const;
  bool has_mappings_below(std::string_view path) const;

  std::string home_ = "/";
  bool logical_ = false;
  bool optimized_ = false;
  std::map<std::string, Target, std::less<>> mappings_;  // by clean entry
};

}  // namespace sallyport::session
