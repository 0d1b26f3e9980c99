#include "files/file_box.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "files/beneath.h"

namespace sallyport::files {
namespace {

namespace fs = std::filesystem;

class FileBoxTest : public ::testing::Test {
 protected:
  FileBoxTest() : root_(make_folder()), box_(root_, *ActingAs::from_this_process()) {
    me_ = {static_cast<std::uint32_t>(::geteuid()), static_cast<std::uint32_t>(::getegid()), {}};
  }
  ~FileBoxTest() override {
    std::error_code ignored;
    fs::remove_all(fs::path(root_).parent_path(), ignored);
  }
  static std::string make_folder() {
    std::string path = ::testing::TempDir() + "/file-box-XXXXXX";
    EXPECT_NE(::mkdtemp(path.data()), nullptr);
    ::chmod(path.c_str(), 0755);
    fs::create_directory(path + "/root");
    return path + "/root";
  }

  FileReply ask(FileVerb verb, FilePlace at, FileRequest rest = {}, UniqueFd given = {}) {
    rest.verb = verb;
    rest.at = std::move(at);
    if (rest.who == PosixIdentity{}) rest.who = me_;
    auto answer = box_.answer({5, rest}, given);
    EXPECT_EQ(answer.reply.number, 5u);
    got_ = std::move(answer.file);
    return answer.reply;
  }
  std::uint32_t error_of(FileVerb verb, FilePlace at, FileRequest rest = {}) {
    return ask(verb, std::move(at), std::move(rest)).error;
  }

  std::string root_;
  FileBox box_;
  PosixIdentity me_;
  UniqueFd got_;
};

TEST_F(FileBoxTest, LeadsNobodyOut) {
  std::ofstream(root_ + "/../secret") << "s";
  fs::create_symlink("..", root_ + "/up");
  fs::create_symlink("/etc", root_ + "/etc");
  fs::create_symlink("/", root_ + "/slash");
  fs::create_symlink("/proc/self/cwd", root_ + "/magic");
  for (const char* path :
       {"../secret", "up/secret", "etc/passwd", "slash", "magic", "..", "/etc/passwd"}) {
    FileRequest follow;
    follow.options = kFollow;
    EXPECT_EQ(error_of(FileVerb::kStat, {"", path}, follow), std::uint32_t{EACCES}) << path;
    EXPECT_EQ(error_of(FileVerb::kOpen, {"", path}), std::uint32_t{EACCES}) << path;
    EXPECT_EQ(error_of(FileVerb::kOpenDirectory, {"", path}), std::uint32_t{EACCES}) << path;
    EXPECT_FALSE(got_.valid());
    EXPECT_NE(error_of(FileVerb::kRealPath, {"", path}), 0u) << path;
  }
  for (const char* path : {"../new", "up/new", "slash/new", "up/.."}) {
    EXPECT_NE(error_of(FileVerb::kMakeDirectory, {"", path}), 0u) << path;
    EXPECT_NE(error_of(FileVerb::kRemoveFile, {"", path}), 0u) << path;
  }
  EXPECT_FALSE(fs::exists(root_ + "/../new"));
  EXPECT_TRUE(fs::exists(root_ + "/../secret"));
}

TEST_F(FileBoxTest, LeadsNobodyOutOfABase) {
  fs::create_directories(root_ + "/home/ann");
  std::ofstream(root_ + "/home/other") << "s";
  fs::create_symlink("../other", root_ + "/home/ann/up");
  fs::create_symlink("other", root_ + "/home/beside");
  FileRequest follow;
  follow.options = kFollow;
  EXPECT_EQ(error_of(FileVerb::kStat, {"home/ann", "up"}, follow), std::uint32_t{EACCES});
  EXPECT_EQ(error_of(FileVerb::kStat, {"home/ann", "../other"}, follow), std::uint32_t{EACCES});
  EXPECT_EQ(error_of(FileVerb::kStat, {"home", "beside"}, follow), 0u);
  EXPECT_EQ(error_of(FileVerb::kStat, {"home/other", ""}), 0u);
}

TEST_F(FileBoxTest, RefusesLastComponentsThatAreNone) {
  fs::create_directory(root_ + "/d");
  EXPECT_EQ(error_of(FileVerb::kRemoveDirectory, {"", ""}), std::uint32_t{EBUSY});
  for (const char* path : {".", "..", "d/.", "d/..", "d/"})
    EXPECT_EQ(error_of(FileVerb::kRemoveDirectory, {"", path}), std::uint32_t{EINVAL}) << path;
  EXPECT_EQ(error_of(FileVerb::kMakeDirectory, {"", std::string("a\0b", 3)}),
            std::uint32_t{EINVAL});
  EXPECT_TRUE(fs::is_directory(root_ + "/d"));
}

TEST_F(FileBoxTest, ReadsADirectoryInPieces) {
  for (int i = 0; i < 50; ++i) std::ofstream(root_ + "/f" + std::to_string(i)) << "x";
  ASSERT_EQ(error_of(FileVerb::kOpenDirectory, {}), 0u);
  UniqueFd directory = std::move(got_);
  std::set<std::string> names;
  FileRequest next;
  next.most = 7;
  for (int i = 0; i < 100; ++i) {
    const FileReply reply =
        ask(FileVerb::kReadDirectory, {}, next, UniqueFd(::dup(directory.get())));
    ASSERT_EQ(reply.error, 0u);
    EXPECT_LE(reply.entries.size(), 7u);
    for (const FileEntry& entry : reply.entries) EXPECT_TRUE(names.insert(entry.name).second);
    next.cookie = reply.cookie;
    if (reply.end) break;
  }
  EXPECT_EQ(names.size(), 50u);
}

TEST_F(FileBoxTest, RenamesOntoNothingUnlessItIsSaid) {
  std::ofstream(root_ + "/a") << "a";
  std::ofstream(root_ + "/b") << "b";
  FileRequest to;
  to.other = {"", "b"};
  EXPECT_EQ(error_of(FileVerb::kRename, {"", "a"}, to), std::uint32_t{EEXIST});
  to.options = kOverwrite;
  EXPECT_EQ(error_of(FileVerb::kRename, {"", "a"}, to), 0u);
  EXPECT_FALSE(fs::exists(root_ + "/a"));
}

TEST_F(FileBoxTest, TellsWhereLinksLead) {
  fs::create_directories(root_ + "/d/e");
  fs::create_symlink("d", root_ + "/l");
  EXPECT_EQ(ask(FileVerb::kRealPath, {"", "l/e"}).text, "d/e");
  EXPECT_EQ(ask(FileVerb::kRealPath, {"", ""}).text, "");
  EXPECT_EQ(ask(FileVerb::kReadLink, {"", "l"}).text, "d");
  EXPECT_EQ(error_of(FileVerb::kReadLink, {"", "d"}), std::uint32_t{EINVAL});
  FileRequest none;
  none.options = kNoLinks;
  EXPECT_EQ(error_of(FileVerb::kRealPath, {"", "l/e"}, none), std::uint32_t{ELOOP});
}

TEST_F(FileBoxTest, ATimeThatIsTooLateIsTheLastOne) {
  std::ofstream(root_ + "/a") << "a";
  const timespec late{13'569'465'600, 0};  // 2400
  const timespec times[2] = {late, late};
  ASSERT_EQ(::utimensat(AT_FDCWD, (root_ + "/a").c_str(), times, 0), 0);
  struct stat kept {};
  ASSERT_EQ(::stat((root_ + "/a").c_str(), &kept), 0);
  if (kept.st_mtim.tv_sec != late.tv_sec) GTEST_SKIP() << "the file system keeps no such time";
  EXPECT_EQ(ask(FileVerb::kStat, {"", "a"}).status.modified / 1'000'000'000, 9'223'372'035);
}

TEST_F(FileBoxTest, OpensNothingButFiles) {
  ASSERT_EQ(::mkfifo((root_ + "/pipe").c_str(), 0600), 0);
  fs::create_directory(root_ + "/d");
  EXPECT_EQ(error_of(FileVerb::kOpen, {"", "pipe"}), std::uint32_t{EACCES});
  EXPECT_EQ(error_of(FileVerb::kOpen, {"", "d"}), std::uint32_t{EISDIR});
  EXPECT_FALSE(got_.valid());
}

TEST_F(FileBoxTest, WhatSomebodyElseLaidReadyIsLeftToTheKernelToRefuse) {
  if (::geteuid() != 0) GTEST_SKIP() << "acting as others needs root";
  int level = 0;
  std::ifstream("/proc/sys/fs/protected_regular") >> level;
  FileRequest open;
  open.open_flags = O_WRONLY | O_CREAT | O_TRUNC;
  open.mode = 0644;
  open.who = {1001, 1001, {}};
  for (const mode_t mode : {0777, 01777}) {
    const std::string folder = root_ + "/" + std::to_string(mode);
    fs::create_directory(folder);
    std::ofstream(folder + "/x") << "before";
    ASSERT_EQ(::chmod(folder.c_str(), mode), 0);
    ASSERT_EQ(::chmod((folder + "/x").c_str(), 0666), 0);
    ASSERT_EQ(::chown((folder + "/x").c_str(), 1002, 1002), 0);
    const bool refused = level > 0 && (mode & S_ISVTX) != 0;
    EXPECT_EQ(error_of(FileVerb::kOpen, {"", std::to_string(mode) + "/x"}, open),
              std::uint32_t(refused ? EACCES : 0));
    EXPECT_EQ(fs::file_size(folder + "/x"), refused ? 6u : 0u);
  }
}

// Who waits for a reader of a pipe: his write comes through, or -1.
class WaitingWriter {
 public:
  explicit WaitingWriter(std::string path)
      : thread_([this, path = std::move(path)] {
          task_ = static_cast<pid_t>(::syscall(SYS_gettid));
          const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
          written_ = ::write(fd.get(), "x", 1);
        }) {}
  void until_it_waits() const {
    for (std::string state; state != "S";) {
      std::ifstream stat("/proc/self/task/" + std::to_string(task_.load()) + "/stat");
      std::string rest;
      std::getline(stat, rest, ')');
      stat >> state;
      std::this_thread::yield();
    }
  }
  ssize_t end() {
    thread_.join();
    return written_;
  }

 private:
  std::atomic<pid_t> task_{0};
  ssize_t written_ = 0;
  std::thread thread_;
};

TEST_F(FileBoxTest, ARefusedPipeIsNotOpened) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::string path = root_ + "/pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  WaitingWriter writer(path);
  writer.until_it_waits();
  for (const int flags : {O_RDONLY, O_RDWR, O_RDWR | O_CREAT | O_TRUNC}) {
    FileRequest open;
    open.open_flags = static_cast<std::uint32_t>(flags);
    EXPECT_EQ(error_of(FileVerb::kOpen, {"", "pipe"}, open), std::uint32_t{EACCES});
  }
  FileRequest cut;
  cut.change.set = FileChange::kSize;
  EXPECT_EQ(error_of(FileVerb::kChange, {"", "pipe"}, cut), std::uint32_t{EACCES});
  EXPECT_EQ(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC), -1) << "it has had no reader";
  const UniqueFd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  EXPECT_EQ(writer.end(), 1);
}

TEST_F(FileBoxTest, WhatIsThereIsOpenedWithTheRightsThatItHas) {
  FileRequest open;
  open.open_flags = O_RDWR | O_CREAT;
  open.mode = 0600;
  ASSERT_EQ(error_of(FileVerb::kOpen, {"", "a"}, open), 0u);
  ASSERT_EQ(::write(got_.get(), "abc", 3), 3);
  open.open_flags = O_RDWR | O_CREAT | O_EXCL;
  EXPECT_EQ(error_of(FileVerb::kOpen, {"", "a"}, open), std::uint32_t{EEXIST});
  open.open_flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
  EXPECT_EQ(ask(FileVerb::kOpen, {"", "a"}, open).status.size, 0u);
  EXPECT_EQ(::fcntl(got_.get(), F_GETFL) & (O_ACCMODE | O_APPEND), O_WRONLY | O_APPEND);
  fs::create_symlink("to/come", root_ + "/dangling");
  EXPECT_EQ(error_of(FileVerb::kOpen, {"", "dangling"}), std::uint32_t{ENOENT});
  fs::create_directory(root_ + "/to");
  EXPECT_EQ(error_of(FileVerb::kOpen, {"", "dangling"}, open), 0u);
  EXPECT_TRUE(fs::exists(root_ + "/to/come"));
  if (::geteuid() != 0) return;
  open.who = {1001, 1001, {}};
  EXPECT_EQ(error_of(FileVerb::kOpen, {"", "a"}, open), std::uint32_t{EACCES});
}

TEST_F(FileBoxTest, SaysWhenTheDirectoryItselfIsMissing) {
  FileBox gone(root_ + "/none", *ActingAs::from_this_process());
  FileRequest request;
  request.who = me_;
  const UniqueFd none;
  EXPECT_EQ(gone.answer({1, request}, none).reply.error, std::uint32_t{ENODEV});
}

TEST_F(FileBoxTest, ActsAsNobodyWhoIsNoId) {
  FileRequest request;
  request.who = {0xffffffff, 1, {}};
  EXPECT_EQ(error_of(FileVerb::kStat, {}, request), std::uint32_t{EPERM});
  request.who = {1, 0xffffffff, {}};
  EXPECT_EQ(error_of(FileVerb::kStat, {}, request), std::uint32_t{EPERM});
}

TEST_F(FileBoxTest, ActsAsTheUserAndIsItselfAfterwards) {
  if (::geteuid() != 0) GTEST_SKIP() << "acting as other users needs root";
  fs::create_directory(root_ + "/ann");
  ASSERT_EQ(::chown((root_ + "/ann").c_str(), 1001, 1001), 0);
  ::chmod((root_ + "/ann").c_str(), 0700);
  FileRequest as;
  as.who = {1001, 1001, {2001}};
  EXPECT_EQ(error_of(FileVerb::kMakeDirectory, {"", "ann/d"}, as), 0u);
  EXPECT_EQ(error_of(FileVerb::kMakeDirectory, {"", "d"}, as), std::uint32_t{EACCES});
  as.who = {1002, 1002, {}};
  EXPECT_EQ(error_of(FileVerb::kStat, {"", "ann/d"}, as), std::uint32_t{EACCES});
  as.who = {1002, 1002, {1001}};
  EXPECT_EQ(error_of(FileVerb::kStat, {"", "ann/d"}, as), std::uint32_t{EACCES});
  struct stat made {};
  ASSERT_EQ(::stat((root_ + "/ann/d").c_str(), &made), 0);
  EXPECT_EQ(made.st_uid, 1001u);
  EXPECT_EQ(::chown((root_ + "/ann/d").c_str(), 7, 7), 0) << "the process has its rights again";
}

TEST_F(FileBoxTest, ChangesNoDescriptorOfAnythingElse) {
  const std::string outside = root_ + "/../secret", inside = root_ + "/a";
  for (const std::string& path : {outside, inside}) {
    std::ofstream(path) << "s";
    ::chmod(path.c_str(), 0644);
  }
  FileRequest change;
  change.change.set = FileChange::kMode;
  change.change.mode = 0606;
  const auto changed = [&](const std::string& path, int flags) {
    return ask(FileVerb::kChange, {}, change, UniqueFd(::open(path.c_str(), flags | O_CLOEXEC)))
        .error;
  };
  EXPECT_EQ(changed(outside, O_PATH), std::uint32_t{EBADF});
  EXPECT_EQ(changed(outside, O_RDWR), std::uint32_t{EACCES});
  EXPECT_EQ(changed(inside, O_PATH), std::uint32_t{EBADF});
  EXPECT_EQ(changed(root_, O_RDONLY | O_DIRECTORY), std::uint32_t{EACCES});
  struct stat now {};
  ASSERT_EQ(::stat(outside.c_str(), &now), 0);
  EXPECT_EQ(now.st_mode & 07777, 0644u);
  EXPECT_EQ(changed(inside, O_RDWR), 0u);
  ASSERT_EQ(::stat(inside.c_str(), &now), 0);
  EXPECT_EQ(now.st_mode & 07777, 0606u);
}

TEST_F(FileBoxTest, ChangesAFileThatMovedOrIsGoneForItsOwnerOnly) {
  fs::create_directory(root_ + "/d");
  std::ofstream(root_ + "/a") << "s";
  const UniqueFd file(::open((root_ + "/a").c_str(), O_RDWR | O_CLOEXEC));
  FileRequest change;
  change.change.set = FileChange::kModified;
  const auto changed = [&](PosixIdentity who) {
    change.who = std::move(who);
    return ask(FileVerb::kChange, {}, change, UniqueFd(::dup(file.get()))).error;
  };
  fs::rename(root_ + "/a", root_ + "/d/b");
  EXPECT_EQ(changed(me_), 0u);
  fs::rename(root_ + "/d/b", root_ + "/../b");
  EXPECT_EQ(changed(me_), std::uint32_t{EACCES});
  fs::remove(root_ + "/../b");
  EXPECT_EQ(changed(me_), 0u);
  EXPECT_EQ(changed({1001, 1001, {}}), std::uint32_t{EPERM});
}

TEST_F(FileBoxTest, AChangeOfADescriptorThatWasLostChangesNothing) {
  FileRequest change;
  change.options = kOfDescriptor;
  change.change.set = FileChange::kMode;
  change.change.mode = 0700;
  ::chmod(root_.c_str(), 0755);
  EXPECT_EQ(error_of(FileVerb::kChange, {}, change), std::uint32_t{EBADF});
  struct stat now {};
  ASSERT_EQ(::stat(root_.c_str(), &now), 0);
  EXPECT_EQ(now.st_mode & 07777, 0755u);
}

TEST_F(FileBoxTest, ListsNoDirectoryFromElsewhere) {
  FileRequest next;
  next.most = 7;
  const auto listed = [&](const std::string& path, int flags) {
    return ask(FileVerb::kReadDirectory, {}, next,
               UniqueFd(::open(path.c_str(), flags | O_CLOEXEC)))
        .error;
  };
  EXPECT_EQ(listed(root_ + "/..", O_RDONLY | O_DIRECTORY), std::uint32_t{EACCES});
  EXPECT_EQ(listed(root_, O_PATH | O_DIRECTORY), std::uint32_t{EBADF});
  EXPECT_EQ(listed(root_, O_RDONLY | O_DIRECTORY), 0u);
}

TEST_F(FileBoxTest, MakesNoFileThatRunsAsItsOwner) {
  FileRequest open;
  open.open_flags = O_RDWR | O_CREAT;
  open.mode = 06700;
  ASSERT_EQ(error_of(FileVerb::kOpen, {"", "a"}, open), 0u);
  struct stat now {};
  ASSERT_EQ(::stat((root_ + "/a").c_str(), &now), 0);
  EXPECT_EQ(now.st_mode & 07000, 0u);
  FileRequest change;
  change.change.set = FileChange::kMode;
  change.change.mode = 06711;
  ASSERT_EQ(error_of(FileVerb::kChange, {"", "a"}, change), 0u);
  ASSERT_EQ(::stat((root_ + "/a").c_str(), &now), 0);
  EXPECT_EQ(now.st_mode & 07777, 0711u);
}

TEST_F(FileBoxTest, LetsRootAloneChangeModesWhereThatIsSaid) {
  std::ofstream(root_ + "/a") << "a";
  ::chmod((root_ + "/a").c_str(), 0644);
  FileRequest change;
  change.who = me_;
  change.options = kRootChangesModes;
  change.change.set = FileChange::kMode;
  change.change.mode = 0644;
  EXPECT_EQ(error_of(FileVerb::kChange, {"", "a"}, change), 0u) << "it is so already";
  if (::geteuid() != 0) {
    change.change.mode = 0600;
    EXPECT_EQ(error_of(FileVerb::kChange, {"", "a"}, change), std::uint32_t{EPERM});
    return;
  }
  ASSERT_EQ(::chown((root_ + "/a").c_str(), 1001, 1001), 0);
  change.change.mode = 0600;
  change.who = {1001, 1001, {}};
  EXPECT_EQ(error_of(FileVerb::kChange, {"", "a"}, change), std::uint32_t{EPERM});
  change.who = me_;
  EXPECT_EQ(error_of(FileVerb::kChange, {"", "a"}, change), 0u);
}

TEST(Beneath, IsThere) {
  EXPECT_TRUE(check_beneath().ok());
}

}  // namespace
}  // namespace sallyport::files
