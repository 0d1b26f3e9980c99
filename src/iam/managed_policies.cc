#include "iam/managed_policies.h"

#include <algorithm>
#include <array>

namespace sallyport::iam {

namespace {

constexpr std::array<ManagedPolicy, 3> kPolicies{{
    {"AWSDenyAll", "arn:aws:iam::aws:policy/AWSDenyAll",
     R"({"Version":"2012-10-17","Statement":[{"Sid":"DenyAll","Effect":"Deny","Action":["*"],"Resource":"*"}]})"},
    {"AmazonS3FullAccess", "arn:aws:iam::aws:policy/AmazonS3FullAccess",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],"Resource":"*"}]})"},
    {"AmazonS3ReadOnlyAccess", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]})"},
}};

}  // namespace

std::span<const ManagedPolicy> managed_policies() {
  return kPolicies;
}

const ManagedPolicy* find_managed_policy(std::string_view arn) {
  const auto found = std::find_if(kPolicies.begin(), kPolicies.end(),
                                  [arn](const ManagedPolicy& p) { return p.arn == arn; });
  return found == kPolicies.end() ? nullptr : &*found;
}

}  // namespace sallyport::iam
