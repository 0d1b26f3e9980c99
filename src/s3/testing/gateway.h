// The S3 endpoint that SALLYPORT_TEST_S3_ENDPOINT names, asked with SALLYPORT_TEST_S3_ACCESS_KEY
// and SALLYPORT_TEST_S3_SECRET_KEY; tests/remote starts one and these tests with it. For tests
// only.
#pragma once

#include <cstdlib>
#include <string>

#include "s3/testing/remote_instance.h"

namespace sallyport::s3::testing_support {

inline std::string from_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

inline bool gateway_is_there() {
  return !from_environment("SALLYPORT_TEST_S3_ENDPOINT").empty();
}

inline RemoteSetup gateway_setup() {
  RemoteSetup setup;
  setup.endpoint = from_environment("SALLYPORT_TEST_S3_ENDPOINT");
  setup.keys.access_key = from_environment("SALLYPORT_TEST_S3_ACCESS_KEY");
  setup.keys.secret = SecretString(from_environment("SALLYPORT_TEST_S3_SECRET_KEY"));
  return setup;
}

}  // namespace sallyport::s3::testing_support
