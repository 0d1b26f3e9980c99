// Every constraint of every member of every operation's request, from the service model: a value at
// the edge is taken, one past it is refused, and the refusal names the member and nothing else.
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "api/decode.h"
#include "api/testing/api_fixture.h"
#include "api/testing/shape_values.h"
#include "codec/base64.h"

namespace sallyport::api {
namespace {

using testing::ApiFixture;
using testing::json;
using testing::text_of_length;
using testing::value_of_shape;

// One value for one member, and what is wrong with it: "" for an edge that is kept.
struct Probe {
  json value;
  std::string constraint;
};
struct MemberProbe {
  json request;
  std::string path;        // as errors name it
  std::string constraint;  // "" when it is to be taken
};

std::string less(std::int64_t n) {
  return "length less than or equal to " + std::to_string(n);
}
std::string more(std::int64_t n) {
  return "length greater than or equal to " + std::to_string(n);
}

// A text that breaks the pattern, and nothing else; null for a pattern that takes everything.
json mismatch(const Shape& shape) {
  const std::string text = *testing::text_of_shape(shape);
  const bool full = shape.max && static_cast<std::int64_t>(text.size()) == *shape.max;
  for (const char* wrong : {" ", "!", "/", "\n", "\x01", "\xC3\xA9", "\xE2\x82\xAC"}) {
    for (std::size_t i = 0; i <= text.size() - (full ? 1 : 0); ++i) {
      std::string changed = text;
      if (full) changed.erase(i, 1);
      changed.insert(i, wrong);
      if (!shape.pattern->matches(changed)) return changed;
    }
  }
  if (shape.min.value_or(0) == 0 && !shape.pattern->matches("")) return "";
  return nullptr;
}

void probe_text(const Shape& shape, std::vector<Probe>& out) {
  if (!shape.values.empty()) {
    for (const std::string& value : shape.values) out.push_back({value, ""});
    out.push_back({shape.values.back() + "_", "enum value set"});
    return;
  }
  if (shape.pattern) {
    if (json wrong = mismatch(shape); !wrong.is_null())
      out.push_back({std::move(wrong), "regular expression pattern"});
  }
  if (shape.max) {
    const auto n = static_cast<std::size_t>(*shape.max);
    if (auto edge = text_of_length(shape, n)) out.push_back({*edge, ""});
    out.push_back(
        {text_of_length(shape, n + 1).value_or(std::string(n + 1, 'a')), less(*shape.max)});
  }
  if (shape.min && *shape.min > 0) {
    const auto n = static_cast<std::size_t>(*shape.min);
    if (auto edge = text_of_length(shape, n)) out.push_back({*edge, ""});
    out.push_back(
        {text_of_length(shape, n - 1).value_or(std::string(n - 1, 'a')), more(*shape.min)});
  }
}

void probe_number(const Shape& shape, std::vector<Probe>& out) {
  const auto bound = [&](std::optional<std::int64_t> edge, std::int64_t past, const char* words) {
    if (!edge) return;
    out.push_back({*edge, ""});
    out.push_back({*edge + past, words + std::to_string(*edge)});
  };
  bound(shape.max, 1, "value less than or equal to ");
  bound(shape.min, -1, "value greater than or equal to ");
}

void probe_sized(const std::function<json(std::int64_t)>& of_size, const Shape& shape,
                 std::vector<Probe>& out) {
  if (shape.max) {
    out.push_back({of_size(*shape.max), ""});
    out.push_back({of_size(*shape.max + 1), less(*shape.max)});
  }
  if (shape.min && *shape.min > 0) {
    out.push_back({of_size(*shape.min), ""});
    out.push_back({of_size(*shape.min - 1), more(*shape.min)});
  }
}

std::vector<Probe> probes_of(const Shape& shape) {
  std::vector<Probe> out;
  switch (shape.type) {
    case ShapeType::kString: probe_text(shape, out); break;
    case ShapeType::kInteger:
    case ShapeType::kLong: probe_number(shape, out); break;
    case ShapeType::kList:
      probe_sized(
          [&](std::int64_t n) {
            return json(json::array_t(static_cast<std::size_t>(n), value_of_shape(*shape.element)));
          },
          shape, out);
      break;
    case ShapeType::kBlob:
      probe_sized(
          [](std::int64_t n) {
            return json(
                codec::base64_encode(as_bytes(std::string(static_cast<std::size_t>(n), 'x'))));
          },
          shape, out);
      break;
    case ShapeType::kStructure:
    case ShapeType::kBoolean:
    case ShapeType::kTimestamp: break;
  }
  return out;
}

std::string lower_first(std::string name) {
  if (name[0] >= 'A' && name[0] <= 'Z') name[0] = static_cast<char>(name[0] - 'A' + 'a');
  return name;
}

// Walks the request from `at`, which is a part of `whole` and of this shape.
void walk(const Shape& shape, json& at, const std::string& path, const json& whole,
          const std::function<void(MemberProbe)>& visit) {
  const auto probe = [&](const Shape& of, json& value, const std::string& name) {
    const json kept = value;
    for (Probe& one : probes_of(of)) {
      value = std::move(one.value);
      visit({whole, name, std::move(one.constraint)});
    }
    value = kept;
    walk(of, value, name, whole, visit);
  };
  if (shape.type == ShapeType::kList && !at.empty()) {
    probe(*shape.element, at[0], path + ".1.member");
  }
  if (shape.type != ShapeType::kStructure) return;
  for (const auto& member : shape.members) {
    const std::string name = (path.empty() ? "" : path + ".") + lower_first(member.name);
    if (member.required) {
      const json kept = at[member.name];
      at.erase(member.name);
      visit({whole, name, "not be null"});
      at[member.name] = kept;
    }
    probe(*member.shape, at[member.name], name);
  }
}

void walk_operation(const OperationModel& operation,
                    const std::function<void(MemberProbe)>& visit) {
  json request = value_of_shape(*operation.input);
  walk(*operation.input, request, "", request, visit);
}

std::string brief(const json& request) {
  return request.dump().substr(0, 300);
}

TEST(Constraints, EveryTextOfTheModelsRequestsIsKnown) {
  for (const auto& [name, operation] : transfer_model().operations()) {
    const auto decoded_of = [&operation = operation](const json& request) {
      std::vector<std::string> unknown;
      return decode_request(request.dump(), *operation.input, unknown);
    };
    const json request = value_of_shape(*operation.input);
    const auto decoded = decoded_of(request);
    EXPECT_TRUE(decoded.ok()) << name << ": " << decoded.error().message;
  }
}

TEST(Constraints, AreKeptAtTheirEdgeAndBrokenOnePastIt) {
  std::set<std::string> constraints;
  std::size_t edges = 0, past = 0;
  for (const auto& [name, operation] : transfer_model().operations()) {
    walk_operation(operation, [&, &name = name, &operation = operation](const MemberProbe& probe) {
      std::vector<std::string> unknown;
      const auto decoded = decode_request(probe.request.dump(), *operation.input, unknown);
      if (probe.constraint.empty()) {
        ++edges;
        EXPECT_TRUE(decoded.ok()) << name << ": " << decoded.error().message;
        return;
      }
      ++past;
      constraints.insert(probe.constraint);
      ASSERT_FALSE(decoded.ok()) << name << " " << probe.path << " " << probe.constraint << ": "
                                 << brief(probe.request);
      EXPECT_EQ(decoded.error().reason, "ValidationException");
      const std::string& text = decoded.error().message;
      EXPECT_NE(text.find("alue"), std::string::npos);
      EXPECT_NE(text.find("at '" + probe.path + "' failed to satisfy constraint: Member must "),
                std::string::npos)
          << text;
      EXPECT_NE(text.find(probe.constraint), std::string::npos) << text;
    });
  }
  // The table was walked, and down to nested members.
  EXPECT_GT(edges, 500u);
  EXPECT_GT(past, 700u);
  EXPECT_GT(constraints.size(), 40u);
}

TEST(Constraints, ABrokenOneIsAnsweredAsValidationExceptionByEveryOperation) {
  ApiFixture api;
  std::size_t asked = 0;
  std::set<std::string> operations;
  for (const auto& [name, operation] : transfer_model().operations()) {
    walk_operation(operation, [&, &name = name](const MemberProbe& probe) {
      if (probe.constraint.empty() || probe.request.dump().size() > 100'000) return;
      ++asked;
      operations.insert(name);
      const auto answer = api.transfer(name, probe.request);
      ASSERT_EQ(answer.status, 400) << name << ": " << answer.body;
      ASSERT_EQ(answer.type(), "ValidationException") << name << ": " << answer.body;
      EXPECT_NE(answer.message().find("'" + probe.path + "'"), std::string::npos) << answer.body;
    });
  }
  EXPECT_GT(asked, 700u);
  // All but those that take nothing with a constraint.
  EXPECT_EQ(operations.size(), transfer_model().operations().size());
}

}  // namespace
}  // namespace sallyport::api
