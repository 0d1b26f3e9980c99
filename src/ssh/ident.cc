#include "ssh/ident.h"

#include <algorithm>

namespace sallyport::ssh {
namespace {

constexpr std::string_view kStart = "SSH-2.0-";
// 255 with CR LF.
constexpr std::size_t kMaxIdent = 253;

bool is_printable(char c) {
  return c >= 0x20 && c <= 0x7e;
}

}  // namespace

Result<void> check_ident(std::string_view ident) {
  const auto wrong = [](const char* right) { return Error(Errc::kInvalidArgument, right); };
  if (ident.size() > kMaxIdent) return wrong("at most 253 characters are expected");
  if (!ident.starts_with(kStart)) return wrong("it has to begin with SSH-2.0-");
  if (!std::all_of(ident.begin(), ident.end(), is_printable))
    return wrong("printable ASCII is expected");
  // What is behind a space is comment.
  const std::string_view software = ident.substr(kStart.size(), ident.find(' ') - kStart.size());
  if (software.empty()) return wrong("a name of the software is expected after SSH-2.0-");
  if (software.find('-') != std::string_view::npos)
    return wrong("the name of the software has no '-'");
  return ok();
}

}  // namespace sallyport::ssh
