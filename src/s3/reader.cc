#include "s3/reader.h"

#include <algorithm>
#include <coroutine>
#include <cstring>
#include <deque>
#include <optional>
#include <utility>

#include "net/loop.h"
#include "s3/copies.h"
#include "s3/object_fields.h"

namespace sallyport::s3 {
namespace {

// Enough for most files, and no more than a handle may hold that nobody reads from.
constexpr std::uint64_t kFirstRange = 256 * 1024;
constexpr std::uint64_t kSecondRange = std::uint64_t{1} << 20;
// After a jump the next one may be near; each range that is read to its end lets the next grow.
constexpr std::uint64_t kSmallRange = 256 * 1024;
constexpr std::uint64_t kLargeRange = std::uint64_t{4} << 20;
constexpr std::size_t kMaxAhead = 3;  // ranges asked for at once
// An answer that is cut after less is none.
constexpr std::uint64_t kProgress = 64 * 1024;

// What the requests of one reader need; outlives the reader.
struct Source {
  Source(const ReaderServices& s, Caller c, storage::ObjectRef o)
      : services(s), caller(std::move(c)), object(std::move(o)) {}
  ReaderServices services;
  Caller caller;
  storage::ObjectRef object;
  std::string etag;
  BlockMemory::Share memory{services.memory};
};

// A part of the object and what has come of it. Shared by the reader and the request.
struct Range {
  Range(std::shared_ptr<Source> s, std::uint64_t o, std::uint64_t n)
      : source(std::move(s)), offset(o), length(n) {}
  std::shared_ptr<Source> source;
  std::uint64_t offset, length;
  std::uint64_t filled = 0;
  BlockMemory::Blocks blocks;
  Bytes small;  // in place of the blocks
  std::optional<Error> error;
  bool unwanted = false;
  std::coroutine_handle<> waiter;

  std::uint64_t end() const { return offset + length; }

  // Room for what comes next, up to a block's end.
  MutableBytes room() {
    if (!small.empty()) return MutableBytes(small).subspan(filled);
    const std::size_t at = filled % BlockMemory::kBlockBytes;
    const std::uint64_t n = std::min<std::uint64_t>(BlockMemory::kBlockBytes - at, length - filled);
    char* const block = blocks[filled / BlockMemory::kBlockBytes].get();
    return {reinterpret_cast<std::uint8_t*>(block) + at, static_cast<std::size_t>(n)};
  }

  // What is there from `at` on, counted from the range's begin, up to a block's end.
  ByteView there(std::uint64_t at) const {
    if (!small.empty()) return ByteView(small).subspan(at, filled - at);
    const std::size_t in_block = at % BlockMemory::kBlockBytes;
    const std::uint64_t n =
        std::min<std::uint64_t>(BlockMemory::kBlockBytes - in_block, filled - at);
    const char* const block = blocks[at / BlockMemory::kBlockBytes].get();
    return {reinterpret_cast<const std::uint8_t*>(block) + in_block, static_cast<std::size_t>(n)};
  }

  void changed() {
    if (const auto handle = std::exchange(waiter, {})) net::Loop::current()->post(handle);
  }
  // co_await range.change(): more came, or an error did.
  auto change() {
    struct Awaiter {
      Range& range;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> h) const { range.waiter = h; }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }
};

// Memory for it; false when there is none.
bool give_room(Range& range) {
  if (range.length <= kSmallRange) {
    range.small.resize(range.length);
    return true;
  }
  const auto count = (range.length + BlockMemory::kBlockBytes - 1) / BlockMemory::kBlockBytes;
  range.blocks = range.source->memory.try_take(static_cast<std::size_t>(count));
  return !range.blocks.empty();
}

Call range_call(const storage::ObjectRef& object, const std::string& etag, std::uint64_t first,
                std::uint64_t end) {
  Call call;
  call.what = "GetObject";
  call.bucket = object.bucket;
  call.key = object.key;
  call.headers.add("Range", "bytes=" + std::to_string(first) + "-" + std::to_string(end - 1));
  if (!etag.empty()) call.headers.add("If-Match", "\"" + etag + "\"");
  return call;
}

// Of what was asked for as the object's begin. Some stores give the whole of it.
bool is_begin(const http::StreamedResponse& response) {
  const auto range = response.headers.find("content-range");
  return range ? range->starts_with("bytes 0-") : response.status == 200;
}

Error not_the_range() {
  return Error(Errc::kCorrupt, "GetObject: a range was asked for, and not given");
}

Task<Result<void>> read_body(http::BodyReader& body, Range& range) {
  while (range.filled < range.length && !range.unwanted) {
    const MutableBytes room = range.room();
    CO_TRY_ASSIGN(const std::size_t n, co_await body.read(room));
    if (n == 0) co_return Error(Errc::kClosed, "the store ended its answer early");
    range.filled += n;
    range.changed();
  }
  co_return ok();
}

Task<Result<http::StreamedResponse>> ask(const Range& range) {
  Source& source = *range.source;
  const Call call =
      range_call(source.object, source.etag, range.offset + range.filled, range.end());
  auto response = co_await source.services.requester.open(call, source.caller);
  if (!response.ok() && response.error().reason == "PreconditionFailed")
    co_return Error(Errc::kConflict, "The file was replaced while it was read",
                    response.error().reason);
  if (!response.ok()) co_return response;
  const std::string etag = unquoted_etag(response->headers.get("etag"));
  if (etag != source.etag)
    co_return Error(Errc::kConflict, "The file was replaced while it was read",
                    "PreconditionFailed");
  const std::string wanted = "bytes " + std::to_string(range.offset + range.filled) + "-";
  if (!response->headers.get("content-range").starts_with(wanted)) co_return not_the_range();
  co_return response;
}

// An answer that is cut is asked for again from where it ended, a few times without any progress.
Task<void> fetch(std::shared_ptr<Range> range, std::optional<http::StreamedResponse> begun) {
  constexpr int kTries = 4;
  int tries = 0;
  std::optional<http::StreamedResponse> response = std::move(begun);
  while (range->filled < range->length && !range->unwanted) {
    if (!response) {
      auto asked = co_await ask(*range);
      if (!asked.ok()) {
        range->error = asked.error();
        break;
      }
      response = std::move(*asked);
    }
    const std::uint64_t before = range->filled;
    const auto read = co_await read_body(*response->body, *range);
    // To its end, so that the connection can be used again.
    std::uint8_t beyond = 0;
    if (read.ok() && !range->unwanted)
      (void)co_await response->body->read(MutableBytes(&beyond, 1));
    response.reset();
    if (read.ok()) continue;
    if (range->filled - before >= kProgress) tries = 0;
    if (++tries == kTries) {
      range->error = Error(Errc::kUnavailable, "GetObject: " + read.error().message);
      break;
    }
  }
  range->changed();
}

class RemoteReader final : public storage::ObjectReader {
 public:
  RemoteReader(std::shared_ptr<Source> source, storage::ObjectInfo info)
      : source_(std::move(source)), info_(std::move(info)) {}
  ~RemoteReader() override { forget_ranges(); }

  const storage::ObjectInfo& info() const override { return info_; }

  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into) override {
    std::size_t done = 0;
    for (const iovec& piece : into) {
      MutableBytes rest(static_cast<std::uint8_t*>(piece.iov_base), piece.iov_len);
      while (!rest.empty() && offset + done < info_.size) {
        if (const auto error = co_await wait_for(offset + done)) co_return *error;
        const std::size_t n = take(offset + done, rest);
        rest = rest.subspan(n);
        done += n;
      }
    }
    co_return done;
  }

  std::optional<Result<std::size_t>> try_read_at(std::uint64_t offset,
                                                 std::span<const iovec> into) override {
    std::uint64_t wanted = 0;
    for (const iovec& piece : into) wanted += piece.iov_len;
    const std::uint64_t end = std::min(info_.size, offset + wanted);
    if (offset < end && !has(offset, end)) return std::nullopt;
    std::size_t done = 0;
    for (const iovec& piece : into) {
      MutableBytes rest(static_cast<std::uint8_t*>(piece.iov_base), piece.iov_len);
      while (!rest.empty() && offset + done < info_.size) {
        const std::size_t n = take(offset + done, rest);
        rest = rest.subspan(n);
        done += n;
      }
    }
    return Result<std::size_t>(done);
  }

  void begin(http::StreamedResponse first) {
    if (info_.size == 0) return;
    auto range = std::make_shared<Range>(source_, 0, std::min(kFirstRange, info_.size));
    if (!give_room(*range)) {
      range->length = kSmallRange;
      range->small.resize(kSmallRange);
    }
    add(std::move(range), std::move(first));
  }

 private:
  std::uint64_t asked_to() const { return ranges_.empty() ? 0 : ranges_.back()->end(); }

  void add(std::shared_ptr<Range> range, std::optional<http::StreamedResponse> begun = {}) {
    ranges_.push_back(range);
    source_->services.spawn(fetch(std::move(range), std::move(begun)));
  }

  void forget_ranges() {
    for (const auto& range : ranges_) range->unwanted = true;
    ranges_.clear();
  }

  bool has(std::uint64_t offset, std::uint64_t end) const {
    for (const auto& range : ranges_) {
      if (offset < range->offset || offset >= range->end()) continue;
      offset = range->offset + range->filled;
      if (offset >= end) return true;
      if (range->filled < range->length) return false;
    }
    return false;
  }

  // The window begins where the reading is, and reaches ahead of it.
  void move_window(std::uint64_t offset) {
    if (ranges_.empty() || offset < ranges_.front()->offset || offset > asked_to()) {
      forget_ranges();
      next_length_ = kSmallRange;
      ahead_ = 1;
    }
    std::uint64_t next = ranges_.empty() ? offset : asked_to();
    while (!ranges_.empty() && ranges_.front()->end() <= offset) {
      ranges_.front()->unwanted = true;
      ranges_.pop_front();
      next_length_ = std::min(kLargeRange, next_length_ * 4);
      ahead_ = std::min(kMaxAhead, ahead_ + 1);
    }
    while (ranges_.size() < ahead_ && next < info_.size) {
      auto range =
          std::make_shared<Range>(source_, next, std::min(next_length_, info_.size - next));
      if (!give_room(*range)) {
        if (!ranges_.empty()) return;
        range->length = std::min(kSmallRange, range->length);
        range->small.resize(range->length);
      }
      next = range->end();
      add(std::move(range));
    }
  }

  Task<std::optional<Error>> wait_for(std::uint64_t offset) {
    move_window(offset);
    const std::shared_ptr<Range> range = ranges_.front();
    while (range->offset + range->filled <= offset) {
      if (range->error) {
        forget_ranges();  // the next reading asks again
        co_return range->error;
      }
      co_await range->change();
    }
    co_return std::nullopt;
  }

  // REQUIRES: there is something at `offset`.
  std::size_t take(std::uint64_t offset, MutableBytes into) {
    while (ranges_.front()->end() <= offset) move_window(offset);
    const Range& range = *ranges_.front();
    const ByteView there = range.there(offset - range.offset);
    const std::size_t n = std::min(there.size(), into.size());
    std::memcpy(into.data(), there.data(), n);
    return n;
  }

  std::shared_ptr<Source> source_;
  storage::ObjectInfo info_;
  std::deque<std::shared_ptr<Range>> ranges_;  // one after the other, without gaps
  std::uint64_t next_length_ = kSecondRange;
  std::size_t ahead_ = 1;
};

}  // namespace

Task<Result<std::unique_ptr<storage::ObjectReader>>> open_reader(ReaderServices services,
                                                                 Caller caller,
                                                                 storage::ObjectRef object) {
  auto source = std::make_shared<Source>(services, std::move(caller), std::move(object));
  const Call call = range_call(source->object, {}, 0, kFirstRange);
  auto first = co_await services.requester.open(call, source->caller);
  std::unique_ptr<RemoteReader> reader;
  if (first.ok()) {
    if (!is_begin(*first)) co_return not_the_range();
    CO_TRY_ASSIGN(storage::ObjectInfo info, object_info(source->object.key, first->headers));
    if (info.etag.empty()) co_return no_etag("GetObject");
    source->etag = info.etag;
    reader = std::make_unique<RemoteReader>(source, std::move(info));
    reader->begin(std::move(*first));
  } else if (first.error().reason == "InvalidRange") {
    // Nothing of it can be a range: it is empty.
    storage::ObjectRef empty = source->object;
    CO_TRY_ASSIGN(storage::ObjectInfo info,
                  co_await head_object(services.requester, source->caller, std::move(empty)));
    if (info.etag.empty()) co_return no_etag("HeadObject");
    source->etag = info.etag;
    reader = std::make_unique<RemoteReader>(source, std::move(info));
  } else {
    co_return std::move(first).error();
  }
  std::unique_ptr<storage::ObjectReader> out = std::move(reader);
  co_return out;
}

}  // namespace sallyport::s3
