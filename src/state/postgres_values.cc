#include "state/postgres_values.h"

#include <charconv>

namespace sallyport::state {
namespace {

// Of pg_type.
constexpr Oid kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25, kOid = 26,
              kNumeric = 1700;

std::int64_t signed_big_endian(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > 8) return 0;
  auto value =
      static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<signed char>(bytes[0])));
  for (const char byte : bytes.substr(1)) value = value << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

// Sums of BIGINT are numeric: count of digits, weight of the first, sign, scale (16 bits each),
// then digits to the base of 10,000. The part before the point, or 0 beyond 64 bits.
std::int64_t numeric(std::string_view bytes) {
  constexpr std::uint64_t kNegative = 0x4000;
  if (bytes.size() < 8) return 0;
  const std::uint64_t digits = big_endian(bytes.substr(0, 2));
  const std::int64_t weight = signed_big_endian(bytes.substr(2, 2));
  const bool negative = big_endian(bytes.substr(4, 2)) == kNegative;
  if (weight > 4 || bytes.size() < 8 + 2 * digits) return 0;
  __int128 value = 0;
  for (std::int64_t i = 0; i <= weight; ++i) {
    const auto at = static_cast<std::size_t>(i);
    value = value * 10000 + (at < digits ? big_endian(bytes.substr(8 + 2 * at, 2)) : 0);
  }
  if (negative) value = -value;
  return value > INT64_MAX || value < INT64_MIN ? 0 : static_cast<std::int64_t>(value);
}

}  // namespace

Oid postgres_type_of(const Bind& bind) {
  switch (bind.type()) {
    case Bind::Type::kNull: return 0;
    case Bind::Type::kInteger: return kInt8;
    case Bind::Type::kText: return kText;
    case Bind::Type::kBlob: return kBytea;
  }
  return 0;
}

PostgresParameters::PostgresParameters(std::span<const Bind> binds)
    : integers_(binds.size()),
      values_(binds.size(), nullptr),
      lengths_(binds.size(), 0),
      formats_(binds.size(), 1) {
  for (std::size_t i = 0; i < binds.size(); ++i) {
    const Bind& bind = binds[i];
    if (bind.type() == Bind::Type::kNull) continue;
    if (bind.type() == Bind::Type::kInteger) {
      auto rest = static_cast<std::uint64_t>(bind.integer());
      for (std::size_t byte = 8; byte-- > 0; rest >>= 8)
        integers_[i][byte] = static_cast<char>(rest);
      values_[i] = integers_[i].data();
      lengths_[i] = 8;
    } else {
      // Null would be NULL.
      values_[i] = bind.bytes().data() == nullptr ? "" : bind.bytes().data();
      lengths_[i] = static_cast<int>(bind.bytes().size());
    }
  }
}

bool PostgresRow::is_null(int column) const {
  return PQgetisnull(result_, row_, column) != 0;
}

std::string_view PostgresRow::text(int column) const {
  return {PQgetvalue(result_, row_, column),
          static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::int64_t PostgresRow::integer(int column) const {
  if (is_null(column)) return 0;
  const std::string_view value = text(column);
  switch (PQftype(result_, column)) {
    case kInt8:
    case kInt4:
    case kInt2:
    case kBool: return signed_big_endian(value);
    case kOid: return static_cast<std::int64_t>(big_endian(value));
    case kNumeric: return numeric(value);
    default: {
      std::int64_t number = 0;
      std::from_chars(value.data(), value.data() + value.size(), number);
      return number;
    }
  }
}

}  // namespace sallyport::state
