#include "files/file_messages.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <random>

#include "files/file_turns.h"

namespace sallyport::files {
namespace {

FileRequest full_request() {
  FileRequest out;
  out.verb = FileVerb::kRename;
  out.options = kOverwrite;
  out.who = {1001, 1002, {3, 4, 5}};
  out.at = {"home/ann", "a/b"};
  out.other = {"home/bob", "c"};
  out.open_flags = O_RDWR | O_CREAT;
  out.mode = 0640;
  out.cookie = 1ULL << 60;
  out.most = 77;
  out.change = {FileChange::kSize, 9, 0600, 1, 2, -5, 6};
  return out;
}

FileReply full_reply() {
  FileReply out;
  out.number = 7;
  out.status = {0100644, 1, 2, 3, 4, -5, 6};
  out.text = "text";
  out.entries = {{"a", {}}, {"", {}}, {"straße", {040755, 1, 1, 2, 0, 0, 0}}};
  out.cookie = 99;
  out.end = true;
  out.on_disk = true;
  out.volume = {1, 2, 3, 4, 5, 6, 7};
  return out;
}

TEST(FileMessages, ARequestReadsAsItWasWritten) {
  const FileRequest written = full_request();
  Bytes message = write_request(written);
  set_number(message, 42);
  const auto read = read_request(message);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->number, 42u);
  const FileRequest& got = read->request;
  EXPECT_EQ(got.verb, written.verb);
  EXPECT_EQ(got.options, written.options);
  EXPECT_EQ(got.who, written.who);
  EXPECT_EQ(got.at.base, "home/ann");
  EXPECT_EQ(got.at.path, "a/b");
  EXPECT_EQ(got.other.path, "c");
  EXPECT_EQ(got.open_flags, written.open_flags);
  EXPECT_EQ(got.mode, 0640u);
  EXPECT_EQ(got.cookie, 1ULL << 60);
  EXPECT_EQ(got.most, 77u);
  EXPECT_EQ(got.change.accessed, -5);
  EXPECT_EQ(write_request(got).size(), message.size());
}

TEST(FileMessages, AReplyReadsAsItWasWritten) {
  const auto read = read_reply(write_reply(full_reply()));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->number, 7u);
  EXPECT_EQ(read->status.accessed, -5);
  ASSERT_EQ(read->entries.size(), 3u);
  EXPECT_EQ(read->entries[2].name, "straße");
  EXPECT_EQ(read->entries[2].status.mode, 040755u);
  EXPECT_TRUE(read->end);
  EXPECT_TRUE(read->on_disk);
  EXPECT_EQ(read->volume.available_files, 7u);
}

TEST(FileMessages, ARefusalCarriesNothingElse) {
  FileReply reply = full_reply();
  reply.error = 13;
  const Bytes message = write_reply(reply);
  EXPECT_EQ(message.size(), 8u);
  const auto read = read_reply(message);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->error, 13u);
  EXPECT_TRUE(read->entries.empty());
}

TEST(FileMessages, EveryCutAndEveryByteTooManyIsCorrupt) {
  const Bytes request = write_request(full_request()), reply = write_reply(full_reply());
  for (std::size_t n = 0; n < request.size(); ++n)
    EXPECT_FALSE(read_request(ByteView(request).first(n)).ok()) << n;
  for (std::size_t n = 0; n < reply.size(); ++n)
    EXPECT_FALSE(read_reply(ByteView(reply).first(n)).ok()) << n;
  Bytes longer = request;
  longer.push_back(0);
  EXPECT_FALSE(read_request(longer).ok());
  longer = reply;
  longer.push_back(0);
  EXPECT_FALSE(read_reply(longer).ok());
}

TEST(FileMessages, WhatIsTooMuchIsCorrupt) {
  FileRequest request = full_request();
  request.at.path = std::string(kMaxFilePath + 1, 'a');
  EXPECT_FALSE(read_request(write_request(request)).ok());
  request = full_request();
  request.who.groups.assign(kMaxGroups + 1, 1);
  EXPECT_FALSE(read_request(write_request(request)).ok());
  Bytes unknown = write_request(full_request());
  unknown[4] = static_cast<std::uint8_t>(kLastVerb) + 1;
  EXPECT_FALSE(read_request(unknown).ok());
  FileReply reply = full_reply();
  reply.text = std::string(kMaxFilePath + 1, 'a');
  EXPECT_FALSE(read_reply(write_reply(reply)).ok());
}

// Every outcome is fine but reading beyond the end, which the sanitizers see.
TEST(FileMessages, HostileBytesAreBounded) {
  std::mt19937 random(7);
  const Bytes request = write_request(full_request()), reply = write_reply(full_reply());
  std::size_t read = 0;
  for (int i = 0; i < 20000; ++i) {
    Bytes a = request, b = reply;
    for (int k = 0; k < 4; ++k) {
      a[random() % a.size()] = static_cast<std::uint8_t>(random());
      b[random() % b.size()] = static_cast<std::uint8_t>(random());
    }
    const auto got = read_request(a);
    if (got.ok()) read += got->request.who.groups.size() <= kMaxGroups;
    const auto answer = read_reply(b);
    if (answer.ok()) read += answer->entries.size() <= kMaxFileMessage;
  }
  EXPECT_GT(read, 0u);
}

TEST(FileMessages, OnlyWhatDoesNoHarmIsRepeated) {
  FileRequest request;
  for (const auto verb : {FileVerb::kMakeDirectory, FileVerb::kRemoveDirectory,
                          FileVerb::kRemoveFile, FileVerb::kRename, FileVerb::kSymlink}) {
    request.verb = verb;
    EXPECT_FALSE(is_harmless_twice(request)) << static_cast<int>(verb);
  }
  request.verb = FileVerb::kOpen;
  EXPECT_TRUE(is_harmless_twice(request));
  for (const auto flags : {O_CREAT | O_EXCL, O_CREAT | O_TRUNC}) {
    request.open_flags = static_cast<std::uint32_t>(flags);
    EXPECT_FALSE(is_harmless_twice(request)) << flags;
  }
  request.verb = FileVerb::kChange;
  request.change.set = FileChange::kMode;
  EXPECT_TRUE(is_harmless_twice(request));
  request.change.set |= FileChange::kSize;
  EXPECT_FALSE(is_harmless_twice(request));
}

TEST(FileTurns, WhatWasAnsweredIsNotDoneAgainAndWhatWasLostOnlyWithoutHarm) {
  FileTurns turns;
  NumberedRequest change{1, {}}, look{1, {}};
  change.request.verb = FileVerb::kRemoveFile;
  EXPECT_EQ(turn_of(turns, change), FileTurn::kDo);
  turns.begun = 1;
  EXPECT_EQ(turn_of(turns, change), FileTurn::kLost);
  EXPECT_EQ(turn_of(turns, look), FileTurn::kDo);
  turns.answered = 1;
  EXPECT_EQ(turn_of(turns, change), FileTurn::kAnswered);
  EXPECT_EQ(turn_of(turns, look), FileTurn::kAnswered);
  change.number = 2;
  EXPECT_EQ(turn_of(turns, change), FileTurn::kDo);
}

}  // namespace
}  // namespace sallyport::files
