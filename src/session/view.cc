#include "session/view.h"

#include "session/path.h"
#include "session/variables.h"

namespace sallyport::session {

namespace {

// "/a" → "/a/"; "/" → "/".
std::string with_slash(std::string_view path) {
  std::string out(path);
  if (!out.ends_with('/')) out.push_back('/');
  return out;
}

}  // namespace

std::string Location::storage_path() const {
  if (kind != Kind::kObject) return path;
  return key.empty() ? "/" + bucket : "/" + bucket + "/" + key;
}

View::View(const identity::Principal& principal, bool optimized)
    : logical_(principal.home_directory_type == model::HomeDirectoryType::kLogical),
      optimized_(optimized) {
  if (auto clean = clean_path("/", principal.home_directory); clean.ok())
    home_ = std::move(clean).value();
  if (!logical_) return;
  for (const model::HomeDirectoryMapEntry& mapping : principal.home_directory_mappings) {
    auto entry = clean_path("/", mapping.entry);
    if (!entry.ok()) continue;
    const std::string target = expand_target(mapping.target, principal.user_name);
    if (target.size() < 2 || target.front() != '/') continue;
    const std::size_t slash = target.find('/', 1);
    Target out;
    out.bucket = target.substr(1, slash == std::string::npos ? slash : slash - 1);
    if (slash != std::string::npos) out.key = target.substr(slash + 1);
    out.file = mapping.type == "FILE";
    mappings_.insert_or_assign(std::move(entry).value(), std::move(out));
  }
}

Result<Location> View::resolve(std::string_view path) const {
  auto out = logical_ ? resolve_logical(path) : resolve_real(path);
  if (out.ok() && out->prefix().size() > kMaxKeyBytes + 1)
    return Error(Errc::kInvalidArgument, "the path is too long");
  return out;
}

Result<Location> View::resolve_real(std::string_view path) const {
  Location out;
  out.path = path;
  if (path == "/") {
    out.kind = Location::Kind::kBuckets;
    return out;
  }
  out.kind = Location::Kind::kObject;
  const std::size_t slash = path.find('/', 1);
  out.bucket = path.substr(1, slash == std::string_view::npos ? slash : slash - 1);
  if (slash != std::string_view::npos) out.key = path.substr(slash + 1);
  out.is_root = out.key.empty();
  // A bucket is taken for there until it is read: the managed service lets `ls` of a missing one
  // fail in the reading.
  out.is_given = out.key.empty() || (optimized_ && path == home_);
  out.may_be_empty = out.is_given;
  return out;
}

Result<Location> View::resolve_logical(std::string_view path) const {
  Location out;
  out.path = path;
  for (std::string_view at = path;; at = parent_path(at)) {
    const auto found = mappings_.find(at);
    if (found == mappings_.end()) {
      if (at == "/") break;
      continue;
    }
    const Target& target = found->second;
    const std::string_view below = at == "/" ? path.substr(1) : path.substr(at.size());
    out.is_root = at == path;
    out.is_file = target.file;
    if (target.file && !out.is_root) break;  // nothing lies below a file
    out.kind = Location::Kind::kObject;
    out.bucket = target.bucket;
    out.key = target.key;
    out.mapped = target.key.size();
    if (const auto rest = below.substr(below.starts_with('/') ? 1 : 0); !rest.empty()) {
      if (!out.key.empty()) out.key.push_back('/');
      out.key.append(rest);
    }
    const bool trusted = optimized_ && !target.file && (out.is_root || path == home_);
    out.is_given = trusted || path == "/";
    out.may_be_empty = trusted || out.key.empty();
    return out;
  }
  if (path == "/" || has_mappings_below(path)) return out;
  return Error(Errc::kNotFound, "No such file or directory");
}

bool View::has_mappings_below(std::string_view path) const {
  const std::string prefix = with_slash(path);
  const auto next = mappings_.lower_bound(prefix);
  return next != mappings_.end() && next->first.starts_with(prefix);
}

std::vector<Location> View::children(const Location& directory) const {
  std::vector<Location> out;
  const std::string prefix = with_slash(directory.path);
  for (auto at = mappings_.lower_bound(prefix);
       at != mappings_.end() && at->first.starts_with(prefix);) {
    const std::size_t end = at->first.find('/', prefix.size());
    const std::string child = at->first.substr(0, end);
    const bool listed = end != std::string::npos && mappings_.contains(child);
    if (auto location = resolve(child); location.ok() && !listed)
      out.push_back(std::move(location).value());
    // '0' is the byte after '/': past everything below the child.
    at = end == std::string::npos ? std::next(at) : mappings_.lower_bound(child + '0');
  }
  return out;
}

}  // namespace sallyport::session
