// For tests: a temporary folder and OpenSSH's ssh-keygen run inside it.
#pragma once

#include <stdlib.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace sallyport::ssh {

// A folder that is removed with everything in it at the end of the scope.
class TestFolder {
 public:
  TestFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "sallyport-ssh-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string path(std::string_view name) const { return (path_ / name).string(); }

  std::string read(std::string_view name) const {
    std::ifstream in(path(name), std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(in)), {});
  }

  // Private to the owner, as ssh-keygen insists for private keys.
  std::string write(std::string_view name, std::string_view content) const {
    const std::string file = path(name);
    std::ofstream(file, std::ios::binary | std::ios::trunc)
        .write(content.data(), long(content.size()));
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return file;
  }

 private:
  std::filesystem::path path_;
};

struct CommandResult {
  int exit_code;
  std::string output;  // what went to standard output
};

// Runs a shell command with no terminal and no input.
inline CommandResult run(const std::string& command) {
  CommandResult result{-1, {}};
  FILE* pipe = ::popen((command + " </dev/null 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 4096> buffer;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe))
    result.output.append(buffer.data(), n);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  return result;
}

// `ssh-keygen ARGUMENTS`.
inline CommandResult keygen(const std::string& arguments) {
  return run("ssh-keygen " + arguments);
}

// The second word of `ssh-keygen -lf FILE`: "SHA256:…".
inline std::string keygen_fingerprint(const std::string& file) {
  const std::string line = keygen("-lf " + file).output;
  const std::size_t at = line.find(' ');
  if (at == std::string::npos) return {};
  return line.substr(at + 1, line.find(' ', at + 1) - at - 1);
}

// "<type> <base64>" of a line that may carry a comment and a newline.
inline std::string without_comment(std::string_view line) {
  const std::size_t first = line.find(' ');
  if (first == std::string_view::npos) return std::string(line);
  return std::string(line.substr(0, line.find_first_of(" \n", first + 1)));
}

}  // namespace sallyport::ssh
