// application/x-www-form-urlencoded (URL standard, section 5), as the AWS Query protocol sends it.
// Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sallyport::codec {

struct FormLimits {
  std::size_t max_bytes = 1024 * 1024;
  std::size_t max_fields = 2048;
};

// The fields in order, decoded.
class Form {
 public:
  using Field = std::pair<std::string, std::string>;

  const std::vector<Field>& fields() const { return fields_; }
  // The first field of that name, which is case-sensitive.
  std::optional<std::string_view> find(std::string_view name) const;
  std::string_view get(std::string_view name) const { return find(name).value_or(""); }
  bool contains(std::string_view name) const { return find(name).has_value(); }
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  // As text, percent-encoded.
  std::string encode() const;

 private:
  std::vector<Field> fields_;
};

// Also right for the query of a URI. kLimitExceeded for size and count; kInvalidArgument for a `%`
// without two hexadecimal digits and for what is not UTF-8 once decoded, the message names the
// field's number.
Result<Form> parse_form(std::string_view text, const FormLimits& limits = {});

}  // namespace sallyport::codec
