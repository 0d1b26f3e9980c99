#include "session/view.h"

#include <gtest/gtest.h>

#include "session/path.h"
#include "session/variables.h"

namespace sallyport::session {
namespace {

identity::Principal path_user(std::string home) {
  identity::Principal p;
  p.user_name = "ann";
  p.home_directory = std::move(home);
  return p;
}

identity::Principal logical_user(std::vector<model::HomeDirectoryMapEntry> mappings) {
  identity::Principal p = path_user("");
  p.home_directory_type = model::HomeDirectoryType::kLogical;
  p.home_directory_mappings = std::move(mappings);
  return p;
}

// Where a client's path leads: "/bucket/key", "virtual", "buckets", or the error's name.
std::string target_of(const View& view, std::string_view path) {
  const auto clean = clean_path(view.home(), path);
  if (!clean.ok()) return std::string(errc_name(clean.error().code));
  const auto location = view.resolve(*clean);
  if (!location.ok()) return std::string(errc_name(location.error().code));
  if (location->kind == Location::Kind::kVirtual) return "virtual";
  if (location->kind == Location::Kind::kBuckets) return "buckets";
  return location->storage_path();
}

TEST(ViewOfPaths, ShowsTheRealNamespace) {
  const View view(path_user("/demo/home/ann/"), false);
  EXPECT_EQ(view.home(), "/demo/home/ann");
  EXPECT_EQ(target_of(view, "a"), "/demo/home/ann/a");
  EXPECT_EQ(target_of(view, "../bob"), "/demo/home/bob");
  EXPECT_EQ(target_of(view, "/"), "buckets");
  EXPECT_EQ(target_of(view, "/other/x/"), "/other/x");
  EXPECT_EQ(target_of(view, "/other"), "/other");
  EXPECT_EQ(target_of(view, "/demo/" + std::string(1024, 'k')), "/demo/" + std::string(1024, 'k'));
  EXPECT_EQ(target_of(view, "/demo/" + std::string(1025, 'k')), "invalid_argument");
}

TEST(ViewOfPaths, BeginsAtTheRootWithoutAHome) {
  const View view(path_user(""), false);
  EXPECT_EQ(view.home(), "/");
  EXPECT_EQ(target_of(view, "."), "buckets");
  EXPECT_EQ(target_of(view, "a"), "/a");
}

TEST(ViewOfMappings, ReplacesTheRoot) {
  const View view(logical_user({{"/", "/demo/home/${Transfer:USERNAME}", "DIRECTORY", false}}),
                  false);
  EXPECT_EQ(view.home(), "/");
  EXPECT_EQ(target_of(view, "/"), "/demo/home/ann");
  EXPECT_EQ(target_of(view, "/a/b"), "/demo/home/ann/a/b");
  EXPECT_EQ(target_of(view, "/../../x"), "/demo/home/ann/x");
}

TEST(ViewOfMappings, KeepsEachMappingToItself) {
  const View view(logical_user({{"/in", "/demo-in/acme", "DIRECTORY", true},
                                {"/a/b", "/second", "DIRECTORY", true},
                                {"/rates.csv", "/shared/fx/rates.csv", "FILE", true}}),
                  false);
  EXPECT_EQ(target_of(view, "/"), "virtual");
  EXPECT_EQ(target_of(view, "/a"), "virtual");
  EXPECT_EQ(target_of(view, "/in"), "/demo-in/acme");
  EXPECT_EQ(target_of(view, "/in/x/y"), "/demo-in/acme/x/y");
  EXPECT_EQ(target_of(view, "/a/b"), "/second");
  EXPECT_EQ(target_of(view, "/a/b/c"), "/second/c");
  EXPECT_EQ(target_of(view, "/rates.csv"), "/shared/fx/rates.csv");

  EXPECT_EQ(target_of(view, "/in/../secret"), "not_found");
  EXPECT_EQ(target_of(view, "/in/.."), "virtual");
  EXPECT_EQ(target_of(view, "/file"), "not_found");
  EXPECT_EQ(target_of(view, "/a/c"), "not_found");
  EXPECT_EQ(target_of(view, "/inner"), "not_found");
  EXPECT_EQ(target_of(view, "/rates.csv/x"), "not_found");
  EXPECT_EQ(target_of(view, "/demo-in/acme"), "not_found");
  EXPECT_EQ(target_of(view, "/in/" + std::string(1020, 'k')), "invalid_argument");
}

TEST(ViewOfMappings, ListsWhatLiesDirectlyBelow) {
  const View view(logical_user({{"/a", "/t/a", "DIRECTORY", true},
                                {"/a-b", "/t/ab", "DIRECTORY", true},
                                {"/c/x", "/t/cx", "DIRECTORY", true},
                                {"/c/y/z", "/t/cyz", "DIRECTORY", true},
                                {"/d", "/t/d", "FILE", true}}),
                  false);
  const auto names = [&view](std::string_view path) {
    std::string out;
    for (const Location& child : view.children(*view.resolve(path)))
      out += std::string(base_name(child.path)) + " ";
    return out;
  };
  EXPECT_EQ(names("/"), "a a-b c d ");
  EXPECT_EQ(names("/c"), "x y ");
  EXPECT_EQ(names("/c/y"), "z ");
}

TEST(ViewOfMappings, TrustsRootsOnlyWhenOptimized) {
  const auto user =
      logical_user({{"/in", "/demo/in", "DIRECTORY", true}, {"/f", "/demo/f", "FILE", true}});
  EXPECT_FALSE(View(user, false).resolve("/in")->is_given);
  EXPECT_TRUE(View(user, true).resolve("/in")->is_given);
  EXPECT_FALSE(View(user, true).resolve("/f")->is_given);
  EXPECT_FALSE(View(user, true).resolve("/in/x")->is_given);
}

TEST(ExpandTarget, ReplacesTheUserNameOnly) {
  EXPECT_EQ(expand_target("/b/${transfer:UserName}/${TRANSFER:username}", "ann"), "/b/ann/ann");
  EXPECT_EQ(expand_target("/b/${transfer:HomeBucket}", "ann"), "/b/${transfer:HomeBucket}");
  EXPECT_EQ(expand_target("/b/${transfer:UserName", "ann"), "/b/${transfer:UserName");
  EXPECT_EQ(expand_target("/b/${transfer:UserName}", "${transfer:UserName}"),
            "/b/${transfer:UserName}");
  EXPECT_EQ(expand_target("$", "ann"), "$");
}

TEST(ExpandSessionPolicy, ReplacesHomeAndUser) {
  identity::Principal p = path_user("/demo/home/ann/");
  p.policy =
      "${transfer:HomeBucket} ${Transfer:homefolder} ${TRANSFER:HOMEDIRECTORY} "
      "${transfer:UserName} "
      "${aws:Username}";
  EXPECT_EQ(expand_session_policy(p), "demo home/ann demo/home/ann ann ${aws:Username}");
  p.home_directory = "/demo";
  EXPECT_EQ(expand_session_policy(p), "demo  demo ann ${aws:Username}");
}

TEST(ExpandSessionPolicy, KeepsHomeVariablesOfLogicalUsers) {
  identity::Principal p = logical_user({});
  p.policy = "${transfer:HomeBucket}/${transfer:UserName}";
  EXPECT_EQ(expand_session_policy(p), "${transfer:HomeBucket}/ann");
}

TEST(ExpandSessionPolicy, LetsNoValueBreakOutOfItsText) {
  identity::Principal p = path_user("/demo/a\",\"b\\${transfer:UserName}");
  p.policy = "\"${transfer:HomeFolder}\"";
  EXPECT_EQ(expand_session_policy(p), R"("a\",\"b\\${transfer:UserName}")");
}

}  // namespace
}  // namespace sallyport::session
