#include "process/file_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "net/loop.h"
#include "process/testing/forked.h"

namespace sallyport::process {
namespace {

using files::FileReply;
using files::FileRequest;
using files::FileVerb;

class FileProcessTest : public ::testing::Test {
 protected:
  FileProcessTest() {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    FileOptions options;
    options.processes = 1;
    auto started = FileProcess::start({{"fs-00000001", folder_}}, options);
    EXPECT_TRUE(started.ok()) << started.error().message;
    process_ = std::move(*started);
    channels_ = process_->take_channels();
  }
  ~FileProcessTest() override {
    channels_.clear();
    process_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  Result<FileReply> ask(FileVerb verb, std::string path, std::uint32_t open_flags = 0) {
    FileRequest request;
    request.verb = verb;
    request.at.path = std::move(path);
    request.mode = 0700;
    request.open_flags = open_flags;
    request.who = {
        static_cast<std::uint32_t>(::geteuid()), static_cast<std::uint32_t>(::getegid()), {}};
    return net::sync_wait(channels_.front().channels.front()->call(request, -1, got_));
  }
  pid_t worker() const {
    for (;;) {
      const auto children = testing::children_of(process_->watcher());
      if (!children.empty()) return children.front();
    }
  }

  std::string folder_ = ::testing::TempDir() + "/file-process-XXXXXX";
  std::unique_ptr<FileProcess> process_;
  std::vector<FileProcess::Channels> channels_;
  UniqueFd got_;
};

TEST_F(FileProcessTest, HandsOutOpenFiles) {
  const auto opened = ask(FileVerb::kOpen, "a", O_RDWR | O_CREAT);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  ASSERT_EQ(opened->error, 0u);
  ASSERT_TRUE(got_.valid());
  EXPECT_EQ(::pwrite(got_.get(), "x", 1, 0), 1);
  EXPECT_EQ(std::filesystem::file_size(folder_ + "/a"), 1u);
}

TEST_F(FileProcessTest, CutsModesAsOpensshDoes) {
  ASSERT_EQ(ask(FileVerb::kMakeDirectory, "d")->error, 0u);
  struct stat made {};
  ASSERT_EQ(::stat((folder_ + "/d").c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777, 0700u);
}

TEST_F(FileProcessTest, GoesOnAfterADeath) {
  for (int i = 0; i < 3; ++i) {
    const pid_t before = worker();
    ASSERT_EQ(::kill(before, SIGKILL), 0);
    const auto seen = ask(FileVerb::kStat, "");
    ASSERT_TRUE(seen.ok()) << seen.error().message;
    EXPECT_EQ(seen->error, 0u);
  }
  EXPECT_TRUE(process_->alive());
}

TEST_F(FileProcessTest, DoesWhatWasAskedOfADeadOneThatHadNotBegun) {
  for (const char* name : {"a", "b", "c"}) {
    ASSERT_EQ(::kill(worker(), SIGKILL), 0);
    const auto made = ask(FileVerb::kMakeDirectory, name);
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(made->error, 0u) << name;
    EXPECT_TRUE(std::filesystem::is_directory(folder_ + "/" + name));
  }
}

TEST_F(FileProcessTest, RefusesWhatItCannotReadAndLives) {
  const pid_t before = worker();
  for (const std::size_t length : {std::size_t{4096}, std::size_t{40000}}) {
    const auto answered = ask(FileVerb::kStat, std::string(length, 'a'));
    ASSERT_TRUE(answered.ok()) << answered.error().message;
    EXPECT_EQ(answered->error, std::uint32_t{EINVAL});
  }
  EXPECT_EQ(worker(), before);
}

TEST_F(FileProcessTest, EveryVerbPassesTheFilterOfSystemCalls) {
  for (int verb = 1; verb <= static_cast<int>(files::kLastVerb); ++verb) {
    const pid_t before = worker();
    const auto answered = ask(static_cast<FileVerb>(verb), "none/none");
    ASSERT_TRUE(answered.ok()) << verb;
    EXPECT_EQ(worker(), before) << verb;
  }
}

TEST_F(FileProcessTest, EndsWithItsChannels) {
  channels_.clear();
  const pid_t watcher = process_->watcher();
  process_.reset();
  EXPECT_NE(::kill(watcher, 0), 0);
}

}  // namespace
}  // namespace sallyport::process
