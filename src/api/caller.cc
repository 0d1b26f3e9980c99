#include "api/caller.h"

#include <string_view>
#include <utility>

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

Task<Result<void>> may(iam::Authorizer& authorizer, const Caller& caller, std::string action,
                       std::string resource) {
  iam::AccessQuestion question;
  question.action = std::move(action);
  question.resource = std::move(resource);
  question.details = caller.details();
  co_return co_await authorizer.check(caller.identity, std::move(question));
}

}  // namespace sallyport::api
