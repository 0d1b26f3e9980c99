// What is at a place in the buckets, looked at with the rights of who asks about it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iam/authorizer.h"
#include "session/explain_plan.h"
#include "storage/object_store.h"

namespace sallyport::session {

// What is referred to outlives it. Errors: kUnavailable and storage's; what the asker may not see
// is no error.
struct Lookout {
  storage::ObjectStore& objects;
  iam::Authorizer& authorizer;
  iam::Identity asker;
  iam::RequestDetails details;  // of his request
  // Whether a bucket is in another store, which is not looked at; empty: none is.
  std::function<bool(std::string_view bucket)> elsewhere = {};

  bool is_elsewhere(std::string_view bucket) const { return elsewhere && elsewhere(bucket); }
  // nullopt: he may not list it, or it is elsewhere.
  Task<Result<std::optional<bool>>> has_bucket(std::string bucket) const;
  // A missing bucket counts as kMissing.
  Task<Result<Content>> content_of(Location at) const;
  // The folders of a listing's first 1,000 entries, the listed one's own marker first.
  Task<Result<std::vector<Folder>>> folders_of(Location at) const;

 private:
  iam::RequestDetails listing_details() const;
  Task<Result<std::optional<storage::ListPage>>> look(std::string bucket, std::string prefix,
                                                      std::uint32_t limit) const;
};

}  // namespace sallyport::session
