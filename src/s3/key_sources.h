// Where the keys to a remote store come from.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "http/client_pool.h"
#include "http/sigv4.h"
#include "net/blocking_pool.h"
#include "s3/credentials.h"
#include "s3/sts.h"

namespace sallyport::s3 {

// What a source works with; it outlives the source.
struct KeyTools {
  http::ClientPool& pool;
  net::BlockingPool& files;  // where files are read
  const Clock& clock;
};

// The value of an environment variable; nullopt: not set.
using Environment = std::function<std::optional<std::string>(const char* name)>;
Environment process_environment();

// Always these.
std::unique_ptr<KeySource> fixed_keys(http::Credentials keys);

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if it is set, AWS_SESSION_TOKEN, as they are now.
// Error: kInvalidArgument naming what is missing.
Result<std::unique_ptr<KeySource>> environment_keys(const Environment& environment);

// `access_key` with the secret that `file` holds, white space around it cut off. Like the sources
// below it looks at the file every 5 seconds at most, when keys are asked for, and reads it when it
// has changed. Of every source that reads a file: kInvalidArgument (it is not there, cannot be
// read, is larger than 1 MiB or does not hold what it should).
std::unique_ptr<KeySource> secret_file_keys(std::string access_key, std::string file,
                                            const KeyTools& tools);
// Of a profile of a shared credentials file.
std::unique_ptr<KeySource> shared_file_keys(std::string file, std::string profile,
                                            const KeyTools& tools);

// AssumeRoleWithWebIdentity with the token that `token_file` holds at that time (OIDC federation;
// of Amazon EKS "IAM roles for service accounts").
struct WebIdentityOptions {
  StsOptions sts;
  std::string role_arn;
  std::string session_name = "sallyport";
  std::string token_file;
};
std::unique_ptr<KeySource> web_identity_keys(WebIdentityOptions options, const KeyTools& tools);

// The keys of the machine or container that the program runs in. Of a container where
// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or …_FULL_URI is set (Amazon ECS, "Task IAM role"; EKS Pod
// Identity), with AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or …_TOKEN; else of the instance by its
// metadata service, version 2 only ("Use IMDSv2", Amazon EC2), at AWS_EC2_METADATA_SERVICE_ENDPOINT
// if that is set. Error: kInvalidArgument (a URL that is none, or a full URI in plain http to
// another host than this one or those of ECS and EKS).
Result<std::unique_ptr<KeySource>> instance_keys(const Environment& environment,
                                                 const KeyTools& tools);

}  // namespace sallyport::s3
