#include "app/upload_sweeper.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace sallyport::app {

UploadSweeper::UploadSweeper(std::string store, Sweep sweep, Pauses pauses, net::Loop& loop)
    : store_(std::move(store)), sweep_(std::move(sweep)), pauses_(pauses), loop_(loop) {}

Task<void> UploadSweeper::run() {
  auto shortest = pause_after(pauses_, {}, false, false);
  while (!stopping_) {
    const bool woken = std::exchange(woken_, false);
    s3::RemoteObjectStore::GoOn go_on = [this] { return !stopping_; };
    const s3::Swept swept = co_await sweep_(std::move(go_on));
    report(swept);
    shortest = pause_after(pauses_, shortest, woken, swept.error.has_value());
    co_await rest(shortest, false);
    if (!woken_) co_await rest(pauses_.interval - shortest, true);
  }
}

std::chrono::milliseconds UploadSweeper::pause_after(const Pauses& pauses,
                                                     std::chrono::milliseconds last, bool woken,
                                                     bool failed) {
  if (!failed) return std::min(pauses.shortest, pauses.interval);
  return woken ? std::min(2 * last, pauses.interval) : last;
}

Task<void> UploadSweeper::rest(std::chrono::milliseconds time, bool wakes) {
  if (stopping_) co_return;
  wakes_ = wakes;
  sleep_.emplace();
  co_await sleep_->wait(time);
  sleep_.reset();
}

void UploadSweeper::wake() {
  loop_.post([this] {
    woken_ = true;
    if (wakes_ && sleep_) sleep_->cancel();
  });
}

void UploadSweeper::stop() {
  loop_.post([this] {
    stopping_ = true;
    if (sleep_) sleep_->cancel();
  });
}

void UploadSweeper::report(const s3::Swept& swept) {
  for (const s3::LeftUpload& one : swept.given_up)
    spdlog::warn(
        "store {}: it still refuses to abort the upload {} in the bucket {}; it is forgotten here, "
        "abort it there",
        store_, one.upload.id, one.upload.object.bucket);
  if (swept.aborted > 0)
    spdlog::info("store {}: uploads without an end: {} aborted", store_, swept.aborted);
  if (swept.error && (swept.left != told_left_ || swept.left == 0))
    spdlog::warn("store {}: uploads without an end: {} not aborted yet: {}", store_, swept.left,
                 swept.error->message);
  told_left_ = swept.left;
}

}  // namespace sallyport::app
