#include <gtest/gtest.h>

#include "api/query/testing/query_fixture.h"

namespace sallyport::api {
namespace {

using namespace testing;  // NOLINT: the fixture's words

struct TaggedKind {
  const char* noun;
  const char* parameter;
  const char* id;
  bool ignores_case;
};

class IamTags : public QueryTest, public ::testing::WithParamInterface<TaggedKind> {
 protected:
  void SetUp() override {
    done(create_role("one"));
    user("one");
    create_policy("one");
  }
  Answer act(const std::string& verb, const Fields& more = {}, const char* suffix = "") {
    Fields fields = {{GetParam().parameter, GetParam().id}};
    fields.insert(fields.end(), more.begin(), more.end());
    return call(verb + GetParam().noun + suffix, fields);
  }
  Answer tag(const std::vector<std::pair<std::string, std::string>>& tags) {
    Fields fields;
    for (std::size_t i = 0; i < tags.size(); ++i) {
      const std::string member = "Tags.member." + std::to_string(i + 1);
      fields.emplace_back(member + ".Key", tags[i].first);
      fields.emplace_back(member + ".Value", tags[i].second);
    }
    return act("Tag", fields);
  }
  Answer list(const Fields& more = {}) { return act("List", more, "Tags"); }
};

TEST_P(IamTags, AreSetReplacedAndRemoved) {
  done(tag({{"b", "1"}, {"a", "2"}}));
  done(tag({{"b", "3"}, {"c", ""}}));
  EXPECT_EQ(texts(list(), "Key"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(texts(list(), "Value"), (std::vector<std::string>{"2", "3", ""}));
  done(act("Untag", {{"TagKeys.member.1", "b"}, {"TagKeys.member.2", "unknown"}}));
  EXPECT_EQ(texts(list(), "Key"), (std::vector<std::string>{"a", "c"}));
}

TEST_P(IamTags, KeysDifferInCaseAsTheirHolderHasIt) {
  done(tag({{"Team", "1"}}));
  done(tag({{"team", "2"}}));
  if (GetParam().ignores_case) {
    EXPECT_EQ(texts(list(), "Key"), std::vector<std::string>{"team"});
    refused(tag({{"k", "1"}, {"K", "2"}}), 400, "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  } else {
    EXPECT_EQ(texts(list(), "Key"), (std::vector<std::string>{"Team", "team"}));
    refused(tag({{"k", "1"}, {"k", "2"}}), 400, "InvalidInput", "Duplicate tag keys found.");
  }
}

TEST_P(IamTags, ComePageByPage) {
  done(tag({{"a", "1"}, {"b", "2"}, {"c", "3"}}));
  const Answer first = list({{"MaxItems", "2"}});
  EXPECT_EQ(text(first, "IsTruncated"), "true");
  const Answer rest = list({{"Marker", text(first, "Marker")}});
  EXPECT_EQ(texts(rest, "Key"), std::vector<std::string>{"c"});
}

TEST_P(IamTags, AreFiftyAtMost) {
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 50; ++i) many.emplace_back("k" + std::to_string(i), "v");
  done(tag(many));
  refused(tag({{"one-more", "v"}}), 409, "LimitExceeded");
  many.emplace_back("one-more", "v");
  refused(tag(many), 400, "ValidationError",
          "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must "
          "have length less than or equal to 50");
}

TEST_P(IamTags, AreChecked) {
  refused(tag({{"", "v"}}), 400, "ValidationError");
  refused(tag({{std::string(129, 'k'), "v"}}), 400, "ValidationError",
          "1 validation error detected: Value at 'tags.1.member.key' failed to satisfy "
          "constraint: Member must have length less than or equal to 128");
  refused(tag({{"k", std::string(257, 'v')}}), 400, "ValidationError");
  refused(tag({{"k;", "v"}}), 400, "ValidationError");
  refused(tag({{"aws:k", "v"}}), 400, "InvalidInput");
  refused(tag({}), 400, "ValidationError");
  refused(act("Untag"), 400, "ValidationError");
  EXPECT_EQ(text(list(), "Key"), "");
}

INSTANTIATE_TEST_SUITE_P(Holders, IamTags,
                         ::testing::Values(TaggedKind{"Role", "RoleName", "one", true},
                                           TaggedKind{"User", "UserName", "one", true},
                                           TaggedKind{"Policy", "PolicyArn",
                                                      "arn:aws:iam::000000000000:policy/one",
                                                      false}),
                         [](const auto& info) { return std::string(info.param.noun); });

class IamPolicyTags : public QueryTest {};

TEST_F(IamPolicyTags, OfAwsPoliciesAreNone) {
  EXPECT_EQ(text(call("ListPolicyTags", {{"PolicyArn", kS3FullAccess}}), "IsTruncated"), "false");
  refused(call("TagPolicy", {{"PolicyArn", kS3FullAccess},
                             {"Tags.member.1.Key", "k"},
                             {"Tags.member.1.Value", "v"}}),
          403, "AccessDenied", "Cannot update policies outside your own account.");
}

}  // namespace
}  // namespace sallyport::api
