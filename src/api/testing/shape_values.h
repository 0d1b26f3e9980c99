// Values for shapes of the service model, at the edges of their constraints. For tests only.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "api/shape.h"
#include "codec/base64.h"

namespace sallyport::api::testing {

using nlohmann::json;

// For each pattern of the model that "a" and the like do not match, one text that does.
inline constexpr const char* kTexts[] = {
    "a",
    "1",
    "aaa",
    "/a",
    "a-0123456789abcdef0",
    "c-0123456789abcdef0",
    "p-0123456789abcdef0",
    "s-0123456789abcdef0",
    "w-0123456789abcdef0",
    "cert-0123456789abcdef0",
    "hostkey-0123456789abcdef0",
    "key-0123456789abcdef0",
    "vpce-0123456789abcdef0",
    "webapp-0123456789abcdef0",
    "d-0123456789",
    "sg-01234567",
    "fs-01234567",
    "S-1-1",
    "01234567-0123-0123-0123-0123456789ab",
    "${a.b}",
    "ssh-a A",
    "arn:a:lambda:",
    "arn:aws:iam::000000000000:role/a",
    "arn:a:sso:::instance/ins-0123456789abcdef",
    "arn:a:vpc-lattice:a:012345678901:resourceconfiguration/rcfg-0123456789abcdefg",
    "TransferSecurityPolicy-a",
    "TransferSFTPConnectorSecurityPolicy-a",
};

inline bool fits(const Shape& shape, const std::string& text) {
  return !shape.pattern || shape.pattern->matches(text);
}

inline std::optional<std::string> longer(const Shape& shape, const std::string& text,
                                         std::size_t by) {
  for (std::size_t i = text.size(); i-- > 0;) {
    std::string out = text;
    out.insert(i, by, text[i]);
    if (fits(shape, out)) return out;
  }
  return std::nullopt;
}

inline std::optional<std::string> shorter(const Shape& shape, const std::string& text,
                                          std::size_t by) {
  for (std::size_t i = 0; i + by <= text.size(); ++i) {
    std::string out = text;
    out.erase(i, by);
    if (fits(shape, out)) return out;
  }
  return std::nullopt;
}

// A text of the shape; nullopt when none is known.
inline std::optional<std::string> text_of_shape(const Shape& shape) {
  if (!shape.values.empty()) return shape.values.front();
  for (const std::string text : kTexts) {
    const auto length = static_cast<std::int64_t>(text.size());
    if (!fits(shape, text) || length > shape.max.value_or(length)) continue;
    if (length >= shape.min.value_or(0)) return text;
    if (auto more = longer(shape, text, static_cast<std::size_t>(*shape.min - length))) return more;
  }
  return std::nullopt;
}

// One of this length; nullopt when none comes from repeating or leaving out characters.
inline std::optional<std::string> text_of_length(const Shape& shape, std::size_t length) {
  const auto text = text_of_shape(shape);
  if (!text || text->size() == length) return text;
  return length > text->size() ? longer(shape, *text, length - text->size())
                               : shorter(shape, *text, text->size() - length);
}

// A value that keeps every constraint, with every member of every structure.
inline json value_of_shape(const Shape& shape) {
  switch (shape.type) {
    case ShapeType::kStructure: {
      json out = json::object();
      for (const auto& member : shape.members) out[member.name] = value_of_shape(*member.shape);
      return out;
    }
    case ShapeType::kList: {
      json out = json::array();
      const std::int64_t items = std::max<std::int64_t>(shape.min.value_or(1), 1);
      for (std::int64_t i = 0; i < items; ++i) out.push_back(value_of_shape(*shape.element));
      return out;
    }
    case ShapeType::kString: return text_of_shape(shape).value_or("");
    case ShapeType::kInteger:
    case ShapeType::kLong: return shape.min.value_or(1);
    case ShapeType::kBoolean: return true;
    case ShapeType::kTimestamp: return 1;
    case ShapeType::kBlob: return codec::base64_encode(as_bytes("x"));
  }
  return nullptr;
}

}  // namespace sallyport::api::testing
