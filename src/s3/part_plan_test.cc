#include "s3/part_plan.h"

#include <gtest/gtest.h>

namespace sallyport::s3 {
namespace {

TEST(PartPlanTest, five_tebibytes_fit_into_the_parts_there_may_be) {
  std::uint64_t total = 0;
  for (std::uint32_t number = 1; number <= kMaxParts; ++number)
    total += PartPlan::standard().part(number).bytes;
  EXPECT_GE(total, kMaxObject);
}

TEST(PartPlanTest, parts_are_such_as_stores_take_and_never_shrink) {
  constexpr std::uint64_t kMaxPart = std::uint64_t{5} << 30;
  std::uint64_t before = kMinPart;
  for (std::uint32_t number = 1; number <= kMaxParts; ++number) {
    ASSERT_GE(PartPlan::standard().part(number).bytes, before);
    ASSERT_LE(PartPlan::standard().part(number).bytes, kMaxPart);
    before = PartPlan::standard().part(number).bytes;
  }
}

TEST(PartPlanTest, what_waits_in_memory_is_what_a_session_may_have) {
  for (std::uint32_t number = 1; number <= kMaxParts; ++number) {
    const PartPlan::Step& step = PartPlan::standard().part(number);
    // Two of them: one comes in while the other goes out.
    ASSERT_EQ(step.on_disk, 2 * step.bytes > std::uint64_t{64} << 20) << number;
  }
}

TEST(PartPlanTest, the_first_parts_are_small) {
  EXPECT_EQ(PartPlan::standard().part(1).bytes, std::uint64_t{8} << 20);
}

}  // namespace
}  // namespace sallyport::s3
