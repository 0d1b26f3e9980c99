// Several stores as one: each bucket lies in one of them.
#pragma once

#include <functional>

#include "storage/object_store.h"

namespace sallyport::storage {

// Thread-safe. What is between two stores goes through this process: a copy is read and written,
// and takes type, metadata and content headers along; a move is a copy and a removal. The list of
// buckets is that of the store that the choice names for the empty name.
class RoutedObjectStore final : public ObjectStore {
 public:
  // Which store has the bucket; pure. The stores outlive the object.
  using Choice = std::function<ObjectStore&(std::string_view bucket)>;

  explicit RoutedObjectStore(Choice choice) : choice_(std::move(choice)) {}

  bool decides_itself(std::string_view bucket) const override;
  Task<Result<BucketInfo>> create_bucket(iam::Permit permit, std::string bucket,
                                         std::string region = {}) override;
  Task<Result<void>> delete_bucket(iam::Permit permit, std::string bucket) override;
  Task<Result<BucketInfo>> head_bucket(iam::Permit permit, std::string bucket) override;
  Task<Result<std::vector<BucketInfo>>> list_buckets(iam::Permit permit) override;
  Task<Result<ObjectInfo>> head(iam::Permit permit, ObjectRef object) override;
  Task<Result<std::unique_ptr<ObjectReader>>> open(iam::Permit permit, ObjectRef object) override;
  Task<Result<std::unique_ptr<ObjectWriter>>> create(iam::Permit permit, ObjectRef object,
                                                     PutOptions options) override;
  Task<Result<void>> remove(iam::Permit permit, ObjectRef object) override;
  Task<Result<ObjectInfo>> copy(iam::Permit read, iam::Permit write, ObjectRef from,
                                ObjectRef to) override;
  Task<Result<void>> move(iam::Permit read, iam::Permit write, iam::Permit erase, ObjectRef from,
                          ObjectRef to) override;
  Task<Result<void>> move_all(std::string from_bucket, std::string to_bucket,
                              std::vector<KeyMove> moves) override;
  Task<Result<ObjectInfo>> set_metadata(iam::Permit read, iam::Permit write, ObjectRef object,
                                        Metadata changes) override;
  Task<Result<ListPage>> list(iam::Permit permit, ListRequest request) override;

 private:
  const Choice choice_;
};

}  // namespace sallyport::storage
