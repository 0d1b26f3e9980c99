#include "api/decode.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "codec/base64.h"
#include "codec/json.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxUnknown = 16;

// Members show in lower camel case: "SshPublicKeyBody" is 'sshPublicKeyBody'.
std::string member_path(const std::string& parent, const std::string& name) {
  std::string path = parent.empty() ? "" : parent + ".";
  path += name;
  char& first = path[path.size() - name.size()];
  if (first >= 'A' && first <= 'Z') first = static_cast<char>(first - 'A' + 'a');
  return path;
}

std::string item_path(const std::string& parent, std::size_t index) {
  return fmt::format("{}.{}.member", parent, index + 1);
}

std::string_view token_of(const json& value) {
  switch (value.type()) {
    case json::value_t::string: return "STRING_VALUE";
    case json::value_t::boolean: return value.get<bool>() ? "TRUE_VALUE" : "FALSE_VALUE";
    case json::value_t::number_float: return "DECIMAL_VALUE";
    default: return "NUMBER_VALUE";
  }
}

class TypeChecker {
 public:
  explicit TypeChecker(std::vector<std::string>& unknown) : unknown_(unknown) {}

  Outcome<Done> check(json& value, const Shape& shape, const std::string& path) {
    switch (shape.type) {
      case ShapeType::kStructure: return structure(value, shape, path);
      case ShapeType::kList: return list(value, shape, path);
      case ShapeType::kString: return scalar(value, value.is_string(), "a String");
      case ShapeType::kInteger: return scalar(value, is_integer(value, true), "an Integer");
      case ShapeType::kLong: return scalar(value, is_integer(value, false), "a Long");
      case ShapeType::kBoolean: return scalar(value, value.is_boolean(), "a Boolean");
      case ShapeType::kTimestamp: return scalar(value, value.is_number(), "a Timestamp");
      case ShapeType::kBlob: return blob(value);
    }
    return serialization_fault("");
  }

 private:
  static bool is_integer(const json& value, bool narrow) {
    if (!value.is_number_integer()) return false;
    if (value.is_number_unsigned() &&
        value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
      return false;
    const auto n = value.get<std::int64_t>();
    return !narrow || (n >= std::numeric_limits<std::int32_t>::min() &&
                       n <= std::numeric_limits<std::int32_t>::max());
  }

  static Outcome<Done> scalar(const json& value, bool fits, std::string_view wanted) {
    if (fits) return done();
    if (value.is_object())
      return serialization_fault("Start of structure or map found where not expected.");
    if (value.is_array()) return serialization_fault("Start of list found where not expected.");
    return serialization_fault(
        fmt::format("{} can not be converted to {}", token_of(value), wanted));
  }

  static Outcome<Done> blob(const json& value) {
    TRY(scalar(value, value.is_string(), "a Blob"));
    if (!codec::base64_decode(value.get_ref<const std::string&>()).ok())
      return serialization_fault("A blob is not valid base64 text.");
    return done();
  }

  Outcome<Done> structure(json& value, const Shape& shape, const std::string& path) {
    if (value.is_array()) return serialization_fault("Start of list found where not expected.");
    if (!value.is_object())
      return serialization_fault("Unexpected value where a structure was expected.");
    for (auto it = value.begin(); it != value.end();) {
      const Shape::Member* member = shape.member(it.key());
      if (member == nullptr && unknown_.size() < kMaxUnknown)
        unknown_.push_back(path.empty() ? it.key() : path + "." + it.key());
      if (member == nullptr || it->is_null()) {
        it = value.erase(it);
        continue;
      }
      TRY(check(*it, *member->shape, member_path(path, member->name)));
      ++it;
    }
    return done();
  }

  Outcome<Done> list(json& value, const Shape& shape, const std::string& path) {
    if (value.is_object())
      return serialization_fault("Start of structure or map found where not expected.");
    if (!value.is_array()) return serialization_fault("Expected list or null");
    for (json& item : value) {
      if (item.is_null()) return serialization_fault("A list may not hold null.");
      TRY(check(item, *shape.element, path));
    }
    return done();
  }

  std::vector<std::string>& unknown_;
};

// Characters, not bytes. The text is valid UTF-8, as the parser has checked.
std::int64_t characters(const std::string& text) {
  std::int64_t count = 0;
  for (const char c : text) count += (c & 0xC0) != 0x80;
  return count;
}

class ConstraintChecker {
 public:
  explicit ConstraintChecker(Violations& violations) : violations_(violations) {}

  void check(const json& value, const Shape& shape, const std::string& path) {
    switch (shape.type) {
      case ShapeType::kStructure: return structure(value, shape, path);
      case ShapeType::kList: return list(value, shape, path);
      case ShapeType::kString: return string(value.get_ref<const std::string&>(), shape, path);
      case ShapeType::kInteger:
      case ShapeType::kLong: return range(value.get<std::int64_t>(), shape, path, "value");
      case ShapeType::kBlob: return blob(value.get_ref<const std::string&>(), shape, path);
      case ShapeType::kBoolean:
      case ShapeType::kTimestamp: return;
    }
  }

 private:
  void violated(const std::string& path, std::string constraint) {
    violations_.add(fmt::format("Value at '{}' failed to satisfy constraint: Member must {}", path,
                                constraint));
  }

  void range(std::int64_t n, const Shape& shape, const std::string& path, std::string_view what) {
    if (shape.max && n > *shape.max)
      violated(path, fmt::format("have {} less than or equal to {}", what, *shape.max));
    if (shape.min && n < *shape.min)
      violated(path, fmt::format("have {} greater than or equal to {}", what, *shape.min));
  }

  void string(const std::string& text, const Shape& shape, const std::string& path) {
    range(characters(text), shape, path, "length");
    if (shape.pattern && !shape.pattern->matches(text)) {
      violated(path, fmt::format("satisfy regular expression pattern: {}", shape.pattern->text()));
    }
    if (!shape.values.empty() &&
        std::find(shape.values.begin(), shape.values.end(), text) == shape.values.end())
      violated(path, fmt::format("satisfy enum value set: [{}]", fmt::join(shape.values, ", ")));
  }

  void blob(const std::string& base64, const Shape& shape, const std::string& path) {
    const auto bytes = codec::base64_decode(base64);
    range(bytes.ok() ? static_cast<std::int64_t>(bytes->size()) : 0, shape, path, "length");
  }

  void structure(const json& value, const Shape& shape, const std::string& path) {
    for (const auto& member : shape.members) {
      const auto it = value.find(member.name);
      if (it != value.end()) {
        check(*it, *member.shape, member_path(path, member.name));
      } else if (member.required) {
        violations_.add(
            fmt::format("Value null at '{}' failed to satisfy constraint: Member must not be null",
                        member_path(path, member.name)));
      }
    }
  }

  void list(const json& value, const Shape& shape, const std::string& path) {
    range(static_cast<std::int64_t>(value.size()), shape, path, "length");
    for (std::size_t i = 0; i < value.size(); ++i)
      check(value[i], *shape.element, item_path(path, i));
  }

  Violations& violations_;
};

}  // namespace

void Violations::add(std::string text) {
  ++count_;
  if (told_.size() < kMaxTold) told_.push_back(std::move(text));
}

std::string Violations::message() const {
  return fmt::format("{} validation error{} detected: {}{}", count_, count_ == 1 ? "" : "s",
                     fmt::join(told_, "; "), count_ > told_.size() ? "; ..." : "");
}

Outcome<Done> check_types(json& value, const Shape& shape, std::vector<std::string>& unknown) {
  return TypeChecker(unknown).check(value, shape, "");
}

void check_constraints(const json& value, const Shape& shape, Violations& violations) {
  ConstraintChecker(violations).check(value, shape, "");
}

Outcome<json> parse_request(std::string_view body, const Shape& shape,
                            std::vector<std::string>& unknown) {
  json value = json::object();
  if (!body.empty()) {
    // The front door bounds a body; lists and certificate chains may be longer than other texts.
    codec::JsonLimits limits;
    limits.max_bytes = body.size();
    auto parsed = codec::parse_json(body, limits);
    if (!parsed.ok()) return serialization_fault(parsed.error().message);
    value = std::move(*parsed);
  }
  TRY(check_types(value, shape, unknown));
  return value;
}

Outcome<Done> check_request(const json& value, const Shape& shape) {
  Violations violations;
  check_constraints(value, shape, violations);
  if (!violations.empty()) return validation_fault(violations.message());
  return done();
}

Outcome<json> decode_request(std::string_view body, const Shape& shape,
                             std::vector<std::string>& unknown) {
  TRY_ASSIGN(json value, parse_request(body, shape, unknown));
  TRY(check_request(value, shape));
  return value;
}

}  // namespace sallyport::api
