// The part of Amazon S3's REST API that this version has: buckets, listing, and whole objects.
// Everything else answers NotImplemented (501).
#pragma once

#include <string>
#include <vector>

#include "api/caller.h"
#include "api/page_token.h"
#include "api/s3/request.h"
#include "api/services.h"
#include "base/task.h"
#include "http/signed_body.h"
#include "iam/authorizer.h"

namespace sallyport::api {

inline constexpr std::string_view kS3Xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";

// Outlives every call. Thread-safe.
struct S3Context {
  storage::ObjectStore& objects;
  iam::Authorizer& authorizer;
  model::Place place;
  PageTokens tokens;
  std::vector<std::string> host_names;
};

// One request; everything referenced outlives its task.
struct S3Call {
  const S3Context& context;
  const S3Request& request;
  http::SignedBodyReader& body;
  const Caller& caller;
};

using S3Answer = Task<Outcome<http::HttpResponse>>;

S3Answer list_buckets(const S3Call& call);
S3Answer create_bucket(const S3Call& call);
S3Answer head_bucket(const S3Call& call);
S3Answer delete_bucket(const S3Call& call);
S3Answer get_bucket_location(const S3Call& call);
S3Answer list_objects_v2(const S3Call& call);
// HEAD and GET.
S3Answer get_object(const S3Call& call);
S3Answer put_object(const S3Call& call);
S3Answer delete_object(const S3Call& call);

// The permit for one act of this caller.
Task<Outcome<iam::Permit>> s3_permit(const S3Call& call, iam::Action action, std::string key);
http::HttpResponse s3_xml_response(std::string xml);

// Thread-safe.
class S3Service {
 public:
  explicit S3Service(S3Context context) : context_(std::move(context)) {}
  // All references outlive the task.
  Task<http::HttpResponse> handle(const http::HttpRequest& request, http::SignedBodyReader& body,
                                  const Caller& caller);

 private:
  S3Context context_;
};

}  // namespace sallyport::api
