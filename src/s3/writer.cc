#include "s3/writer.h"

#include <algorithm>
#include <utility>

#include "s3/copies.h"
#include "s3/transfer.h"
#include "s3/write_conditions.h"

namespace sallyport::s3 {
namespace {

// For memory that others have: those that go on give it back soon. Then a file takes its place, or,
// where there is none, clients that stall hold others up.
constexpr std::chrono::milliseconds kShortPatience{250};
constexpr std::chrono::seconds kPatience{60};
constexpr std::uint64_t kMostInFlight = std::uint64_t{32} << 20;
constexpr std::size_t kMinBlocks = kMinPart / BlockMemory::kBlockBytes;
static_assert(kMinBlocks <= BlockMemory::kLeast);

Task<void> undo_left_behind(std::shared_ptr<Transfer> transfer) {
  co_await transfer->undo();
}

class RemoteWriter final : public storage::ObjectWriter {
 public:
  explicit RemoteWriter(std::shared_ptr<Transfer> transfer) : transfer_(std::move(transfer)) {}

  ~RemoteWriter() override {
    if (ended_ || transfer_->idle()) return;
    transfer_->failure.emplace(spent());
    transfer_->services.spawn(undo_left_behind(transfer_));
  }

  Task<Result<void>> write(std::span<const iovec> from) override {
    if (ended_) co_return spent();
    for (const iovec& piece : from) {
      ByteView rest(static_cast<const std::uint8_t*>(piece.iov_base), piece.iov_len);
      while (!rest.empty()) {
        if (transfer_->failure) co_return fail(*transfer_->failure);
        if (content_->full()) {
          auto room = co_await make_room();
          if (!room.ok()) co_return fail(std::move(room).error());
        }
        std::size_t n = 0;
        if (content_->on_disk()) {
          const auto appended =
              co_await content_->append_to_file(transfer_->services.part_files->disk, rest);
          if (!appended.ok()) co_return fail(appended.error());
          n = *appended;
        } else {
          n = content_->append(rest);
        }
        sums_.update(rest.first(n));
        size_ += n;
        rest = rest.subspan(n);
      }
    }
    co_return ok();
  }

  std::uint64_t size() const override { return size_; }

  void set_metadata(storage::Metadata metadata) override {
    const bool sent = !transfer_->upload_id.empty();
    changed_metadata_ = changed_metadata_ || (sent && metadata != transfer_->options.metadata);
    transfer_->options.metadata = std::move(metadata);
  }

  Task<Result<storage::ObjectInfo>> commit() override {
    if (ended_) co_return spent();
    if (transfer_->failure) {
      co_await abort();
      co_return *transfer_->failure;
    }
    auto etag = transfer_->upload_id.empty() ? co_await put_whole() : co_await complete();
    if (!etag.ok()) {
      Error error = std::move(etag).error();
      co_await abort();
      co_return error;
    }
    ended_ = true;
    storage::ObjectInfo info;
    info.key = transfer_->object.key;
    info.size = size_;
    info.modified = transfer_->services.requester.clock().wall();
    info.etag = std::move(*etag);
    info.content_type = transfer_->options.content_type;
    info.metadata = transfer_->options.metadata;
    co_return info;
  }

  Task<void> abort() override {
    ended_ = true;
    // Whoever holds the writer may do so for long.
    auto content = std::exchange(content_, std::make_unique<PartContent>());
    co_await transfer_->forget(std::move(content));
    co_await transfer_->undo();
  }

 private:
  static Error spent() { return Error(Errc::kInternal, "The upload has ended already"); }

  // Others may wait for the memory that has become useless.
  Error fail(Error error) {
    content_ = std::make_unique<PartContent>();
    if (!transfer_->failure) transfer_->failure = std::move(error);
    return *transfer_->failure;
  }

  // The content is full: it takes more blocks, or goes out as a part.
  Task<Result<void>> make_room() {
    if (content_->small()) co_return co_await leave_small();
    const std::uint64_t wanted = transfer_->services.plan.part(next_part()).bytes;
    // Not so far that the next part has to wait for this one.
    const bool may_grow = content_->size() < wanted && transfer_->memory.may_take(1 + kMinBlocks);
    if (!content_->on_disk() && may_grow) {
      auto more = transfer_->memory.try_take(1);
      if (!more.empty()) {
        content_->grow(std::move(more));
        co_return ok();
      }
    }
    CO_TRY(co_await send_part());
    co_return co_await leave_small();
  }

  Task<Result<void>> leave_small() {
    const PartPlan::Step& step = transfer_->services.plan.part(next_part());
    const PartFiles* const files = transfer_->services.part_files;
    if (step.on_disk && files != nullptr) co_return co_await move_to_file(*files, step.bytes);
    co_await transfer_->wait_for_share(kMinBlocks);
    if (transfer_->failure) co_return *transfer_->failure;
    const std::chrono::milliseconds patience = files == nullptr ? kPatience : kShortPatience;
    auto blocks = co_await transfer_->memory.take(kMinBlocks, patience);
    if (blocks.ok()) {
      content_->grow(std::move(*blocks));
      co_return ok();
    }
    if (files == nullptr) co_return std::move(blocks).error();
    co_return co_await move_to_file(*files, step.bytes);
  }

  Task<Result<void>> move_to_file(const PartFiles& files, std::uint64_t bytes) {
    auto make = [&files, bytes] { return PartFile::make(files.folder, bytes); };
    CO_TRY_ASSIGN(PartFile file, co_await files.disk.run(std::move(make)));
    co_return co_await content_->move_to(std::move(file), files.disk);
  }

  std::uint32_t next_part() const { return static_cast<std::uint32_t>(transfer_->tags.size()) + 1; }

  Task<Result<void>> send_part() {
    if (next_part() > kMaxParts)
      co_return Error(Errc::kLimitExceeded, "the file is larger than an object can be",
                      "EntityTooLarge");
    if (transfer_->upload_id.empty()) CO_TRY(co_await transfer_->begin());
    co_await transfer_->wait_until(kMostInFlight - std::min(kMostInFlight, content_->size()));
    if (transfer_->failure) co_return *transfer_->failure;
    transfer_->send(std::move(content_), sums_.take());
    content_ = std::make_unique<PartContent>();
    co_return ok();
  }

  Task<Result<std::string>> put_whole() {
    Call call;
    call.what = "PutObject";
    call.method = "PUT";
    call.bucket = transfer_->object.bucket;
    call.key = transfer_->object.key;
    add_put_options(transfer_->options, call.headers);
    add_write_defaults(transfer_->services.defaults, call.headers);
    add_conditions(transfer_->options, call);
    call.body = content_->body(transfer_->disk());
    add_proof(call, transfer_->services.defaults.check, sums_.take());
    Requester& requester = transfer_->services.requester;
    auto answer = co_await requester.send(call, transfer_->caller);
    if (!answer.ok() && knows_no_conditions(transfer_->options, answer.error())) {
      CO_TRY(co_await check_conditions());
      drop_conditions(call);
      answer = co_await requester.send(call, transfer_->caller);
    }
    if (!answer.ok()) {
      Error error = std::move(answer).error();
      co_return refused_by_condition(transfer_->options, std::move(error));
    }
    std::string etag = unquoted_etag(answer->headers.get("etag"));
    if (etag.empty()) co_return no_etag("PutObject");
    co_return etag;
  }

  Task<Result<void>> check_conditions() {
    storage::ObjectRef object = transfer_->object;
    storage::PutOptions options = transfer_->options;
    return s3::check_conditions(transfer_->services.requester, transfer_->caller, std::move(object),
                                std::move(options));
  }

  Task<Result<std::string>> complete() {
    if (content_->size() > 0) CO_TRY(co_await send_part());
    co_await transfer_->wait_until(0);
    if (transfer_->failure) co_return *transfer_->failure;
    // Some stores ignore conditions on a completion.
    CO_TRY(co_await check_conditions());
    UploadName upload = transfer_->name(), again = upload;
    Completion completion(transfer_->tags, size_);
    completion.crc32cs = transfer_->crc32cs;
    Completion unconditional = completion;
    completion.only_if_absent = transfer_->options.only_if_absent;
    completion.only_if_etag = transfer_->options.only_if_etag;
    Requester& requester = transfer_->services.requester;
    auto completed = co_await complete_upload(requester, transfer_->caller, std::move(upload),
                                              std::move(completion));
    if (!completed.ok() && knows_no_conditions(transfer_->options, completed.error()))
      completed = co_await complete_upload(requester, transfer_->caller, std::move(again),
                                           std::move(unconditional));
    // The store may still be at work: what comes of it is looked at when the ledger is swept.
    if (!completed.ok() && completed.error().code == Errc::kTimeout) transfer_->upload_id.clear();
    if (!completed.ok())
      co_return refused_by_condition(transfer_->options, std::move(completed).error());
    std::string etag = std::move(*completed);
    co_await transfer_->completed();
    if (changed_metadata_) {
      storage::ObjectRef object = transfer_->object;
      storage::Metadata metadata = transfer_->options.metadata;
      WriteDefaults defaults = transfer_->services.defaults;
      const auto info = co_await replace_metadata(requester, transfer_->caller, std::move(object),
                                                  etag, std::move(metadata), std::move(defaults));
      // The content is stored and seen by others: without its attributes is better than undone.
      if (info.ok()) etag = info->etag;
    }
    co_return etag;
  }

  std::shared_ptr<Transfer> transfer_;
  std::unique_ptr<PartContent> content_ = std::make_unique<PartContent>();
  BodySums sums_{transfer_->services.requester.signs_bodies(), transfer_->services.defaults.check};
  std::uint64_t size_ = 0;
  bool changed_metadata_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<storage::ObjectWriter> make_writer(const WriterServices& services, Caller caller,
                                                   storage::ObjectRef object,
                                                   storage::PutOptions options) {
  return std::make_unique<RemoteWriter>(std::make_shared<Transfer>(
      services, std::move(caller), std::move(object), std::move(options)));
}

}  // namespace sallyport::s3
