// The data folder: made with mode 0700, locked by one process at a time, and holding what is
// generated once: root credentials and master key (mode 0600).
#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/unique_fd.h"
#include "config/settings.h"

namespace sallyport::app {

struct RootKey {
  std::string access_key_id;
  SecretString secret_access_key;
};

class DataDir {
 public:
  // Makes the folder if need be and takes its lock. Errors: kConflict (another process serves from
  // it), kPermissionDenied, kIo.
  static Result<DataDir> open(const std::string& path);

  // Lets another process serve from it, though this one still has it open. May be called twice.
  void unlock();

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  DataDir(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;
  UniqueFd lock_;
};

// The settings' root credentials if both are given, else those of DATA_DIR/credentials (AWS shared
// credentials format, profile "default"), which is generated when it is not there.
// Errors: kInvalidArgument (one of the two is missing, or the file is malformed), kIo.
Result<RootKey> root_key(const config::Settings& settings, const DataDir& dir, Random& random);

// 32 bytes: the settings' master key, else DATA_DIR/master.key, generated when it is not there.
// Errors: kInvalidArgument (not 64 hexadecimal digits), kIo.
Result<SecretString> master_key(const config::Settings& settings, const DataDir& dir, Random& random);

}  // namespace sallyport::app
