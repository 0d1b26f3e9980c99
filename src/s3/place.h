// Where a remote store is, and how it is spoken to.
#pragma once

#include <cstdint>
#include <string>

#include "http/url.h"

namespace sallyport::s3 {

// How the bucket is named ("Virtual hosting of buckets" in the Amazon S3 user guide).
enum class Addressing : std::uint8_t {
  kPath,         // https://host/bucket/key
  kVirtualHost,  // https://bucket.host/key
};

// Plain data.
struct Place {
  std::string name;  // as the settings call the store
  http::Url endpoint;
  std::string region = "us-east-1";
  Addressing addressing = Addressing::kPath;
};

}  // namespace sallyport::s3
