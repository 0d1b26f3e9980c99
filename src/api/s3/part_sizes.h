// Where the parts of an object made in parts begin: kept beside the object, so that one can be read
// by its number (partNumber of GetObject). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/s3/conditions.h"
#include "storage/bucket_store.h"

namespace sallyport::api {

// Its name among the object's content headers; no answer has it.
inline constexpr std::string_view kPartSizes = "x-amz-part-sizes";

// "5242880*3,17": sizes in order, neighbours that are equal counted.
std::string encode_part_sizes(const std::vector<storage::PartInfo>& parts);
// The bytes of part `number` (from 1) of an object of `size` bytes; nothing when the text does not
// tell, or has no such part, or the part is empty.
std::optional<ByteRange> find_part(std::string_view sizes, std::uint32_t number,
                                   std::uint64_t size);

}  // namespace sallyport::api
