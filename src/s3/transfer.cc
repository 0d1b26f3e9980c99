#include "s3/transfer.h"

#include <chrono>
#include <utility>

namespace sallyport::s3 {

net::BlockingPool* Transfer::disk() const {
  return services.part_files == nullptr ? nullptr : &services.part_files->disk;
}

Task<Result<void>> Transfer::begin() {
  storage::ObjectRef at = object;
  storage::PutOptions how = options;
  WriteDefaults defaults = services.defaults;
  CO_TRY_ASSIGN(upload_id, co_await create_upload(services.requester, caller, std::move(at),
                                                  std::move(how), std::move(defaults)));
  std::string store = services.requester.place().name;
  UploadName upload = name();
  CO_TRY_ASSIGN(auto begun, co_await services.ledger.begun(std::move(store), std::move(upload),
                                                           caller.session()));
  entry_.emplace(std::move(begun));
  co_return ok();
}

void Transfer::send(std::unique_ptr<PartContent> content, BodyProof proof) {
  tags.emplace_back();
  in_flight_ += content->size();
  if (services.defaults.check == BodyCheck::kCrc32c) crc32cs.push_back(proof.checksum);
  const auto number = static_cast<std::uint32_t>(tags.size());
  parts_.spawn(send_part(number, std::move(content), std::move(proof)));
}

Task<void> Transfer::send_part(std::uint32_t number, std::unique_ptr<PartContent> content,
                               BodyProof proof) {
  auto etag = co_await send_content(number, *content, std::move(proof));
  const std::uint64_t size = content->size();
  co_await forget(std::move(content));
  in_flight_ -= size;
  if (etag.ok()) {
    tags[number - 1] = std::move(*etag);
  } else if (!failure) {
    failure = etag.error();
  }
  if (change_) change_->cancel();
}

Task<Result<std::string>> Transfer::send_content(std::uint32_t number, PartContent& content,
                                                 BodyProof proof) {
  CallBody body = content.body(disk());
  UploadName upload = name();
  co_return co_await upload_part(services.requester, caller, std::move(upload), number,
                                 std::move(body), services.defaults.check, std::move(proof));
}

// Freeing a large file takes its time.
Task<void> Transfer::forget(std::unique_ptr<PartContent> content) {
  if (!content->on_disk()) co_return;
  auto free = [held = std::move(content)]() mutable { held.reset(); };
  co_await services.part_files->disk.run(std::move(free));
}

// REQUIRES: one is under way.
Task<void> Transfer::wait_for_a_part() {
  change_.emplace();
  co_await change_->wait(std::chrono::hours(1));
  change_.reset();
}

Task<void> Transfer::wait_until(std::uint64_t most) {
  while (in_flight_ > most && !(failure && most > 0)) co_await wait_for_a_part();
  if (most == 0) co_await parts_.join();
}

Task<void> Transfer::wait_for_share(std::size_t blocks) {
  while (in_flight_ > 0 && !failure && !memory.may_take(blocks)) co_await wait_for_a_part();
}

Task<void> Transfer::strike_from_ledger() {
  if (entry_) (void)co_await services.ledger.ended(entry_->id());
  entry_.reset();
}

Task<void> Transfer::completed() {
  upload_id.clear();
  co_await strike_from_ledger();
}

Task<void> Transfer::undo() {
  co_await wait_until(0);
  if (upload_id.empty()) co_return;
  UploadName upload = name();
  const auto aborted = co_await abort_upload(services.requester, caller, std::move(upload));
  if (aborted.ok()) co_await strike_from_ledger();
  entry_.reset();
  upload_id.clear();
}

}  // namespace sallyport::s3
