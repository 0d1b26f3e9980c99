#include "s3/part_plan.h"

#include <algorithm>

namespace sallyport::s3 {

const PartPlan& PartPlan::standard() {
  constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
  // 8, 16 and 32 GiB; from there on what a part holds is kept on the disk.
  static const PartPlan plan({{1000, 8 * kMiB, false},
                              {2000, 16 * kMiB, false},
                              {3000, 32 * kMiB, false},
                              {4000, 128 * kMiB, true},
                              {5000, 256 * kMiB, true},
                              {6000, 512 * kMiB, true},
                              {kMaxParts, 1152 * kMiB, true}});
  return plan;
}

const PartPlan::Step& PartPlan::part(std::uint32_t number) const {
  const auto found = std::find_if(steps_.begin(), steps_.end(),
                                  [number](const Step& step) { return number <= step.last; });
  return found == steps_.end() ? steps_.back() : *found;
}

}  // namespace sallyport::s3
