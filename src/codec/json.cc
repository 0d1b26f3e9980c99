#include "codec/json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "codec/utf8.h"

namespace sallyport::codec {
namespace {

using nlohmann::json;

// Builds the value and gives up as soon as it is nested too deeply.
class Builder final : public nlohmann::json_sax<json> {
 public:
  explicit Builder(std::size_t max_depth) : max_depth_(max_depth) {}

  json take() { return std::move(root_); }
  bool too_deep() const { return too_deep_; }
  bool bad_number() const { return bad_number_; }
  std::size_t error_at() const { return error_at_; }

  bool null() override { return put(nullptr); }
  bool boolean(bool v) override { return put(v); }
  bool number_integer(number_integer_t v) override { return put(v); }
  bool number_unsigned(number_unsigned_t v) override { return put(v); }
  bool number_float(number_float_t v, const string_t&) override {
    bad_number_ = !std::isfinite(v);
    return !bad_number_ && put(v);
  }
  bool string(string_t& v) override { return put(std::move(v)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& v) override {
    key_ = std::move(v);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& e) override {
    // 406: a number that no double can hold.
    bad_number_ = e.id == 406;
    error_at_ = position;
    return false;
  }

 private:
  json* place(json value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *stack_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    json& slot = parent[key_];
    slot = std::move(value);
    return &slot;
  }
  bool put(json value) {
    place(std::move(value));
    return true;
  }
  bool open(json container) {
    if (stack_.size() == max_depth_) {
      too_deep_ = true;
      return false;
    }
    stack_.push_back(place(std::move(container)));
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  const std::size_t max_depth_;
  json root_;
  // Pointers stay valid: a container grows only while it is the innermost one.
  std::vector<json*> stack_;
  std::string key_;
  bool too_deep_ = false;
  bool bad_number_ = false;
  std::size_t error_at_ = 0;
};

}  // namespace

Result<json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes)
    return Error(Errc::kLimitExceeded,
                 "the JSON text is longer than " + std::to_string(limits.max_bytes) + " bytes");
  // The library would take a byte order mark; RFC 8259 lets a parser refuse it.
  const std::size_t valid = text.substr(0, 3) == "\xef\xbb\xbf" ? 0 : valid_utf8_prefix(text);
  if (valid != text.size())
    return Error(Errc::kInvalidArgument,
                 "the JSON text is not plain UTF-8 at byte " + std::to_string(valid));
  // The library takes it for the end of the text.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
    return Error(Errc::kInvalidArgument,
                 "the JSON text is malformed at byte " + std::to_string(nul));
  Builder builder(limits.max_depth);
  if (json::sax_parse(text.begin(), text.end(), &builder)) return builder.take();
  if (builder.too_deep())
    return Error(Errc::kLimitExceeded, "the JSON text is nested deeper than " +
                                           std::to_string(limits.max_depth) + " levels");
  if (builder.bad_number())
    return Error(Errc::kInvalidArgument, "the JSON text holds a number out of range");
  return Error(Errc::kInvalidArgument,
               "the JSON text is malformed at byte " + std::to_string(builder.error_at()));
}

std::string write_json(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}
std::string write_json(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace sallyport::codec
