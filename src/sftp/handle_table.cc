#include "sftp/handle_table.h"

#include <utility>

namespace sallyport::sftp {
namespace {

HandleId id_of(std::uint32_t generation, std::size_t slot) {
  return (HandleId{generation} << 32) | static_cast<std::uint32_t>(slot);
}

}  // namespace

HandleId HandleTable::add(OpenHandle handle) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Slot& slot = slots_[index];
  slot.handle = std::make_unique<OpenHandle>(std::move(handle));
  ++open_;
  if (quota_) quota_->overdraw(user_, 1);
  return id_of(slot.generation, index);
}

HandleTable::Slot* HandleTable::slot_of(HandleId id) {
  const std::size_t index = id & 0xffffffff;
  if (index >= slots_.size()) return nullptr;
  Slot& slot = slots_[index];
  return slot.handle && slot.generation == id >> 32 ? &slot : nullptr;
}

OpenHandle* HandleTable::find(HandleId id) {
  Slot* const slot = slot_of(id);
  return slot ? slot->handle.get() : nullptr;
}

std::optional<OpenHandle> HandleTable::remove(HandleId id) {
  Slot* const slot = slot_of(id);
  if (!slot) return std::nullopt;
  std::optional<OpenHandle> handle(std::move(*slot->handle));
  slot->handle.reset();
  // 0 would make an id that equals kNoHandle.
  if (++slot->generation == 0) slot->generation = 1;
  free_.push_back(static_cast<std::uint32_t>(slot - slots_.data()));
  --open_;
  if (quota_) quota_->give_back(user_, 1);
  return handle;
}

HandleId HandleTable::any() const {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].handle) return id_of(slots_[i].generation, i);
  }
  return kNoHandle;
}

}  // namespace sallyport::sftp
