#include "session/path.h"

#include "codec/utf8.h"

namespace sallyport::session {

namespace {

// A path may hold many "." and "//" before it is clean, but not without end.
constexpr std::size_t kMaxRawBytes = 16384;

void append_components(std::string& out, std::string_view path) {
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (component.empty() || component == ".") continue;
    if (component == "..") {
      out.resize(out.empty() ? 0 : out.rfind('/'));
      continue;
    }
    out.append("/").append(component);
  }
}

}  // namespace

Result<std::string> clean_path(std::string_view base, std::string_view path) {
  const auto refuse = [](const char* why) { return Error(Errc::kInvalidArgument, why); };
  if (path.size() > kMaxRawBytes) return refuse("the path is too long");
  if (path.find('\0') != std::string_view::npos) return refuse("the path holds a NUL byte");
  if (!codec::is_valid_utf8(path)) return refuse("the path is not UTF-8");
  std::string out;
  if (!path.starts_with('/')) append_components(out, base);
  append_components(out, path);
  if (out.size() > kMaxPathBytes) return refuse("the path is too long");
  if (out.empty()) out.push_back('/');
  return out;
}

std::string_view base_name(std::string_view clean) {
  return clean.substr(clean.rfind('/') + 1);
}

std::string_view parent_path(std::string_view clean) {
  const std::size_t slash = clean.rfind('/');
  return slash == 0 ? "/" : clean.substr(0, slash);
}

}  // namespace sallyport::session
