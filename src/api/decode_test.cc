#include "api/decode.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sallyport::api {
namespace {

using nlohmann::json;

const Shape& input(std::string_view operation) {
  return *transfer_model().operation(operation)->input;
}

Outcome<json> decode(std::string_view operation, std::string_view body) {
  std::vector<std::string> unknown;
  return decode_request(body, input(operation), unknown);
}

std::string refusal(std::string_view operation, std::string_view body) {
  const auto decoded = decode(operation, body);
  return decoded.ok() ? "accepted" : decoded.error().reason + ": " + decoded.error().message;
}

TEST(Decode, TakesAnEmptyBodyForAnEmptyObject) {
  const auto decoded = decode("CreateServer", "");
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, json::object());
}

TEST(Decode, DropsUnknownMembersAndNullsAndSaysSo) {
  std::vector<std::string> unknown;
  const auto decoded = decode_request(
      R"({"Domain":"S3","Newer":{"a":1},"Certificate":null,"ProtocolDetails":{"Also":2}})",
      input("CreateServer"), unknown);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, json::parse(R"({"Domain":"S3","ProtocolDetails":{}})"));
  EXPECT_EQ(unknown, (std::vector<std::string>{"Newer", "protocolDetails.Also"}));
}

TEST(Decode, TellsAPatternViolationAsTheServiceDoes) {
  // The text that a report to the Terraform provider shows for a key with quotation marks.
  EXPECT_EQ(
      refusal(
          "ImportSshPublicKey",
          R"({"ServerId":"s-0123456789abcdef0","UserName":"ann","SshPublicKeyBody":"\"ssh-rsa"})"),
      "ValidationException: 1 validation error detected: Value at 'sshPublicKeyBody' failed to "
      "satisfy constraint: Member must satisfy regular expression pattern: "
      "\\s*(ssh|ecdsa)-[a-z0-9-]+[ \\t]+(([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{1,3})?(={0,3})?)"
      "(\\s*|[ \\t]+[\\S \\t]*\\s*)");
}

TEST(Decode, TellsAllViolationsInOneMessage) {
  EXPECT_EQ(
      refusal("DescribeUser", R"({"ServerId":"s-1"})"),
      "ValidationException: 3 validation errors detected: "
      "Value at 'serverId' failed to satisfy constraint: Member must have length greater than "
      "or equal to 19; "
      "Value at 'serverId' failed to satisfy constraint: Member must satisfy regular "
      "expression pattern: s-([0-9a-f]{17}); "
      "Value null at 'userName' failed to satisfy constraint: Member must not be null");
}

TEST(Decode, NamesMembersOfListsByPosition) {
  EXPECT_EQ(refusal("CreateServer", R"({"Tags":[{"Key":"a","Value":"b"},{"Key":"a"}]})"),
            "ValidationException: 1 validation error detected: Value null at 'tags.2.member.value' "
            "failed to satisfy constraint: Member must not be null");
}

TEST(Decode, NamesTheValuesOfAnEnum) {
  EXPECT_EQ(refusal("CreateServer", R"({"Domain":"NFS"})"),
            "ValidationException: 1 validation error detected: Value at 'domain' failed to satisfy "
            "constraint: Member must satisfy enum value set: [S3, EFS]");
}

TEST(Decode, NeverEchoesAValue) {
  const std::string secret = "-----BEGIN SECRET-----" + std::string(5000, 'x');
  const json body = {{"HostKey", secret}};
  EXPECT_EQ(refusal("CreateServer", body.dump()).find("SECRET"), std::string::npos);
}

TEST(Decode, CountsCharactersAndNotBytes) {
  std::string name;
  for (int i = 0; i < 256; ++i) name += "\xc3\xa9";
  const json body = {{"Tags", {{{"Key", "k"}, {"Value", name}}}}};
  EXPECT_TRUE(decode("CreateServer", body.dump()).ok());
}

TEST(Decode, BoundsTheMessage) {
  json mappings = json::array();
  for (int i = 0; i < 1000; ++i) mappings.push_back({{"Entry", "x"}, {"Target", "/t"}});
  const json body = {{"Role", "arn:aws:iam::000000000000:role/r"},
                     {"ServerId", "s-0123456789abcdef0"},
                     {"UserName", "ann"},
                     {"HomeDirectoryMappings", mappings}};
  const std::string text = refusal("CreateUser", body.dump());
  EXPECT_NE(text.find("1000 validation errors detected"), std::string::npos);
  EXPECT_LT(text.size(), 20'000u);
}

TEST(Decode, RefusesWhatIsNotAJsonObject) {
  for (const char* body : {"{", "[]", "\"x\"", "1", "null", "{\"a\":1}x", "\xff", "{'a':1}"})
    EXPECT_EQ(refusal("CreateServer", body).substr(0, 22), "SerializationException") << body;
  EXPECT_EQ(refusal("CreateServer", std::string(100'000, '[')).substr(0, 22),
            "SerializationException");
}

TEST(Decode, RefusesNumbersThatDoNotFit) {
  for (const char* number : {"1.5", "9223372036854775808", "2147483648", "1e2", "true", "\"1\""}) {
    const std::string body = std::string(R"({"MaxResults":)") + number + "}";
    EXPECT_EQ(refusal("ListServers", body).substr(0, 22), "SerializationException") << number;
  }
}

// --- From the table: every member of every request ---

// A value of the wrong JSON type for a shape.
json wrong_type(const Shape& shape) {
  switch (shape.type) {
    case ShapeType::kStructure: return json::array();
    case ShapeType::kList: return json::object();
    case ShapeType::kString:
    case ShapeType::kBlob:
    case ShapeType::kBoolean: return 7;
    case ShapeType::kInteger:
    case ShapeType::kLong:
    case ShapeType::kTimestamp: return "x";
  }
  return nullptr;
}

TEST(Decode, RefusesTheWrongTypeOfEveryMemberOfEveryRequest) {
  for (const auto& [name, operation] : transfer_model().operations()) {
    for (const auto& member : operation.input->members) {
      for (const json& value : {wrong_type(*member.shape), json({{"a", json::array()}})}) {
        if (member.shape->type == ShapeType::kStructure && value.is_object()) continue;
        std::vector<std::string> unknown;
        const auto decoded =
            decode_request(json{{member.name, value}}.dump(), *operation.input, unknown);
        ASSERT_FALSE(decoded.ok()) << name << "." << member.name;
        EXPECT_EQ(decoded.error().reason, "SerializationException") << name << "." << member.name;
      }
    }
  }
}

TEST(Decode, MissesEveryRequiredMemberOfEveryRequest) {
  for (const auto& [name, operation] : transfer_model().operations()) {
    std::size_t required = 0;
    for (const auto& member : operation.input->members) required += member.required;
    Violations violations;
    check_constraints(json::object(), *operation.input, violations);
    if (required == 0) {
      EXPECT_TRUE(violations.empty()) << name;
    } else {
      EXPECT_TRUE(violations.message().starts_with(std::to_string(required) + " validation"))
          << name;
    }
  }
}

// Whether `value` breaks the bound on length or value, whatever else it breaks.
bool breaks_bound(const json& value, const Shape& shape) {
  Violations violations;
  check_constraints(value, shape, violations);
  return !violations.empty() &&
         (violations.message().find("Member must have length") != std::string::npos ||
          violations.message().find("Member must have value") != std::string::npos);
}

TEST(Decode, HoldsEveryBoundOfTheTableAtItsEdgeAndOnePastIt) {
  for (const auto& [name, shape] : transfer_model().shapes()) {
    if (!shape->min && !shape->max) continue;
    const auto value_of = [&shape = *shape](std::int64_t n) -> json {
      if (shape.type == ShapeType::kString) return std::string(static_cast<std::size_t>(n), 'a');
      if (shape.type == ShapeType::kInteger || shape.type == ShapeType::kLong) return n;
      return nullptr;
    };
    if (value_of(1).is_null()) continue;
    const bool number = shape->type != ShapeType::kString;
    if (shape->max && *shape->max < 3'000'000) {
      EXPECT_FALSE(breaks_bound(value_of(*shape->max), *shape)) << name;
      EXPECT_TRUE(breaks_bound(value_of(*shape->max + 1), *shape)) << name;
    }
    if (shape->min) {
      EXPECT_FALSE(breaks_bound(value_of(*shape->min), *shape)) << name;
      if (number || *shape->min > 0) {
        EXPECT_TRUE(breaks_bound(value_of(*shape->min - 1), *shape)) << name;
      }
    }
  }
}

TEST(Decode, HoldsEveryListBoundOfTheTable) {
  for (const auto& [name, shape] : transfer_model().shapes()) {
    if (shape->type != ShapeType::kList || !shape->max || *shape->max > 1000) continue;
    json list = json::array();
    for (std::int64_t i = 0; i < *shape->max; ++i)
      list.push_back(shape->element->type == ShapeType::kStructure ? json::object() : json("a"));
    if (shape->element->type == ShapeType::kLong)
      list = json(std::vector<int>(static_cast<std::size_t>(*shape->max), 1));
    const auto told = [&list, &shape = *shape] {
      Violations violations;
      check_constraints(list, shape, violations);
      return violations.message();
    };
    EXPECT_EQ(told().find("Value at '' failed"), std::string::npos) << name;
    list.push_back(list.back());
    EXPECT_NE(told().find("Value at '' failed to satisfy constraint: Member must have length less"),
              std::string::npos)
        << name;
  }
}

TEST(Decode, RefusesAnUnknownValueOfEveryEnum) {
  for (const auto& [name, shape] : transfer_model().shapes()) {
    if (shape->values.empty()) continue;
    Violations none, one;
    for (const auto& value : shape->values) check_constraints(value, *shape, none);
    EXPECT_TRUE(none.empty()) << name;
    check_constraints(shape->values.front() + "_", *shape, one);
    EXPECT_FALSE(one.empty()) << name;
  }
}

}  // namespace
}  // namespace sallyport::api
