// What the program knows of the machine it runs on, for `sallyport doctor`. Plain data.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::api {

struct HostFacts {
  struct File {
    std::string path;
    bool exists = false;
    bool private_mode = false;  // nobody but the owner may read or write it
    unsigned mode = 0;          // permission bits
  };

  std::string data_dir;
  std::uint64_t free_bytes = 0;
  std::uint64_t total_bytes = 0;  // 0: not known
  // The data folder and the files in it that hold secrets.
  std::vector<File> files;
  // Time stamp of a file just written minus the program's clock; unset: `write_error` says why.
  std::optional<std::chrono::milliseconds> file_clock;
  std::string write_error;

  // Those of servers whose Domain is EFS, and whom the program can act as on them.
  struct FileSystem {
    std::string id, path;
    bool exists = false;
    std::string fault;  // why it cannot be meant ("holds the data folder"); "": it can
  };
  struct FileSystems {
    std::vector<FileSystem> all;
    bool acts_as_anybody = false;
    std::int64_t uid = 0, gid = 0;  // its own
  };
  FileSystems file_systems;
};

}  // namespace sallyport::api
