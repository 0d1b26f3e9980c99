#include "storage/embedded_object_store.h"

namespace sallyport::storage {

Task<Result<std::string>> EmbeddedObjectStore::create_upload(iam::Permit, ObjectRef, PutOptions) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<std::unique_ptr<ObjectWriter>>> EmbeddedObjectStore::create_part(iam::Permit, UploadRef,
                                                                             std::uint32_t) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<PartInfo>> EmbeddedObjectStore::copy_part(iam::Permit, iam::Permit, VersionRef, Range,
                                                      UploadRef, std::uint32_t, CopyOptions) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<ObjectInfo>> EmbeddedObjectStore::complete_upload(iam::Permit, UploadRef,
                                                              std::vector<CompletedPart>,
                                                              PutOptions, ContentDigest) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<void>> EmbeddedObjectStore::abort_upload(iam::Permit, UploadRef) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<PutOptions>> EmbeddedObjectStore::upload_options(iam::Permit, UploadRef) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<PartPage>> EmbeddedObjectStore::list_parts(iam::Permit, UploadRef, std::uint32_t,
                                                       std::uint32_t) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

Task<Result<UploadListPage>> EmbeddedObjectStore::list_uploads(iam::Permit, UploadListRequest) {
  co_return Error(Errc::kUnsupported, "This operation is not there yet", "NotImplemented");
}

}  // namespace sallyport::storage
