// Checksums of objects made in parts (Amazon S3 user guide, "Checking object integrity", "Full
// object and composite checksum types"). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/fault.h"
#include "codec/xml.h"
#include "http/checksum.h"
#include "http/headers.h"
#include "storage/bucket_store.h"

#include <pugixml.hpp>

namespace sallyport::api {

// How the whole of an upload is summed up.
struct UploadChecksum {
  http::ChecksumAlgorithm algorithm = http::ChecksumAlgorithm::kCrc64Nvme;
  bool full_object = true;  // else a checksum of the parts' checksums
  bool chosen = false;      // by the client
};

// x-amz-checksum-algorithm and x-amz-checksum-type of CreateMultipartUpload. Without them it is a
// full object's CRC64NVME, as in S3. InvalidRequest.
Outcome<UploadChecksum> read_upload_checksum(const http::Headers& headers);
// In and out of what the store keeps of an upload.
void keep_upload_checksum(const UploadChecksum& checksum, storage::ContentHeaders& headers);
UploadChecksum kept_upload_checksum(const storage::ContentHeaders& headers);

// Of the parts, in their order; "" when one lacks it.
std::string sum_parts(const UploadChecksum& checksum, const std::vector<storage::PartInfo>& parts);

// <ChecksumCRC32>…</ChecksumCRC32> …
void write_checksums(codec::XmlWriter& xml, const storage::Checksums& checksums);
// The same elements among the children of a node. MalformedXML.
Outcome<storage::Checksums> read_checksums(const pugi::xml_node& node);

}  // namespace sallyport::api
