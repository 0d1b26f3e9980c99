// One upload to a remote store: what is under way, and what has to be undone when it fails.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/loop.h"
#include "s3/block_memory.h"
#include "s3/multipart.h"
#include "s3/part_content.h"
#include "s3/upload_ledger.h"
#include "s3/writer.h"

namespace sallyport::s3 {

// Lives until its last request has ended, also when its writer is gone. On one loop.
struct Transfer {
  Transfer(const WriterServices& s, Caller c, storage::ObjectRef o, storage::PutOptions p)
      : services(s), caller(std::move(c)), object(std::move(o)), options(std::move(p)) {}

  WriterServices services;
  Caller caller;
  storage::ObjectRef object;
  storage::PutOptions options;
  BlockMemory::Share memory{services.memory};

  std::string upload_id;             // empty: none was begun
  PartTags tags;                     // of parts sent; empty while they are under way
  std::vector<std::string> crc32cs;  // of the same, where the store checks them by it
  std::optional<Error> failure;      // of any part: the upload is to be undone

  UploadName name() const { return UploadName(object, upload_id); }
  // null: nothing is on the disk.
  net::BlockingPool* disk() const;
  // Nothing was begun at the store, and nothing is under way.
  bool idle() const { return upload_id.empty() && parts_.children() == 0; }

  // Begins a multipart upload, and enters it in the ledger.
  Task<Result<void>> begin();
  // The next part, as a task of its own. REQUIRES: begin() has been.
  void send(std::unique_ptr<PartContent> content, BodyProof proof);
  // Gives back what it takes of memory or disk.
  Task<void> forget(std::unique_ptr<PartContent> content);
  // Until no more than `most` bytes are under way; but for 0, a failure ends the wait.
  Task<void> wait_until(std::uint64_t most);
  // Until so many blocks are no more than its share. What is beyond is under way, and comes back.
  Task<void> wait_for_share(std::size_t blocks);
  // The store has made an object of it.
  Task<void> completed();
  // Leaves nothing at the store; what cannot be aborted stays in the ledger.
  Task<void> undo();

 private:
  Task<void> send_part(std::uint32_t number, std::unique_ptr<PartContent> content, BodyProof proof);
  Task<Result<std::string>> send_content(std::uint32_t number, PartContent& content,
                                         BodyProof proof);
  Task<void> wait_for_a_part();
  Task<void> strike_from_ledger();

  std::optional<UploadLedger::Entry> entry_;
  std::uint64_t in_flight_ = 0;  // bytes
  net::TaskScope parts_;
  std::optional<net::CancellableSleep> change_;  // somebody waits for a part to end
};

}  // namespace sallyport::s3
