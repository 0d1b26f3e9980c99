#include "model/document_fields.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "codec/json.h"

namespace sallyport::model {
namespace {

using nlohmann::json;

constexpr codec::JsonLimits kDocumentLimits{.max_bytes = 64u << 20, .max_depth = 32};

bool is_int64(const json& value) {
  if (value.is_number_unsigned()) {
    return value.get<std::uint64_t>() <=
           static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  }
  return value.is_number_integer();
}

}  // namespace

Result<json> parse_document(std::string_view document, std::string_view what) {
  auto parsed = codec::parse_json(document, kDocumentLimits);
  if (!parsed.ok()) {
    return Error(Errc::kCorrupt,
                 fmt::format("a stored {} is not JSON: {}", what, parsed.error().message));
  }
  if (!parsed->is_object()) {
    return Error(Errc::kCorrupt, fmt::format("a stored {} is not a JSON object", what));
  }
  return parsed;
}

FieldReader::FieldReader(const json& object, const char* what) : object_(object), what_(what) {}

const json* FieldReader::member(const char* name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void FieldReader::fail(const char* name, std::string_view expected) {
  if (error_) return;
  error_ = Error(Errc::kCorrupt,
                 fmt::format("member {} of a stored {} is not {}", name, what_, expected));
}

void FieldReader::absorb(const FieldReader& nested) {
  if (!error_) error_ = nested.error_;
}

Result<void> FieldReader::result() const {
  if (error_) return *error_;
  return ok();
}

void FieldReader::text(const char* name, std::string& out) {
  const json* const value = member(name);
  if (value == nullptr) return;
  if (!value->is_string()) return fail(name, "text");
  out = value->get_ref<const std::string&>();
}

void FieldReader::required_text(const char* name, std::string& out) {
  out.clear();
  text(name, out);
  if (out.empty()) fail(name, "there");
}

void FieldReader::boolean(const char* name, bool& out) {
  const json* const value = member(name);
  if (value == nullptr) return;
  if (!value->is_boolean()) return fail(name, "true or false");
  out = value->get<bool>();
}

void FieldReader::integer(const char* name, std::int64_t& out) {
  const json* const value = member(name);
  if (value == nullptr) return;
  if (!is_int64(*value)) return fail(name, "a 64-bit integer");
  out = value->get<std::int64_t>();
}

void FieldReader::time(const char* name, WallTime& out) {
  std::int64_t ms = to_unix_ms(out);
  integer(name, ms);
  out = from_unix_ms(ms);
}

void FieldReader::texts(const char* name, std::vector<std::string>& out) {
  const json* const value = member(name);
  if (value == nullptr) return;
  if (!value->is_array()) return fail(name, "a list of texts");
  out.clear();
  for (const json& element : *value) {
    if (!element.is_string()) return fail(name, "a list of texts");
    out.push_back(element.get_ref<const std::string&>());
  }
}

void FieldReader::integers(const char* name, std::vector<std::int64_t>& out) {
  const json* const value = member(name);
  if (value == nullptr) return;
  if (!value->is_array()) return fail(name, "a list of integers");
  out.clear();
  for (const json& element : *value) {
    if (!is_int64(element)) return fail(name, "a list of integers");
    out.push_back(element.get<std::int64_t>());
  }
}

void FieldReader::text_map(const char* name, std::map<std::string, std::string>& out) {
  const json* const members = object(name);
  if (members == nullptr) return;
  for (const auto& [key, value] : members->items()) {
    if (!value.is_string()) return fail(name, "an object of texts");
    out.emplace(key, value.get_ref<const std::string&>());
  }
}

void FieldReader::tags(const char* name, std::vector<Tag>& out) {
  out.clear();
  for (const json* element : objects(name)) {
    FieldReader fields(*element, "tag");
    Tag& tag = out.emplace_back();
    fields.required_text("Key", tag.key);
    fields.text("Value", tag.value);
    absorb(fields);
  }
}

const json* FieldReader::object(const char* name) {
  const json* const value = member(name);
  if (value != nullptr && !value->is_object()) {
    fail(name, "an object");
    return nullptr;
  }
  return value;
}

std::vector<const json*> FieldReader::objects(const char* name) {
  const json* const value = member(name);
  std::vector<const json*> elements;
  if (value == nullptr) return elements;
  if (!value->is_array()) {
    fail(name, "a list of objects");
    return elements;
  }
  for (const json& element : *value) {
    if (!element.is_object()) {
      fail(name, "a list of objects");
      return {};
    }
    elements.push_back(&element);
  }
  return elements;
}

json tags_to_json(const std::vector<Tag>& tags) {
  json list = json::array();
  for (const Tag& tag : tags) list.push_back({{"Key", tag.key}, {"Value", tag.value}});
  return list;
}

}  // namespace sallyport::model
