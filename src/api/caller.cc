#include "api/caller.h"

#include <string_view>

#include "base/clock.h"

namespace sallyport::api {

iam::RequestDetails Caller::details() const {
  iam::RequestDetails out;
  const auto add = [&out](std::string_view key, std::string value) {
    if (!value.empty()) out.context.push_back({std::string(key), std::move(value)});
  };
  add("aws:SourceIp", source_ip);
  add("aws:UserAgent", user_agent);
  add("aws:Referer", referer);
  add("aws:CurrentTime", to_iso8601_ms(time));
  add("aws:EpochTime", std::to_string(to_unix_ms(time) / 1000));
  if (secure_transport) add("aws:SecureTransport", *secure_transport ? "true" : "false");
  return out;
}

}  // namespace sallyport::api
