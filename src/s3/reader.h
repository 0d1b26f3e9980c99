// One object being read from a remote store, ahead of who reads it.
#pragma once

#include <memory>

#include "s3/block_memory.h"
#include "s3/requester.h"
#include "s3/spawn.h"
#include "storage/object_store.h"

namespace sallyport::s3 {

// What readers share; outlives them and the requests they leave behind.
struct ReaderServices {
  Requester& requester;
  BlockMemory& memory;
  Spawn spawn;
};

// Asks for the beginning of the object, which tells what it is as well. Ranges after it are asked
// for when they are wanted, several at once while the reading goes on front to back, all of the
// same ETag: when the object is replaced meanwhile, reading fails with kConflict. The reader stays
// on the loop where it was made.
Task<Result<std::unique_ptr<storage::ObjectReader>>> open_reader(ReaderServices services,
                                                                 Caller caller,
                                                                 storage::ObjectRef object);

}  // namespace sallyport::s3
