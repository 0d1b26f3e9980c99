#include "storage/embedded_object_store.h"

namespace sallyport::storage {

Task<Result<Versioning>> EmbeddedObjectStore::versioning(iam::Permit, std::string) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<void>> EmbeddedObjectStore::set_versioning(iam::Permit, std::string, Versioning) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<ObjectInfo>> EmbeddedObjectStore::head_version(iam::Permit, VersionRef) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<std::unique_ptr<ObjectReader>>> EmbeddedObjectStore::open_version(iam::Permit,
                                                                              VersionRef) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<std::string>> EmbeddedObjectStore::current_marker(iam::Permit, ObjectRef) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<Removal>> EmbeddedObjectStore::remove_version(iam::Permit, VersionRef) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<VersionListPage>> EmbeddedObjectStore::list_versions(iam::Permit, VersionListRequest) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<std::pair<Tags, std::string>>> EmbeddedObjectStore::tags(iam::Permit, VersionRef) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<std::string>> EmbeddedObjectStore::set_tags(iam::Permit, VersionRef, Tags) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<ObjectInfo>> EmbeddedObjectStore::copy_version(iam::Permit, iam::Permit, VersionRef,
                                                           ObjectRef, CopyOptions) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

}  // namespace sallyport::storage
