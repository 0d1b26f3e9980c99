#include "s3/shared_credentials.h"

#include <string>

#include "s3/key_file.h"

namespace sallyport::s3 {

Result<http::Credentials> parse_shared_credentials(std::string_view text,
                                                   std::string_view profile) {
  http::Credentials out;
  bool in_profile = false;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = trimmed_key(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      in_profile = line.back() == ']' && trimmed_key(line.substr(1, line.size() - 2)) == profile;
      continue;
    }
    const auto equals = line.find('=');
    if (!in_profile || equals == std::string_view::npos) continue;
    const std::string_view name = trimmed_key(line.substr(0, equals));
    const std::string value(trimmed_key(line.substr(equals + 1)));
    if (name == "aws_access_key_id") out.access_key = value;
    if (name == "aws_secret_access_key") out.secret = SecretString(value);
    if (name == "aws_session_token") out.session_token = value;
  }
  if (out.access_key.empty() || out.secret.empty())
    return Error(Errc::kInvalidArgument, "the credentials file has no [" + std::string(profile) +
                                             "] profile with aws_access_key_id and "
                                             "aws_secret_access_key");
  return out;
}

}  // namespace sallyport::s3
