// The bytes of a file that is being edited, wherever they are. Inside src/session only.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/task.h"
#include "session/spool.h"
#include "storage/object_store.h"

namespace sallyport::session {

// Where the bytes are moves on only: from the object that is edited (or nothing) to a new object
// that is written front to back, and from either to the spool. Where a store's writer cannot be read
// again, the spool has the same bytes as long as it has room for them; beyond that only writing in
// order goes on. Not thread-safe; one call at a time.
// After an error nothing of it may be published.
class EditedContent {
 public:
  using Writer = std::unique_ptr<storage::ObjectWriter>;

  // `base` null: there is no old content. `spool` null: kUnsupported to what needs one; `user` has
  // the room there.
  EditedContent(std::unique_ptr<storage::ObjectReader> base, Writer writer, Spool* spool,
                std::string user);

  std::uint64_t size() const { return size_; }
  // There is something to publish, or would be if there was no object.
  bool changed() const { return place_ != Place::kBase; }

  // Errors: kLimitExceeded "SpoolFull", kUnsupported, and those of storage.
  Task<Result<void>> write(std::uint64_t offset, std::span<const iovec> from);
  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into);
  Task<Result<void>> resize(std::uint64_t size);

  // The writer that holds everything, to be committed. `renew` makes another writer of the same
  // object; it is called if the first one cannot be used. The content is of no more use.
  Task<Result<Writer>> finish(std::function<Task<Result<Writer>>()> renew);
  Task<void> abandon();

 private:
  enum class Place : std::uint8_t { kBase, kWriter, kSpool };

  Task<Result<void>> begin_writer();
  Task<Result<void>> take_to_writer();
  Task<Result<void>> append(std::span<const iovec> from);
  Task<Result<void>> take_to_spool(std::uint64_t most);
  Task<Result<std::size_t>> read_some(std::uint64_t offset, MutableBytes into);

  std::unique_ptr<storage::ObjectReader> base_;
  Writer writer_;
  Spool* const spool_;
  const std::string user_;
  std::unique_ptr<SpoolFile> file_;   // the content, or what the writer holds as well
  Place place_ = Place::kBase;
  std::uint64_t size_ = 0;
};

}  // namespace sallyport::session
