// DeleteObjects: up to 1,000 keys, each with a decision of its own.
#include <algorithm>

#include "api/s3/access.h"
#include "api/s3/operations.h"
#include "api/s3/xml_body.h"
#include "api/wire_error.h"
#include "net/loop.h"

namespace sallyport::api {

namespace {

constexpr std::size_t kMaxKeys = 1000;
// So many at a time share the index's commits.
constexpr std::size_t kAtOnce = 32;

struct Doomed {
  std::string key;
  std::string version;
  bool conditional = false;
  std::optional<storage::Removal> removed;
  std::optional<WireError> error;
};

struct DeleteRequest {
  std::vector<Doomed> objects;
  bool quiet = false;
};

Outcome<Doomed> read_object(const pugi::xml_node& node) {
  TRY(expect_children(node, {"Key", "VersionId", "ETag", "LastModifiedTime", "Size"}));
  TRY_ASSIGN(const auto key, xml_child_text(node, "Key"));
  TRY_ASSIGN(const auto version, xml_child_text(node, "VersionId"));
  if (!key || key->empty()) return s3_malformed_xml();
  Doomed out;
  out.key = *key;
  out.version = version.value_or("");
  out.conditional = node.child("ETag") || node.child("LastModifiedTime") || node.child("Size");
  return out;
}

Outcome<DeleteRequest> read_request(const codec::XmlDocument& document) {
  DeleteRequest out;
  const auto root = document->document_element();
  TRY(expect_children(root, {"Object", "Quiet"}));
  TRY_ASSIGN(const auto quiet, xml_child_text(root, "Quiet"));
  if (quiet && *quiet != "true" && *quiet != "false") return s3_malformed_xml();
  out.quiet = quiet && *quiet == "true";
  for (const auto& node : root.children("Object")) {
    if (out.objects.size() == kMaxKeys) return s3_malformed_xml();
    TRY_ASSIGN(auto one, read_object(node));
    out.objects.push_back(std::move(one));
  }
  if (out.objects.empty()) return s3_malformed_xml();
  return out;
}

Task<Outcome<storage::Removal>> remove(const S3Call& call, const Doomed& one) {
  if (one.conditional) co_return s3_not_implemented("A condition on an object of DeleteObjects");
  const auto action =
      one.version.empty() ? iam::Action::kDeleteObject : iam::Action::kDeleteObjectVersion;
  iam::Context extra;
  if (!one.version.empty()) extra.push_back({"s3:VersionId", one.version});
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, action, one.key, std::move(extra)));
  storage::VersionRef object{call.request.bucket, one.key, one.version};
  CO_TRY_ASSIGN(auto removal, co_await call.objects().remove_version(permit, std::move(object)));
  co_return std::move(removal);
}

// Takes every kAtOnce-th object, from `first` on.
Task<void> remove_some(const S3Call& call, std::vector<Doomed>& objects, std::size_t first) {
  for (std::size_t i = first; i < objects.size(); i += kAtOnce) {
    auto removal = co_await remove(call, objects[i]);
    if (removal.ok()) {
      objects[i].removed = std::move(*removal);
    } else {
      objects[i].error = s3_error(removal.error());
    }
  }
}

void write_result(codec::XmlWriter& xml, const Doomed& one, bool quiet) {
  if (one.error) {
    xml.open("Error").element("Key", one.key);
    if (!one.version.empty()) xml.element("VersionId", one.version);
    xml.element("Code", one.error->code).element("Message", one.error->message).close();
    return;
  }
  if (quiet) return;
  xml.open("Deleted").element("Key", one.key);
  if (!one.version.empty()) xml.element("VersionId", one.version);
  if (one.removed->delete_marker) {
    xml.element_bool("DeleteMarker", true);
    xml.element("DeleteMarkerVersionId", one.removed->version_id);
  }
  xml.close();
}

}  // namespace

S3Answer delete_objects(const S3Call& call) {
  if (call.headers().contains("x-amz-mfa")) co_return s3_not_implemented("MFA delete");
  if (!call.headers().contains("Content-MD5") && !call.body.announced_checksum())
    co_return s3_invalid_request(
        "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
  CO_TRY_ASSIGN(const auto document, co_await read_s3_xml(call, "Delete", kMaxListBody));
  CO_TRY_ASSIGN(auto request, read_request(document));
  net::TaskScope scope;
  for (std::size_t i = 0; i < std::min(kAtOnce, request.objects.size()); ++i)
    scope.spawn(remove_some(call, request.objects, i));
  co_await scope.join();

  codec::XmlWriter xml;
  xml.open("DeleteResult", kS3Xmlns);
  for (const Doomed& one : request.objects) write_result(xml, one, request.quiet);
  co_return s3_xml_response(xml.take());
}

}  // namespace sallyport::api
