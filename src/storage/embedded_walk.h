// Listings: the rows of one prefix in byte order of their keys, with one seek in the index for each
// common prefix instead of one step for each row under it. Inside the index only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "state/database.h"

namespace sallyport::storage::index {

class KeyWalk {
 public:
  // All must outlive the walk.
  KeyWalk(const std::string& prefix, const std::string& delimiter, std::uint32_t limit);
  virtual ~KeyWalk() = default;
  KeyWalk(const KeyWalk&) = delete;
  KeyWalk& operator=(const KeyWalk&) = delete;

  // The rows of this key and those before it are left out; a common prefix leaves out all under it.
  void start_after(std::string_view key);
  // Only what comes before this key is left out.
  void start_at(std::string_view key);
  Result<void> run(state::Connection& db);

  bool truncated() const { return truncated_; }
  // The last key or common prefix that was taken.
  const std::string& last() const { return last_; }
  bool ended_with_common_prefix() const { return last_is_common_; }
  std::vector<std::string> common_prefixes;

 protected:
  // Rows with from <= key < upper in key order; the key is their first column.
  virtual Result<void> query(state::Connection& db, ByteView from, ByteView upper,
                             state::RowSink on_row) = 0;
  // False for a row that does not count.
  virtual bool counts(std::string_view, const state::Row&) { return true; }
  virtual void take(std::string_view key, const state::Row& row) = 0;

 private:
  std::string common_prefix_of(std::string_view key) const;
  bool visit(const state::Row& row);

  const std::string& prefix_;
  const std::string& delimiter_;
  const std::uint32_t limit_;
  std::string from_, upper_, next_, last_;
  std::uint32_t taken_ = 0;
  bool truncated_ = false;
  bool last_is_common_ = false;
};

}  // namespace sallyport::storage::index
