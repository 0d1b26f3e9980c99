// Sessions of servers whose Domain is EFS, with file systems that answer what a test wants.
#include <sys/stat.h>

#include <cerrno>
#include <functional>

#include "files/file_system.h"
#include "session/admission.h"
#include "session/testing/session_fixture.h"

namespace sallyport::session {
namespace {

using files::FileReply;
using files::FileRequest;
using files::FileVerb;

constexpr std::string_view kMountAndWrite =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["elasticfilesystem:ClientMount",
        "elasticfilesystem:ClientWrite"],"Resource":"*"}]})";

class ScriptedChannel final : public files::FileChannel {
 public:
  using Script = std::function<FileReply(const FileRequest&)>;
  explicit ScriptedChannel(Script& script) : script_(script) {}
  Task<Result<FileReply>> call(const FileRequest& request, int, UniqueFd&) override {
    co_return script_(request);
  }

 private:
  Script& script_;
};

class FileSessionTest : public testing::SessionTest {
 protected:
  FileSessionTest() {
    std::vector<std::unique_ptr<files::FileChannel>> channels;
    channels.push_back(std::make_unique<ScriptedChannel>(script_));
    std::vector<std::unique_ptr<files::FileSystem>> all;
    all.push_back(std::make_unique<files::FileSystem>("fs-00000001", std::move(channels), 1, true));
    systems_ = std::make_unique<files::FileSystems>(std::move(all), rights_);
    server.domain = "EFS";
    ann.home_directory = "/fs-00000001/ann";
    ann.posix_profile = model::PosixProfile{1001, 1002, {1003}};
    allow(kMountAndWrite);
  }
  Session& at() {
    if (made_ == nullptr) made_ = std::make_unique<Session>(services(), server, ann, facts);
    return *made_;
  }
  SessionServices services() {
    return {*store, authorizer, log, metrics, clock, random, &bus, site.get(), systems_.get()};
  }
  // What the log has of this session, without its CONNECTED line.
  std::vector<nlohmann::json> written() {
    state::LogQuery query;
    query.group = "/aws/transfer/" + server.id.str();
    std::vector<nlohmann::json> out;
    const auto found = wait(log.query(query));
    EXPECT_TRUE(found.ok());
    if (!found.ok()) return out;
    for (const state::LogLine& line : *found) {
      auto event = nlohmann::json::parse(line.message);
      if (event["activity-type"] != "CONNECTED") out.push_back(std::move(event));
    }
    return out;
  }
  void fail_with(int error) {
    script_ = [error](const FileRequest&) {
      FileReply reply;
      reply.error = static_cast<std::uint32_t>(error);
      return reply;
    };
  }

  ScriptedChannel::Script script_ = [this](const FileRequest& request) {
    asked_.push_back(request);
    return FileReply{};
  };
  std::vector<FileRequest> asked_;
  files::ActingRights rights_{true, 0, 0};
  std::unique_ptr<files::FileSystems> systems_;
  std::unique_ptr<Session> made_;
};

TEST_F(FileSessionTest, AsksAsTheUserAndBeneathTheFileSystem) {
  ASSERT_TRUE(wait(at().stat("a/../b")).ok());
  ASSERT_EQ(asked_.size(), 1u);
  EXPECT_EQ(asked_[0].who, (files::PosixIdentity{1001, 1002, {1003}}));
  EXPECT_EQ(asked_[0].at.base, "");
  EXPECT_EQ(asked_[0].at.path, "ann/b");
}

TEST_F(FileSessionTest, RootIsNobodyInEveryOfItsIds) {
  ann.posix_profile = model::PosixProfile{0, 0, {5, 0}};
  ASSERT_TRUE(wait(at().stat("a")).ok());
  EXPECT_EQ(asked_.at(0).who, (files::PosixIdentity{65534, 65534, {5, 65534}}));
}

TEST_F(FileSessionTest, ALinksTargetIsBoundedText) {
  const std::string longest(files::kMaxFilePath, 'a');
  ASSERT_TRUE(wait(at().make_link(longest, "l")).ok());
  ASSERT_EQ(asked_.size(), 1u);
  for (const std::string& target : {longest + "a", std::string("a\0b", 3), std::string("\xff")}) {
    const auto made = wait(at().make_link(target, "l"));
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().code, Errc::kInvalidArgument);
    EXPECT_EQ(asked_.size(), 1u);
  }
}

TEST_F(FileSessionTest, AMappingIsTheBaseOfWhatLiesBeneath) {
  make_logical({{"/in", "/fs-00000001/a/b"}});
  ASSERT_TRUE(wait(at().stat("/in/c/d", /*follow=*/false)).ok());
  EXPECT_EQ(asked_.at(0).at.base, "a/b");
  EXPECT_EQ(asked_.at(0).at.path, "c/d");
}

TEST_F(FileSessionTest, WhatTheDiskSaysReachesClientAndLog) {
  const std::pair<int, std::string> faults[] = {{EIO, "Input/output error"},
                                                {ENOSPC, "No space left on device"},
                                                {EDQUOT, "Disk quota exceeded"}};
  for (const auto& [error, words] : faults) {
    fail_with(error);
    const auto made = wait(at().make_directory("d"));
    expect_refused(made, Errc::kIo);
    EXPECT_EQ(made.error().message, words);
    const auto lines = written();
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.back()["message"], words);
    EXPECT_EQ(lines.back()["operation"], "MKDIR");
    EXPECT_FALSE(lines.back().contains("request-id"));
  }
}

TEST_F(FileSessionTest, WithoutTheRightsNothingIsAsked) {
  allow(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})");
  expect_refused(wait(at().real_path(".")), Errc::kPermissionDenied);
  expect_refused(wait(at().stat("a")), Errc::kPermissionDenied);
  expect_refused(wait(at().open_download("a")), Errc::kPermissionDenied);
  expect_refused(wait(at().make_directory("a")), Errc::kPermissionDenied);
  expect_refused(wait(at().make_link("a", "b")), Errc::kPermissionDenied);
  expect_refused(wait(at().read_link("a")), Errc::kPermissionDenied);
  expect_refused(wait(at().volume("a")), Errc::kPermissionDenied);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(FileSessionTest, WithoutTheRightToWriteNoChangeIsAsked) {
  allow(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",
           "Action":"elasticfilesystem:ClientMount","Resource":"*"}]})");
  expect_refused(wait(at().open_upload("a", {.write = true, .create = true})),
                 Errc::kPermissionDenied);
  expect_refused(wait(at().make_directory("a")), Errc::kPermissionDenied);
  expect_refused(wait(at().remove_directory("a")), Errc::kPermissionDenied);
  expect_refused(wait(at().remove_file("a")), Errc::kPermissionDenied);
  expect_refused(wait(at().rename("a", "b")), Errc::kPermissionDenied);
  expect_refused(wait(at().set_attributes("a")), Errc::kPermissionDenied);
  expect_refused(wait(at().make_link("a", "b")), Errc::kPermissionDenied);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(FileSessionTest, ASessionPolicyIsNotAppliedAndTheLogSaysSoOnce) {
  ann.policy = R"({"Version":"2012-10-17","Statement":[]})";
  at().connected();
  ASSERT_TRUE(wait(at().stat("a")).ok());
  ASSERT_TRUE(wait(at().stat("b")).ok());
  const auto lines = written();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0]["message"].get<std::string>().find("session policy is not applied"),
            std::string::npos);
}

TEST_F(FileSessionTest, TheRootsOfMappingsAndFileSystemsStay) {
  make_logical({{"/in", "/fs-00000001/a"}});
  expect_refused(wait(at().remove_directory("/in")), Errc::kPermissionDenied);
  expect_refused(wait(at().remove_file("/in")), Errc::kConflict);
  expect_refused(wait(at().rename("/in", "/in/x")), Errc::kPermissionDenied);
  expect_refused(wait(at().make_directory("/other")), Errc::kNotFound);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(FileSessionTest, TheFileOfAMappingMayBeRemoved) {
  make_logical({{"/r.csv", "/fs-00000001/a/r.csv", "FILE"}});
  ASSERT_TRUE(wait(at().remove_file("/r.csv")).ok());
  EXPECT_EQ(asked_.at(0).at.base, "a/r.csv");
}

TEST_F(FileSessionTest, OnlyUsableProfilesAreServed) {
  EXPECT_TRUE(can_be_served(services(), server, ann).ok());
  for (const auto& profile :
       {model::PosixProfile{-1, 1, {}}, model::PosixProfile{1, 4294967295, {}},
        model::PosixProfile{4294967296, 1, {}}, model::PosixProfile{1, 1, {-5}}}) {
    ann.posix_profile = profile;
    expect_refused(can_be_served(services(), server, ann), Errc::kInvalidArgument);
  }
  ann.posix_profile.reset();
  expect_refused(can_be_served(services(), server, ann), Errc::kInvalidArgument);
  server.domain = "S3";
  EXPECT_TRUE(can_be_served(services(), server, ann).ok());
}

TEST_F(FileSessionTest, WhoCannotBeActedAsIsNotServed) {
  systems_ = std::make_unique<files::FileSystems>(std::vector<std::unique_ptr<files::FileSystem>>(),
                                                  files::ActingRights{false, 1001, 1001});
  expect_refused(can_be_served(services(), server, ann), Errc::kUnsupported);
  ann.posix_profile->gid = 1001;
  EXPECT_TRUE(can_be_served(services(), server, ann).ok());
}

}  // namespace
}  // namespace sallyport::session
