// The table of explain_plan.cc and the sessions themselves must not drift apart: every verb is run
// with every set of rights at every kind of place, and refused exactly where the explanation says
// so.
#include <gtest/gtest.h>

#include "session/testing/explain_fixture.h"

namespace sallyport::session {
namespace {

using testing::ExplainTest;

constexpr std::string_view kRights[] = {"s3:GetObject", "s3:PutObject", "s3:DeleteObject",
                                        "s3:ListBucket", "s3:ListAllMyBuckets"};
constexpr unsigned kSets = 1u << std::size(kRights);

std::string policy_of(unsigned set) {
  nlohmann::json actions = nlohmann::json::array({"s3:GetBucketLocation"});
  for (std::size_t i = 0; i < std::size(kRights); ++i)
    if ((set >> i & 1u) != 0) actions.push_back(std::string(kRights[i]));
  return nlohmann::json{
      {"Version", "2012-10-17"},
      {"Statement", {{{"Effect", "Allow"}, {"Action", actions}, {"Resource", "*"}}}}}
      .dump();
}

bool is_denied(Outcome outcome) {
  return outcome == Outcome::kImplicitDeny || outcome == Outcome::kExplicitDeny ||
         outcome == Outcome::kNotAssumed;
}

class ExplanationsAgree : public ExplainTest {
 protected:
  // What a session answers: nothing, or its refusal. Objects are as before afterwards.
  std::optional<Error> refusal(Verb verb, const std::string& path) {
    const auto before = objects.buckets;
    log_in_again();
    std::optional<Error> out;
    const auto note = [&out](const auto& result) {
      if (!result.ok()) out = result.error();
      return result.ok();
    };
    switch (verb) {
      case Verb::kLs: note(list(path)); break;
      case Verb::kStat: note(wait(session().stat(path))); break;
      case Verb::kGet: note(wait(session().open_download(path))); break;
      case Verb::kPut: {
        auto upload = wait(session().open_upload(path, kPut));
        if (note(upload)) note(wait((*upload)->close()));
        break;
      }
      case Verb::kMkdir: note(wait(session().make_directory(path))); break;
      case Verb::kRmdir: note(wait(session().remove_directory(path))); break;
      case Verb::kRm: note(wait(session().remove_file(path))); break;
      case Verb::kRename: note(wait(session().rename(path, path))); break;
    }
    objects.buckets = before;
    return out;
  }

  void expect_agreement(const std::vector<std::string>& paths) {
    const std::vector<Verb> verbs(kVerbs.begin(), kVerbs.end());
    unsigned denied = 0, allowed = 0;
    for (unsigned set = 0; set < kSets; ++set) {
      allow(policy_of(set));
      for (const std::string& path : paths) {
        const Explanation all = explain_all(path, verbs);
        for (const VerbResult& told : all.verbs) {
          const auto error = refusal(*find_verb(told.name), path);
          const std::string what =
              told.name + " " + path + " with " + policy_of(set) + ": told \"" +
              std::string(outcome_name(told.outcome)) + "\", was " +
              (error ? std::string(errc_name(error->code)) : std::string("done"));
          if (told.outcome == Outcome::kRefused || told.outcome == Outcome::kOutside) {
            EXPECT_TRUE(error.has_value()) << what;
            continue;
          }
          const bool refused = error && error->code == Errc::kPermissionDenied;
          EXPECT_EQ(is_denied(told.outcome), refused) << what;
          ++(refused ? denied : allowed);
        }
      }
    }
    EXPECT_GT(denied, 0u);
    EXPECT_GT(allowed, 0u);
  }
};

TEST_F(ExplanationsAgree, WithSessionsOfTheRealNamespace) {
  objects.put("demo", "ann/", "");
  objects.put("demo", "ann/file", "text");
  objects.put("demo", "ann/dir/inner", "text");
  objects.put("demo", "ann/marked/", "");
  objects.put("demo", "bare/dir/inner", "text");
  expect_agreement({"/", "/demo", "/demo/ann", "/demo/ann/file", "/demo/ann/dir",
                    "/demo/ann/marked", "/demo/ann/missing", "/demo/bare", "/nowhere",
                    "/nowhere/a"});
}

TEST_F(ExplanationsAgree, WithSessionsOfMappings) {
  objects.put("demo", "in/a", "text");
  objects.put("demo", "in/sub/", "");
  objects.put("demo", "rates.csv", "1");
  make_logical({{"/x/in", "/demo/in"},
                {"/x/gone", "/demo/gone"},
                {"/rates.csv", "/demo/rates.csv", "FILE"}});
  expect_agreement({"/", "/x", "/x/in", "/x/in/a", "/x/in/sub", "/x/gone", "/rates.csv",
                    "/rates.csv/below", "/outside"});
}

TEST_F(ExplanationsAgree, WithSessionsOfAWholeBucketUnderTheRoot) {
  objects.put("demo", "a", "text");
  make_logical({{"/", "/demo"}});
  expect_agreement({"/", "/a", "/missing"});
}

TEST_F(ExplanationsAgree, WithSessionsOfOptimizedListings) {
  server.directory_listing_optimization = "ENABLED";
  objects.put("demo", "ann/sub/", "");
  expect_agreement({"/demo", "/demo/ann", "/demo/ann/sub"});
  log_in_again();
  make_logical({{"/in", "/demo/in"}, {"/gone", "/demo/gone"}});
  expect_agreement({"/", "/in", "/gone"});
}

TEST_F(ExplanationsAgree, WithARoleThatIsNotTrusted) {
  objects.put("demo", "ann/file", "text");
  break_trust();
  const std::vector<Verb> verbs(kVerbs.begin(), kVerbs.end());
  for (const char* path : {"/", "/demo/ann", "/demo/ann/file", "/demo"}) {
    for (const VerbResult& told : explain_all(path, verbs).verbs) {
      const auto error = refusal(*find_verb(told.name), path);
      if (told.outcome == Outcome::kRefused) continue;
      EXPECT_EQ(is_denied(told.outcome), error && error->code == Errc::kPermissionDenied)
          << told.name << " " << path;
    }
  }
}

TEST_F(ExplanationsAgree, WithPoliciesOnPrefixes) {
  objects.put("demo", "ann/file", "text");
  objects.put("demo", "ann/sub/", "");
  const std::vector<Verb> verbs(kVerbs.begin(), kVerbs.end());
  for (const char* prefix : {"ann/", "ann/file", "ann/sub/", "ann/file/", ""}) {
    allow(nlohmann::json{
        {"Statement",
         {{{"Effect", "Allow"},
           {"Action", "s3:ListBucket"},
           {"Resource", "arn:aws:s3:::demo"},
           {"Condition", {{"StringEquals", {{"s3:prefix", prefix}, {"s3:delimiter", "/"}}}}}}}}}
              .dump());
    for (const char* path : {"/demo", "/demo/ann", "/demo/ann/file", "/demo/ann/sub"}) {
      for (const VerbResult& told : explain_all(path, verbs).verbs) {
        const auto error = refusal(*find_verb(told.name), path);
        if (told.outcome == Outcome::kRefused) continue;
        EXPECT_EQ(is_denied(told.outcome), error && error->code == Errc::kPermissionDenied)
            << told.name << " " << path << " with " << prefix;
      }
    }
  }
}

}  // namespace
}  // namespace sallyport::session
