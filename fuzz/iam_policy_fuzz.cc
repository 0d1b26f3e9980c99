// Policies as users send them: whatever parses can be evaluated, and the matcher agrees with the
// definition of the wildcards.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "iam/evaluate.h"
#include "iam/testing/identity_for_test.h"
#include "iam/policy.h"

namespace {

using sallyport::iam::Context;
using sallyport::iam::MatchResult;
using sallyport::iam::Pattern;
using sallyport::iam::PolicyDocument;
using sallyport::iam::PolicyKind;

bool matches_by_definition(std::string_view pattern, std::string_view text) {
  std::vector<char> row(text.size() + 1, 0);
  row[0] = 1;
  for (const char p : pattern) {
    std::vector<char> next(text.size() + 1, 0);
    for (std::size_t j = 0; j <= text.size(); ++j) {
      if (p == '*') {
        next[j] = row[j] || (j > 0 && next[j - 1]);
      } else if (j > 0 && (p == '?' || p == text[j - 1])) {
        next[j] = row[j - 1];
      }
    }
    row = std::move(next);
  }
  return row[text.size()] != 0;
}

// "pattern\ntext"
void check_matcher(std::string_view input) {
  const std::size_t line = input.find('\n');
  if (line == std::string_view::npos || input.size() > 512) return;
  const std::string_view pattern = input.substr(0, line), text = input.substr(line + 1);
  const auto parsed = Pattern::parse(pattern, {.variables = false});
  if (!parsed.ok()) std::abort();
  if ((parsed->matches(text, {}) == MatchResult::kYes) != matches_by_definition(pattern, text))
    std::abort();
}

void check_policy(std::string_view input) {
  const Context context{{"aws:SecureTransport", "true"},
                        {"aws:userid", "AROAEXAMPLE:ann"},
                        {"aws:SourceIp", "203.0.113.9"},
                        {"s3:prefix", "home/ann/"},
                        {"s3:delimiter", "/"}};
  for (const PolicyKind kind : {PolicyKind::kIdentity, PolicyKind::kBucket, PolicyKind::kTrust}) {
    const auto policy = PolicyDocument::parse(input, kind);
    if (!policy.ok()) {
      if (policy.error().message.empty() || policy.error().reason.empty()) std::abort();
      continue;
    }
    const sallyport::iam::NamedPolicy named{"fuzz", *policy};
    for (const char* action : {"s3:GetObject", "s3:ListBucket", "sts:AssumeRole"}) {
      const sallyport::iam::PolicySet set{{&named, 1}, policy->get(), policy->get()};
      const auto decision =
          sallyport::iam::evaluate(set, sallyport::iam::IdentityForTest::role(),
                                   {action, "arn:aws:s3:::demo/home/ann/a.csv", context});
      if (decision.allowed() && decision.statement >= (*policy)->statements().size()) std::abort();
    }
    static_cast<void>(sallyport::iam::evaluate_trust(**policy, "transfer.amazonaws.com", context));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_matcher(input);
  check_policy(input);
  return 0;
}
