// One object being written to a remote store: one PUT when it is small, else parts that go out
// while the next ones come in.
#pragma once

#include <memory>
#include <string>

#include "net/blocking_pool.h"
#include "s3/block_memory.h"
#include "s3/multipart.h"
#include "s3/part_plan.h"
#include "s3/spawn.h"
#include "s3/upload_ledger.h"
#include "storage/object_store.h"

namespace sallyport::s3 {

// Where parts go that are too large for the memory.
struct PartFiles {
  std::string folder;
  net::BlockingPool& disk;
};

// What writers share; outlives them and what they leave behind.
struct WriterServices {
  Requester& requester;
  BlockMemory& memory;
  UploadLedger& ledger;
  WriteDefaults defaults;
  Spawn spawn;
  const PartFiles* part_files = nullptr;  // null: parts are no larger than the memory allows
  const PartPlan& plan = PartPlan::standard();
};

// REQUIRES: net::Loop::current() != null, here and at the destruction. The writer and what it
// leaves behind (an upload to be aborted) stay on that loop.
std::unique_ptr<storage::ObjectWriter> make_writer(const WriterServices& services, Caller caller,
                                                   storage::ObjectRef object,
                                                   storage::PutOptions options);

}  // namespace sallyport::s3
