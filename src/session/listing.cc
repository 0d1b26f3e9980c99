#include "session/listing.h"

#include <algorithm>

#include "session/path.h"

namespace sallyport::session {

Task<Result<std::vector<DirectoryEntry>>> ReaderBase::next(std::uint32_t limit) {
  if (failure_) co_return *failure_;
  std::vector<DirectoryEntry> entries;
  while (entries.empty() && !ended_) {
    auto page = co_await read(std::clamp<std::uint32_t>(limit, 1, 1000));
    if (!page.ok()) {
      failure_ = core_->log.failed_listing(page.error());
      co_return *failure_;
    }
    entries = std::move(page).value();
  }
  co_return entries;
}

namespace {

// A level above LOGICAL mappings.
class VirtualReader final : public ReaderBase {
 public:
  VirtualReader(std::shared_ptr<Core> shared, const Location& directory, Look look)
      : ReaderBase(std::move(shared)),
        look_(std::move(look)),
        children_(core().view.children(directory)) {}

 private:
  // Mappings whose target is missing are hidden, and so are those the role may not see, unless
  // there is nothing else to show.
  Task<Result<std::vector<DirectoryEntry>>> read(std::uint32_t limit) override {
    std::vector<DirectoryEntry> out;
    while (next_ < children_.size() && out.size() < limit) {
      const Location& child = children_[next_++];
      DirectoryEntry entry{std::string(base_name(child.path)), FileAttributes{.directory = true}};
      if (!child.is_certain_directory()) {
        const auto found = co_await look_(child);
        if (!found.ok()) {
          if (found.error().reason != "AccessDenied") co_return found.error();
          denied_ = found.error();
          continue;
        }
        if (found->kind == Found::Kind::kMissing) continue;
        entry.attributes = found->attributes;
      }
      shown_ = true;
      out.push_back(std::move(entry));
    }
    if (next_ < children_.size()) co_return out;
    end();
    if (denied_ && !shown_) co_return *denied_;
    co_return out;
  }

  Look look_;
  std::vector<Location> children_;
  std::size_t next_ = 0;
  bool shown_ = false;
  std::optional<Error> denied_;
};

}  // namespace

std::unique_ptr<DirectoryReader> make_virtual_reader(std::shared_ptr<Core> core,
                                                     const Location& directory, Look look) {
  return std::make_unique<VirtualReader>(std::move(core), directory, std::move(look));
}

}  // namespace sallyport::session
