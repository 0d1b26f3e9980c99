#include "files/acting_as.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sallyport::files {
namespace {

constexpr std::uint64_t kOfFiles = std::uint64_t{1} << CAP_CHOWN |
                                   std::uint64_t{1} << CAP_DAC_OVERRIDE |
                                   std::uint64_t{1} << CAP_FOWNER | std::uint64_t{1} << CAP_FSETID |
                                   std::uint64_t{1} << CAP_DAC_READ_SEARCH;

struct InForce {
  std::uint64_t effective = 0, permitted = 0;
  friend bool operator==(const InForce&, const InForce&) = default;
};

InForce in_force() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  EXPECT_EQ(::syscall(SYS_capget, &header, data), 0);
  return {data[0].effective | std::uint64_t{data[1].effective} << 32,
          data[0].permitted | std::uint64_t{data[1].permitted} << 32};
}

class ActingAsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto acting = ActingAs::from_this_process();
    ASSERT_TRUE(acting.ok());
    acting_ = *acting;
    if (!acting_.anybody()) GTEST_SKIP() << "acting as others needs privileges";
  }
  ~ActingAsTest() override { acting_.return_to_self(); }
  ActingAs acting_ = *ActingAs::from_this_process();
};

// Nobody (65534) is whom a role without ClientRootAccess makes of root.
TEST_F(ActingAsTest, OnlyRootHasCapabilitiesOverFilesInForce) {
  const InForce before = in_force();
  for (const std::uint32_t uid : {1001u, 65534u}) {
    ASSERT_TRUE(acting_.become({uid, 0, {0}}));
    EXPECT_EQ(in_force().effective & kOfFiles, 0u) << uid;
    acting_.return_to_self();
    EXPECT_EQ(in_force(), before);
  }
  ASSERT_TRUE(acting_.become({0, 0, {}}));
  EXPECT_EQ(in_force().effective & kOfFiles, before.permitted & kOfFiles);
}

std::vector<gid_t> groups_now() {
  std::vector<gid_t> out(static_cast<std::size_t>(::getgroups(0, nullptr)));
  EXPECT_EQ(::getgroups(static_cast<int>(out.size()), out.data()), static_cast<int>(out.size()));
  return out;
}

TEST_F(ActingAsTest, TheGroupsAreThoseOfTheUserAndThenItsOwnAgain) {
  const auto own = groups_now();
  ASSERT_TRUE(acting_.become({1001, 1001, {2001, 2002}}));
  EXPECT_EQ(groups_now(), (std::vector<gid_t>{2001, 2002}));
  acting_.return_to_self();
  EXPECT_EQ(groups_now(), own);
}

TEST_F(ActingAsTest, WhoCannotBeIsNot) {
  const InForce before = in_force();
  EXPECT_FALSE(acting_.become({0xffffffff, 1, {}}));
  EXPECT_FALSE(acting_.become({1, 0xffffffff, {}}));
  EXPECT_EQ(in_force(), before);
}

}  // namespace
}  // namespace sallyport::files
