// Base64 with the standard alphabet (RFC 4648 section 4). Pure, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace sallyport::codec {

enum class Base64Padding : bool { kNone, kPadded };

namespace detail {

inline constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline constexpr std::uint8_t kNotBase64 = 0xff;

constexpr std::array<std::uint8_t, 256> base64_values() {
  std::array<std::uint8_t, 256> values{};
  for (auto& v : values) v = kNotBase64;
  for (std::size_t i = 0; i < kBase64Alphabet.size(); ++i)
    values[static_cast<unsigned char>(kBase64Alphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}

}  // namespace detail

inline std::string base64_encode(ByteView in, Base64Padding padding = Base64Padding::kPadded) {
  std::string out;
  out.reserve((in.size() + 2) / 3 * 4);
  const auto put = [&out](std::uint32_t group, int digits) {
    for (int i = 0; i < digits; ++i)
      out.push_back(detail::kBase64Alphabet[(group >> (18 - 6 * i)) & 63]);
  };
  std::size_t i = 0;
  for (; in.size() - i >= 3; i += 3)
    put(std::uint32_t{in[i]} << 16 | std::uint32_t{in[i + 1]} << 8 | in[i + 2], 4);
  const std::size_t left = in.size() - i;
  if (left == 1) put(std::uint32_t{in[i]} << 16, 2);
  if (left == 2) put(std::uint32_t{in[i]} << 16 | std::uint32_t{in[i + 1]} << 8, 3);
  if (left != 0 && padding == Base64Padding::kPadded) out.append(3 - left, '=');
  return out;
}

// Strict: a multiple of four characters, padded, no white space, no set bits behind the end
// (RFC 4648 sections 3.2, 3.3 and 3.5). kInvalidArgument otherwise; the message holds no input.
inline Result<Bytes> base64_decode(std::string_view in) {
  static constexpr auto kValues = detail::base64_values();
  const auto refuse = [] { return Error(Errc::kInvalidArgument, "not valid base64 text"); };
  if (in.size() % 4 != 0) return refuse();
  std::size_t digits = in.size();
  if (digits != 0 && in[digits - 1] == '=') --digits;
  if (digits != 0 && digits != in.size() && in[digits - 1] == '=') --digits;

  Bytes out;
  out.reserve(in.size() / 4 * 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(in[i])];
    if (value == detail::kNotBase64) return refuse();
    bits = (bits << 6 | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<std::uint8_t>(bits >> count));
    }
  }
  if ((bits & ((1u << count) - 1)) != 0) return refuse();
  return out;
}

}  // namespace sallyport::codec
