#include "session/testing/session_fixture.h"

namespace sallyport::session {
namespace {

using testing::SessionTest;
using ListedNames = std::vector<std::string>;

TEST_F(SessionTest, ListsFilesPrefixesAndMarkers) {
  objects.put("demo", "ann/", "");
  objects.put("demo", "ann/b", "22");
  objects.put("demo", "ann/a/", "");
  objects.put("demo", "ann/c/x", "1");
  objects.put("demo", "ann/c/y/z", "1");
  objects.put("demo", "annex/q", "1");
  EXPECT_EQ(*list("."), (ListedNames{"a/", "b", "c/"}));
  EXPECT_EQ(*list("c"), (ListedNames{"x", "y/"}));
  EXPECT_EQ(*list("/demo"), (ListedNames{"ann/", "annex/"}));
  EXPECT_TRUE(lines().empty());
}

TEST_F(SessionTest, ListsInPagesOfAnySize) {
  objects.put("demo", "ann/", "");
  ListedNames expected;
  for (char c = 'a'; c <= 'z'; ++c) {
    const bool directory = c % 3 == 0;
    objects.put("demo", std::string("ann/") + c + (directory ? "/x" : ""), "1");
    if (directory) objects.put("demo", std::string("ann/") + c + "/y", "1");
    expected.push_back(std::string(1, c) + (directory ? "/" : ""));
  }
  for (const std::uint32_t limit : {1u, 2u, 5u, 26u, 1000u}) EXPECT_EQ(*list(".", limit), expected);
}

TEST_F(SessionTest, HidesKeysThatNoPathCanName) {
  for (const char* key : {"ann/./x", "ann/../x", "ann//x", "ann/ok"}) objects.put("demo", key, "1");
  EXPECT_EQ(*list("."), ListedNames{"ok"});
}

TEST_F(SessionTest, FailsInTheReadingOfADirectoryThatIsMissing) {
  auto reader = wait(session().open_directory("missing"));
  ASSERT_TRUE(reader.ok());
  EXPECT_TRUE(objects.calls.empty());
  expect_refused(wait((*reader)->next(10)), Errc::kNotFound);
  expect_refused(wait((*reader)->next(10)), Errc::kNotFound);
  EXPECT_TRUE(lines().empty());
  EXPECT_EQ(*list("/demo"), ListedNames{});  // an empty bucket is an empty directory
}

TEST_F(SessionTest, SaysErrorPerformingReaddirOfAMissingBucket) {
  EXPECT_TRUE(wait(session().stat("/test123"))->directory);
  EXPECT_TRUE(objects.calls.empty());
  const auto failed = list("/test123");
  expect_refused(failed, Errc::kIo);
  EXPECT_EQ(failed.error().reason, "NoSuchBucket");
  const auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(keys_of(written[0]),
            (std::set<std::string>{"activity-type", "resource-arn", "message", "session-id"}));
  EXPECT_EQ(written[0]["activity-type"], "ERROR");
  EXPECT_EQ(written[0]["message"], "Error performing readdir");
}

TEST_F(SessionTest, ShowsBucketsToPathUsersWhoMayListThem) {
  objects.buckets["second"];
  ann.home_directory = "";
  EXPECT_EQ(*list("/"), (ListedNames{"demo/", "second/"}));
  allow(R"({"Statement":[{"Effect":"Allow","Action":"s3:*Object","Resource":"*"}]})");
  expect_refused(list("/"), Errc::kPermissionDenied);
  EXPECT_EQ(lines().at(0)["message"], "Access denied");
  expect_refused(wait(session().open_upload("/file", kPut)), Errc::kPermissionDenied);
}

constexpr std::string_view kWriteAndList =
    R"({"Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:ListBucket"],"Resource":"*"}]})";

TEST_F(SessionTest, DeniesListingMarkersToWhoMayNotReadThem) {
  allow(kWriteAndList);
  objects.put("demo", "ann/a", "1");
  objects.put("demo", "ann/implied/x", "1");
  EXPECT_EQ(*list("."), (ListedNames{"a", "implied/"}));
  objects.put("demo", "ann/marked/", "");
  expect_refused(list("."), Errc::kPermissionDenied);
  EXPECT_EQ(lines().at(0)["message"], "Access denied");
  objects.buckets["demo"].erase("ann/marked/");
  objects.put("demo", "ann/", "");
  expect_refused(list("."), Errc::kPermissionDenied);
}

TEST_F(SessionTest, MakesNoHeadCallsWhenOptimized) {
  server.directory_listing_optimization = "ENABLED";
  allow(kWriteAndList);
  objects.put("demo", "ann/", "");
  objects.put("demo", "ann/marked/", "");
  EXPECT_EQ(*list("."), ListedNames{"marked/"});
  for (const std::string& call : objects.calls) EXPECT_FALSE(call.starts_with("head")) << call;
}

TEST_F(SessionTest, LetsTheHomeBeMissingOnlyWhenOptimized) {
  expect_refused(list("."), Errc::kNotFound);
  expect_refused(wait(session().stat(".")), Errc::kNotFound);
  server.directory_listing_optimization = "ENABLED";
  log_in_again();
  EXPECT_EQ(*list("."), ListedNames{});
  EXPECT_TRUE(wait(session().stat("."))->directory);
  expect_refused(list("sub"), Errc::kNotFound);
}

TEST_F(SessionTest, ShowsMappingsWhoseTargetsExist) {
  make_logical({{"/in", "/demo/in", "DIRECTORY", true},
                {"/gone", "/demo/gone", "DIRECTORY", true},
                {"/nobucket", "/nobucket", "DIRECTORY", true},
                {"/rates.csv", "/demo/fx/rates.csv", "FILE", true},
                {"/none.csv", "/demo/fx/none.csv", "FILE", true},
                {"/deep/er", "/demo/in", "DIRECTORY", true},
                {"/untyped", "/demo/fx/rates.csv", "DIRECTORY", false}});
  objects.put("demo", "in/x", "1");
  objects.put("demo", "fx/rates.csv", "12345");
  EXPECT_EQ(*list("/"), (ListedNames{"deep/", "in/", "rates.csv", "untyped"}));
  EXPECT_EQ(*list("/", 1), (ListedNames{"deep/", "in/", "rates.csv", "untyped"}));
  EXPECT_EQ(*list("/deep"), ListedNames{"er/"});
  EXPECT_EQ(*list("/deep/er"), ListedNames{"x"});
  EXPECT_EQ(wait(session().stat("/rates.csv"))->size, 5u);
  expect_refused(wait(session().stat("/gone")), Errc::kNotFound);
  expect_refused(wait(session().stat("/nobucket")), Errc::kNotFound);
  EXPECT_TRUE(wait(session().stat("/deep"))->directory);
  EXPECT_TRUE(lines().empty());

  server.directory_listing_optimization = "ENABLED";
  log_in_again();
  EXPECT_EQ(*list("/"),
            (ListedNames{"deep/", "gone/", "in/", "nobucket/", "rates.csv", "untyped/"}));
  EXPECT_TRUE(wait(session().stat("/gone"))->directory);
  EXPECT_EQ(*list("/gone"), ListedNames{});
}

TEST_F(SessionTest, HidesMappingsTheRoleMayNotSeeUnlessThereIsNothingElse) {
  make_logical({{"/a", "/demo/a", "DIRECTORY", true}, {"/b", "/other/b", "DIRECTORY", true}});
  objects.put("demo", "a/x", "1");
  objects.put("other", "b/x", "1");
  allow(R"({"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::demo*"}]})");
  EXPECT_EQ(*list("/"), ListedNames{"a/"});
  allow(R"({"Statement":[]})");
  expect_refused(list("/"), Errc::kPermissionDenied);
  EXPECT_EQ(lines().at(0)["message"], "Access denied");
  break_trust();
  log_in_again();
  expect_refused(list("/"), Errc::kPermissionDenied);
  EXPECT_TRUE(lines().empty());
}

TEST_F(SessionTest, KeepsVirtualLevelsReadOnly) {
  make_logical({{"/a/b", "/demo/b", "DIRECTORY", true}, {"/c", "/demo/c", "DIRECTORY", true}});
  objects.put("demo", "c/x", "1");
  for (const char* path : {"/file", "/a/file"}) {
    expect_refused(wait(session().open_upload(path, kPut)), Errc::kNotFound);
    expect_refused(wait(session().make_directory(path)), Errc::kNotFound);
    expect_refused(wait(session().rename("/c/x", path)), Errc::kNotFound);
    expect_refused(wait(session().remove_file(path)), Errc::kNotFound);
    expect_refused(list(path), Errc::kNotFound);
  }
  expect_refused(wait(session().make_directory("/a")), Errc::kAlreadyExists);
  for (const char* root : {"/", "/a", "/c"})
    expect_refused(wait(session().remove_directory(root)), Errc::kPermissionDenied);
  EXPECT_EQ(objects.buckets["demo"].size(), 1u);
}

TEST_F(SessionTest, LetsNobodyOutOfAMapping) {
  make_logical({{"/in", "/demo/in", "DIRECTORY", true}, {"/f", "/demo/f", "FILE", true}});
  objects.put("demo", "secret", "1");
  objects.put("demo", "in/ok", "1");
  objects.put("demo", "f", "1");
  for (const char* path : {"/in/../secret", "/in/../../demo/secret", "/f/../secret", "/secret",
                           "/in/./.././secret", "/demo/secret", "/f/x"})
    expect_refused(wait(session().open_download(path)), Errc::kNotFound);
  EXPECT_TRUE(wait(session().open_download("/in/../in/ok")).ok());
  EXPECT_TRUE(wait(session().open_download("/f")).ok());
}

TEST_F(SessionTest, ServesAChangedRoot) {
  make_logical({{"/", "/demo/home/${transfer:UserName}", "DIRECTORY", true}});
  EXPECT_TRUE(wait(session().stat("/"))->directory);
  expect_refused(list("/"), Errc::kNotFound);
  EXPECT_TRUE(lines().empty());
  objects.put("demo", "home/ann/", "");
  objects.put("demo", "home/ann/a", "1");
  EXPECT_EQ(*list("/"), ListedNames{"a"});
  ASSERT_TRUE(wait(session().make_directory("/new")).ok());
  EXPECT_NE(objects.find("demo", "home/ann/new/"), nullptr);
  EXPECT_EQ(lines().at(0)["path"], "/demo/home/ann/new");
}

}  // namespace
}  // namespace sallyport::session
