// What a change of one key does to its rows: the current object, the versions under it, and the
// business with files that it leaves (Amazon S3 user guide, "How S3 Versioning works", "Working
// with objects in a versioning-suspended bucket"). Inside src/storage only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/embedded_core.h"

namespace sallyport::storage {

// What a committed transaction left to be done with the files of one key.
struct Debt {
  std::uint64_t sequence = 0;
  std::vector<index::Intent> intents;  // in the order in which they are to be carried out
};

// How a row differed from its file.
enum class Renewal : std::uint8_t { kNothing, kRenewed, kDropped };

// Lives inside one write of the database. What it owes is added to `debt` and, as intents, to the
// index.
class KeyHistory {
 public:
  // All references must outlive it. `versioning` is the bucket's, of this same transaction.
  KeyHistory(state::Connection& db, EmbeddedCore& core, const Bucket& bucket,
             const std::string& key, Versioning versioning, Debt& debt)
      : db_(db), core_(core), bucket_(bucket), key_(key), versioning_(versioning), debt_(debt) {}

  // Before all else.
  Result<void> load();
  // The object that the key shows.
  const std::optional<index::ObjectRow>& current() const { return current_; }

  // Makes the current row say what lies on the disk.
  Result<Renewal> compare_with_disk();

  // Makes `row`, whose body is in staging, the current object; sets its version, id and rank.
  Result<void> put(index::ObjectRow& row);
  // The same for a body that lies where it belongs already.
  Result<void> put_in_place(index::ObjectRow& row);
  // A DELETE without a version.
  Result<Removal> remove();
  // Version `id` (as stored) goes for ever; the one under the current one comes up. Nothing to
  // remove is fine.
  Result<Removal> remove_version(const std::string& id);

  bool versioned() const { return versioning_ != Versioning::kUnversioned; }
  // Whether the current object would live on as an older version.
  bool keeps_current() const {
    return versioned() && current_ &&
           !(versioning_ == Versioning::kSuspended && current_->version_id.empty());
  }

 private:
  Result<void> owe(index::Intent::Kind kind, const index::ObjectRow& row);
  Result<void> owe_removal(const index::ObjectRow& row);
  Result<void> step_aside(bool path_is_taken_over);
  Result<Removal> add_marker();
  Result<void> bring_up();
  Result<std::int64_t> next_rank();

  state::Connection& db_;
  EmbeddedCore& core_;
  const Bucket& bucket_;
  const std::string& key_;
  const Versioning versioning_;
  Debt& debt_;
  std::optional<index::ObjectRow> current_;
  std::int64_t version_ = 0;  // of the row that was there
};

// Inside a write: makes the row say what is there, if it is still the row that was seen. Tells what
// it did; what it owes are files that may go at any time.
Result<Renewal> renew(state::Connection& db, EmbeddedCore& core, const Bucket& bucket,
                      const std::string& key, const index::ObjectRow& seen, Debt& debt);

// --- carrying out (embedded_debts.cc); blocking

enum class Placed : std::uint8_t { kHome, kAside, kNowhere };

struct Carried {
  Placed placed = Placed::kHome;  // the body that was to be placed or returned
  bool made_folders = false;
  bool unkept = false;  // an older version's body is where it was
};

// Brings the file of the key's path, or the body in staging, to content/<content>. 0, also if there
// is neither, or a negative errno value.
int keep(const BucketFiles& files, const std::string& key, std::uint64_t inode,
         std::uint64_t content);
// Brings the files to where the committed rows say they are, unless a later change of the key has
// done so. `linked`: the body in staging is a second name of a file.
Carried carry_out(EmbeddedCore& core, const Bucket& bucket, const std::string& key,
                  const Debt& debt, const PublicationOrder::Ticket& ticket, bool linked);
// For a debt of files that may go at any time.
void discard(EmbeddedCore& core, const BucketPtr& bucket, const std::string& key, const Debt& debt);
// Carries out and hands over to the settler. Errors: those of the database.
Result<void> settle(EmbeddedCore& core, const BucketPtr& bucket, const std::string& key,
                    const Debt& debt, const PublicationOrder::Ticket& ticket, bool linked = false);

}  // namespace sallyport::storage
