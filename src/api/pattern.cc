#include "api/pattern.h"

#include <re2/re2.h>

namespace sallyport::api {

namespace {

// Java's \s has the vertical tab, RE2's has not.
constexpr std::string_view kSpace = "\\t\\n\\x0B\\f\\r\\x20";
constexpr std::string_view kNotSpace = "\\x{0}-\\x{8}\\x{E}-\\x{1F}\\x{21}-\\x{10FFFF}";
constexpr std::string_view kPrint = "\\x20-\\x7E";
constexpr std::string_view kGraph = "\\x21-\\x7E";
constexpr std::string_view kAnyButLineEnd = "[^\\n\\r\\x{85}\\x{2028}\\x{2029}]";

class Translator {
 public:
  explicit Translator(std::string_view in) : in_(in) {}

  std::string run() {
    while (at_ < in_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    const char c = in_[at_];
    if (c == '\\') {
      escape();
      return;
    }
    ++at_;
    if (c == '.' && !in_class_) {
      out_ += kAnyButLineEnd;
      return;
    }
    if (c == '[') in_class_ = true;
    if (c == ']') in_class_ = false;
    out_ += c;
  }

  void escape() {
    const std::string_view rest = in_.substr(at_);
    if (rest.starts_with("\\u") && rest.size() >= 6) {
      out_.append("\\x{").append(rest.substr(2, 4)).append("}");
      at_ += 6;
    } else if (rest.starts_with("\\p{Print}")) {
      set(kPrint, 9);
    } else if (rest.starts_with("\\p{Graph}")) {
      set(kGraph, 9);
    } else if (rest.starts_with("\\s")) {
      set(kSpace, 2);
    } else if (rest.starts_with("\\S")) {
      set(kNotSpace, 2);
    } else {
      out_ += rest.substr(0, 2);
      at_ += std::min<std::size_t>(2, rest.size());
    }
  }

  void set(std::string_view members, std::size_t consumed) {
    if (in_class_) {
      out_ += members;
    } else {
      out_.append("[").append(members).append("]");
    }
    at_ += consumed;
  }

  std::string_view in_;
  std::size_t at_ = 0;
  bool in_class_ = false;
  std::string out_;
};

}  // namespace

std::string to_re2_syntax(std::string_view java_syntax) {
  return Translator(java_syntax).run();
}

Result<Pattern> Pattern::compile(std::string_view java_syntax) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto program = std::make_shared<re2::RE2>(to_re2_syntax(java_syntax), options);
  if (!program->ok()) {
    return Error(Errc::kInvalidArgument,
                 "pattern " + std::string(java_syntax) + ": " + program->error());
  }
  return Pattern(std::string(java_syntax), std::move(program));
}

bool Pattern::matches(std::string_view value) const {
  return re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *program_);
}

}  // namespace sallyport::api
