// Who is told what after a commit. Inside src/state only.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "state/database.h"

namespace sallyport::state {

// Thread-safe. Handles may outlive the object.
class Listeners {
 public:
  Listeners();

  // See Database::listen.
  std::shared_ptr<void> add(std::string channel, Database::Listener listener);
  void tell(std::string_view channel, std::string_view payload) const;

 private:
  struct Entry;
  struct Registry;
  std::shared_ptr<Registry> registry_;
};

}  // namespace sallyport::state
