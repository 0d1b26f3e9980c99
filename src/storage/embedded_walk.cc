#include "storage/embedded_walk.h"

#include <algorithm>
#include <utility>

#include "storage/embedded_keys.h"

namespace sallyport::storage::index {

namespace {

// Above every key, as no UTF-8 text has this byte.
constexpr std::string_view kAboveAll = "\xff";

std::string beyond(std::string_view prefix) {
  std::string next = successor(prefix);
  if (next.empty()) next = kAboveAll;
  return next;
}

}  // namespace

KeyWalk::KeyWalk(const std::string& prefix, const std::string& delimiter, std::uint32_t limit)
    : prefix_(prefix),
      delimiter_(delimiter),
      limit_(limit),
      from_(prefix),
      upper_(beyond(prefix)) {}

void KeyWalk::start_after(std::string_view key) {
  if (key.empty()) return;
  if (key.starts_with(prefix_) && common_prefix_of(key) == key) {
    start_at(beyond(key));
  } else {
    start_at(std::string(key) + '\0');
  }
}

void KeyWalk::start_at(std::string_view key) {
  if (key > from_) from_ = key;
}

// Empty if there is none.
std::string KeyWalk::common_prefix_of(std::string_view key) const {
  if (delimiter_.empty()) return {};
  const std::size_t at = key.find(delimiter_, prefix_.size());
  if (at == std::string_view::npos) return {};
  return std::string(key.substr(0, at + delimiter_.size()));
}

Result<void> KeyWalk::run(state::Connection& db) {
  if (limit_ == 0) return ok();
  for (;;) {
    next_.clear();
    TRY(query(db, as_bytes(from_), as_bytes(upper_),
              [this](const state::Row& row) { return visit(row); }));
    if (next_.empty() || next_ >= upper_) return ok();
    from_.swap(next_);
  }
}

// False ends the query.
bool KeyWalk::visit(const state::Row& row) {
  const std::string_view key = as_text(row.blob(0));
  if (!counts(key, row)) return true;
  if (taken_ >= limit_) {
    truncated_ = true;
    return false;
  }
  ++taken_;
  std::string common = common_prefix_of(key);
  last_is_common_ = !common.empty();
  if (last_is_common_) {
    next_ = beyond(common);  // from_ is bound to the running query
    last_ = common;
    common_prefixes.push_back(std::move(common));
    return false;
  }
  last_ = key;
  take(key, row);
  return true;
}

}  // namespace sallyport::storage::index
