// The S3 stores elsewhere that the settings name, ready for use.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "api/support/stores_elsewhere.h"
#include "app/live_tasks.h"
#include "base/clock.h"
#include "base/random.h"
#include "config/settings.h"
#include "net/blocking_pool.h"
#include "state/database.h"
#include "storage/object_store.h"

namespace sallyport::app {

// What the stores work with; outlives them.
struct RemoteTools {
  state::Database& local;  // with s3::UploadLedger's schema
  net::BlockingPool& files;
  const Clock& clock;
  Random& random;
  LiveTasks& live;
  net::Loop& home;  // of what is done for nobody
};

// Thread-safe. The destructor REQUIRES that the loops have stopped.
class RemoteStores {
 public:
  // Blocking. Errors: kInvalidArgument naming the setting; those of the database.
  static Result<std::unique_ptr<RemoteStores>> open(const config::Settings& settings, RemoteTools tools);
  ~RemoteStores();

  bool empty() const;
  // The store that has the bucket ("": what lists buckets); null: none of these.
  storage::ObjectStore* find(std::string_view bucket) const;
  // For `sallyport doctor`; ends with this.
  api::StoresElsewhere for_doctor() const;
  // From now on aborts what uploads leave at the stores, until stop_sweeping(). Once.
  void start_sweeping();
  void stop_sweeping();

 private:
  struct Impl;
  explicit RemoteStores(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::app
