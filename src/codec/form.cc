#include "codec/form.h"

#include <algorithm>

#include "codec/percent_encoding.h"
#include "codec/utf8.h"

namespace sallyport::codec {
namespace {

Result<std::string> decode(std::string_view text, std::size_t number) {
  auto decoded = form_decode(text);
  if (!decoded.ok())
    return Error(Errc::kInvalidArgument,
                 "form field " + std::to_string(number) + " is not percent-encoded correctly");
  if (!is_valid_utf8(*decoded))
    return Error(Errc::kInvalidArgument, "form field " + std::to_string(number) + " is not UTF-8");
  return decoded;
}

}  // namespace

std::optional<std::string_view> Form::find(std::string_view name) const {
  for (const Field& f : fields_)
    if (f.first == name) return f.second;
  return std::nullopt;
}

std::string Form::encode() const {
  std::string out;
  for (const Field& f : fields_) {
    if (!out.empty()) out.push_back('&');
    out.append(percent_encode(f.first)).append("=").append(percent_encode(f.second));
  }
  return out;
}

Result<Form> parse_form(std::string_view text, const FormLimits& limits) {
  if (text.size() > limits.max_bytes)
    return Error(Errc::kLimitExceeded,
                 "the form is longer than " + std::to_string(limits.max_bytes) + " bytes");
  Form form;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view field = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (field.empty()) continue;
    if (form.fields().size() == limits.max_fields)
      return Error(Errc::kLimitExceeded,
                   "the form has more than " + std::to_string(limits.max_fields) + " fields");
    const std::size_t number = form.fields().size() + 1;
    const std::size_t equals = std::min(field.find('='), field.size());
    TRY_ASSIGN(std::string name, decode(field.substr(0, equals), number));
    TRY_ASSIGN(std::string value, decode(field.substr(std::min(equals + 1, field.size())), number));
    form.add(std::move(name), std::move(value));
  }
  return form;
}

}  // namespace sallyport::codec
