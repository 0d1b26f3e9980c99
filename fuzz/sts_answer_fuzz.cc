// What an STS, a metadata service or a credentials file gives: keys that come out can stand in headers.
#include <algorithm>
#include <cstdlib>

#include "base/bytes.h"
#include "s3/shared_credentials.h"
#include "s3/sts_answer.h"
#include "s3/timestamp.h"

using namespace sallyport;

namespace {

void check_keys(const Result<s3::Keys>& keys) {
  if (!keys.ok()) return;
  const http::Credentials& found = (*keys)->keys;
  for (const std::string_view part : {std::string_view(found.access_key), found.secret.reveal(),
                                      std::string_view(found.session_token)})
    if (part.empty() || part.size() > s3::kMaxSessionTokenBytes ||
        std::any_of(part.begin(), part.end(), [](char c) { return c <= 0x20 || c >= 0x7f; }))
      std::abort();
  if (!(*keys)->expires) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  check_keys(s3::parse_session_keys("AssumeRole", text));
  check_keys(s3::parse_session_keys("AssumeRoleWithWebIdentity", text));
  check_keys(s3::parse_metadata_keys(std::string(text)));
  (void)s3::parse_caller_arn(text);
  (void)s3::parse_timestamp(text);
  (void)s3::parse_shared_credentials(text, "default");
  return 0;
}
