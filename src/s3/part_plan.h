// How large the parts of an upload are (Amazon S3: 1 to 10,000 parts, all but the last at least
// 5 MiB).
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace sallyport::s3 {

inline constexpr std::uint32_t kMaxParts = 10'000;
inline constexpr std::uint64_t kMinPart = std::uint64_t{5} << 20;
inline constexpr std::uint64_t kMaxObject = std::uint64_t{5} << 40;

// Immutable.
class PartPlan {
 public:
  struct Step {
    std::uint32_t last;   // number of the last part that is like this
    std::uint64_t bytes;  // of a part
    bool on_disk;         // more than is to wait in memory
  };
  // REQUIRES: at least one; the last one counts for all parts after it, too.
  explicit PartPlan(std::vector<Step> steps) : steps_(std::move(steps)) {}

  // Small at first, so that little waits in memory, then such that 5 TiB fit.
  static const PartPlan& standard();

  // Of part `number`, from 1 on.
  const Step& part(std::uint32_t number) const;

 private:
  std::vector<Step> steps_;
};

}  // namespace sallyport::s3
