// Decides the same questions for a while and prints, a line a case, its name and how many decisions
// a second of CPU time it made, parted by a tab. `./dev bench policies` runs it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "iam/evaluate.h"
#include "iam/managed_policies.h"
#include "iam/testing/identity_for_test.h"

namespace {

using namespace sallyport::iam;

// The usual policy of an SFTP user's role.
constexpr std::string_view kRole = R"({"Version":"2012-10-17","Statement":[
  {"Sid":"AllowListingOfUserFolder","Effect":"Allow","Action":["s3:ListBucket","s3:GetBucketLocation"],"Resource":["arn:aws:s3:::demo"]},
  {"Sid":"HomeDirObjectAccess","Effect":"Allow","Action":["s3:PutObject","s3:GetObject","s3:DeleteObject","s3:DeleteObjectVersion","s3:GetObjectVersion","s3:GetObjectACL","s3:PutObjectACL"],
   "Resource":"arn:aws:s3:::demo/*"}]})";
// The usual session policy, its variables put in.
constexpr std::string_view kSession = R"({"Version":"2012-10-17","Statement":[
  {"Sid":"AllowListingOfUserFolder","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::demo",
   "Condition":{"StringLike":{"s3:prefix":["home/ann/*","home/ann"]}}},
  {"Sid":"HomeDirObjectAccess","Effect":"Allow","Action":["s3:PutObject","s3:GetObject","s3:DeleteObjectVersion","s3:DeleteObject","s3:GetObjectVersion","s3:GetObjectACL","s3:PutObjectACL"],
   "Resource":"arn:aws:s3:::demo/home/ann/*"}]})";
constexpr std::string_view kBucket = R"({"Version":"2012-10-17","Statement":[
  {"Sid":"TLS only","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::demo","arn:aws:s3:::demo/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},
  {"Sid":"Office only","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::demo","arn:aws:s3:::demo/*"],
   "Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::000000000000:role/*"}}},
  {"Sid":"Partner","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::000000000000:user/alice","111122223333"]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::demo/out/*"}]})";
constexpr std::string_view kVariables = R"({"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::demo","Condition":{"StringLike":{"s3:prefix":["home/${aws:username}/*"]}}},
  {"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::demo/home/${aws:username}/*"}]})";

std::shared_ptr<const PolicyDocument> parsed(std::string_view text, PolicyKind kind) {
  auto policy = PolicyDocument::parse(text, kind);
  if (!policy.ok()) {
    std::fprintf(stderr, "%s\n", policy.error().message.c_str());
    std::exit(1);
  }
  return std::move(policy).value();
}
NamedPolicy named(std::string_view text) {
  return {"arn:aws:iam::000000000000:policy/bench", parsed(text, PolicyKind::kIdentity)};
}
NamedPolicy managed(std::string_view arn) {
  return {std::string(arn), parsed(find_managed_policy(arn)->document, PolicyKind::kIdentity)};
}

double cpu_seconds() {
  std::timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Case {
  const char* name;
  std::vector<NamedPolicy> identity;
  std::shared_ptr<const PolicyDocument> session;
  std::shared_ptr<const PolicyDocument> resource;
  Identity caller;
  AccessRequest request;
  Verdict expected;
};

// The best of a few rounds: what else runs on the machine only slows down.
double decisions_per_second(const Case& c, double seconds) {
  const PolicySet set{c.identity, c.session.get(), c.resource.get()};
  double best = 0;
  for (int round = 0; round < 3; ++round) {
    const double start = cpu_seconds();
    double used = 0;
    std::size_t done = 0;
    do {
      for (int i = 0; i < 1000; ++i, ++done)
        if (evaluate(set, c.caller, c.request).verdict != c.expected) {
          std::fprintf(stderr, "%s: not the expected decision\n", c.name);
          std::exit(1);
        }
      used = cpu_seconds() - start;
    } while (used < seconds / 3);
    best = std::max(best, static_cast<double>(done) / used);
  }
  return best;
}

std::vector<Case> cases() {
  const Context context{{"aws:SecureTransport", "true"},
                        {"aws:PrincipalArn", "arn:aws:iam::000000000000:role/transfer"},
                        {"aws:PrincipalAccount", "000000000000"},
                        {"aws:PrincipalType", "AssumedRole"},
                        {"aws:userid", "AROATESTTESTTESTTEST1:ann"},
                        {"aws:username", "ann"},
                        {"aws:RequestedRegion", "us-east-1"},
                        {"aws:SourceIp", "203.0.113.9"},
                        {"s3:prefix", "home/ann/"},
                        {"s3:delimiter", "/"}};
  const Identity role = IdentityForTest::role(), user = IdentityForTest::user("ann");
  const AccessRequest get{"s3:GetObject", "arn:aws:s3:::demo/home/ann/reports/2026/01/a.csv",
                          context};
  const AccessRequest list{"s3:ListBucket", "arn:aws:s3:::demo", context};
  const AccessRequest unknown{"iam:DeleteRole", "arn:aws:iam::000000000000:role/r", context};
  const auto session = parsed(kSession, PolicyKind::kIdentity);
  const auto bucket = parsed(kBucket, PolicyKind::kBucket);

  std::string many;
  for (int i = 0; i < 100; ++i)
    many += std::string(i == 0 ? "" : ",") + R"({"Effect":"Allow","Action":"s3:Get*","Resource":)" +
            R"("arn:aws:s3:::b)" + std::to_string(i) + R"(/*"})";
  const NamedPolicy hundred = named(R"({"Version":"2012-10-17","Statement":[)" + many + "]}");
  const auto hostile = [](const std::string& pattern) {
    return named(
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*)" +
        pattern + "b*\"}}");
  };
  std::string stars, any_ones;
  for (int i = 0; i < 300; ++i) stars += "a*";
  for (int i = 0; i < 200; ++i) any_ones += "?a";
  const AccessRequest long_key{"s3:GetObject", "arn:aws:s3:::" + std::string(1024, 'a'), context};

  return {
      {"role policy, GetObject", {named(kRole)}, nullptr, nullptr, role, get, Verdict::kAllowed},
      {"role and session policy, GetObject",
       {named(kRole)},
       session,
       nullptr,
       role,
       get,
       Verdict::kAllowed},
      {"role and session policy, ListBucket",
       {named(kRole)},
       session,
       nullptr,
       role,
       list,
       Verdict::kAllowed},
      {"role, session and bucket policy, GetObject",
       {named(kRole)},
       session,
       bucket,
       role,
       get,
       Verdict::kAllowed},
      {"role, session and bucket policy, ListBucket",
       {named(kRole)},
       session,
       bucket,
       role,
       list,
       Verdict::kAllowed},
      {"user with variables, GetObject",
       {named(kVariables)},
       nullptr,
       nullptr,
       user,
       get,
       Verdict::kAllowed},
      {"user with five managed policies, denied",
       {managed("arn:aws:iam::aws:policy/AWSTransferConsoleFullAccess"),
        managed("arn:aws:iam::aws:policy/AWSTransferFullAccess"),
        managed("arn:aws:iam::aws:policy/AmazonS3FullAccess"),
        managed("arn:aws:iam::aws:policy/IAMReadOnlyAccess"),
        managed("arn:aws:iam::aws:policy/service-role/AWSTransferLoggingAccess")},
       nullptr,
       nullptr,
       user,
       unknown,
       Verdict::kImplicitDeny},
      {"policy of 100 statements, denied",
       {hundred},
       nullptr,
       nullptr,
       user,
       get,
       Verdict::kImplicitDeny},
      {"300 stars against a key of 1024 bytes, denied",
       {hostile(stars)},
       nullptr,
       nullptr,
       user,
       long_key,
       Verdict::kImplicitDeny},
      {"200 question marks between stars, the same key",
       {hostile(any_ones)},
       nullptr,
       nullptr,
       user,
       long_key,
       Verdict::kImplicitDeny},
  };
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 1;
  for (const Case& c : cases()) std::printf("%s\t%.0f\n", c.name, decisions_per_second(c, seconds));
}
