#include "session/edited_content.h"

#include <algorithm>
#include <utility>

#include "base/vectored_io.h"

namespace sallyport::session {

namespace {

// Moved at a time from one place to the other.
constexpr std::size_t kSlice = 1024 * 1024;

}  // namespace

EditedContent::EditedContent(std::unique_ptr<storage::ObjectReader> base, Writer writer,
                             Spool* spool, std::string user)
    : base_(std::move(base)),
      writer_(std::move(writer)),
      spool_(spool),
      user_(std::move(user)),
      size_(base_ ? base_->info().size : 0) {}

Task<Result<void>> EditedContent::write(std::uint64_t offset, std::span<const iovec> from) {
  const std::uint64_t bytes = total_size(from);
  if (bytes == 0) co_return ok();
  if (place_ != Place::kSpool && offset == size_) {
    if (place_ == Place::kBase) CO_TRY(co_await begin_writer());
    CO_TRY(co_await append(from));
    size_ += bytes;
    co_return ok();
  }
  if (place_ != Place::kSpool) CO_TRY(co_await take_to_spool(size_));
  CO_TRY(co_await file_->write(offset, from));
  size_ = file_->size();
  co_return ok();
}

Task<Result<std::size_t>> EditedContent::read_at(std::uint64_t offset,
                                                 std::span<const iovec> into) {
  if (offset >= size_) co_return std::size_t{0};
  switch (place_) {
    case Place::kBase: co_return co_await base_->read_at(offset, into);
    case Place::kWriter:
      if (!file_) co_return co_await writer_->read_back(offset, into);
      break;
    case Place::kSpool: break;
  }
  co_return co_await file_->read_at(offset, into);
}

Task<Result<std::size_t>> EditedContent::read_some(std::uint64_t offset, MutableBytes into) {
  const iovec place{into.data(), into.size()};
  CO_TRY_ASSIGN(const std::size_t got, co_await read_at(offset, {&place, 1}));
  if (got == 0) co_return Error(Errc::kIo, "The content ends before its size");
  co_return got;
}

Task<Result<void>> EditedContent::begin_writer() {
  if (!writer_->reads_back() && spool_ != nullptr) file_ = spool_->create(user_);
  CO_TRY(co_await take_to_writer());
  place_ = Place::kWriter;
  base_.reset();
  co_return ok();
}

// To the writer, and to the spool where that must know it, too.
Task<Result<void>> EditedContent::append(std::span<const iovec> from) {
  const std::uint64_t at = writer_->size();
  CO_TRY(co_await writer_->write(from));
  if (!file_ || place_ == Place::kSpool) co_return ok();
  const auto kept = co_await file_->write(at, from);
  if (!kept.ok()) file_.reset();
  co_return ok();
}

// Everything there is, to a writer that holds nothing yet.
Task<Result<void>> EditedContent::take_to_writer() {
  Bytes slice(std::min<std::uint64_t>(kSlice, size_));
  for (std::uint64_t at = 0; at < size_;) {
    const std::size_t n = std::min<std::uint64_t>(slice.size(), size_ - at);
    CO_TRY_ASSIGN(const std::size_t got, co_await read_some(at, MutableBytes(slice).first(n)));
    const iovec piece{slice.data(), got};
    CO_TRY(co_await append({&piece, 1}));
    at += got;
  }
  co_return ok();
}

// The first `most` bytes of what there is.
Task<Result<void>> EditedContent::take_to_spool(std::uint64_t most) {
  if (spool_ == nullptr) {
    co_return Error(Errc::kUnsupported, "There is no spool; write the file in order");
  }
  // What the spool has already needs no moving; it may have to be cut.
  auto file = file_ ? std::move(file_) : spool_->create(user_);
  if (file->size() > most) CO_TRY(co_await file->resize(most));
  Bytes slice(std::min<std::uint64_t>(kSlice, most));
  for (std::uint64_t at = file->size(); at < most;) {
    const std::size_t n = std::min<std::uint64_t>(slice.size(), most - at);
    CO_TRY_ASSIGN(const std::size_t got, co_await read_some(at, MutableBytes(slice).first(n)));
    const iovec piece{slice.data(), got};
    CO_TRY(co_await file->write(at, {&piece, 1}));
    at += got;
  }
  // A writer that holds nothing yet serves at the end.
  if (place_ == Place::kWriter) {
    co_await writer_->abort();
    writer_.reset();
  }
  base_.reset();
  file_ = std::move(file);
  size_ = most;
  place_ = Place::kSpool;
  co_return ok();
}

Task<Result<void>> EditedContent::resize(std::uint64_t size) {
  if (size == size_) co_return ok();
  if (place_ != Place::kSpool) CO_TRY(co_await take_to_spool(std::min(size, size_)));
  CO_TRY(co_await file_->resize(size));
  size_ = size;
  co_return ok();
}

Task<Result<EditedContent::Writer>> EditedContent::finish(
    std::function<Task<Result<Writer>>()> renew) {
  if (!writer_) {
    CO_TRY_ASSIGN(writer_, co_await renew());
  }
  if (place_ == Place::kSpool) CO_TRY(co_await take_to_writer());
  file_.reset();
  co_return std::move(writer_);
}

Task<void> EditedContent::abandon() {
  if (writer_) co_await writer_->abort();
  writer_.reset();
  file_.reset();
  base_.reset();
}

}  // namespace sallyport::session
