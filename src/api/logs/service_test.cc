#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/logs/filter.h"
#include "api/testing/api_fixture.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::json;

bool matches(std::string_view pattern, std::string_view message) {
  const auto filter = LogFilter::parse(pattern);
  EXPECT_TRUE(filter.ok()) << pattern;
  return filter.ok() && filter->matches(message);
}

TEST(LogFilter, WantsAllTerms) {
  EXPECT_TRUE(matches("", "anything"));
  EXPECT_TRUE(matches("OPEN ann", R"({"activity-type":"OPEN","user":"ann"})"));
  EXPECT_FALSE(matches("OPEN bob", R"({"activity-type":"OPEN","user":"ann"})"));
  EXPECT_FALSE(matches("open", "OPEN"));
}

TEST(LogFilter, KnowsPhrasesExclusionsAndAlternatives) {
  EXPECT_TRUE(matches("\"two words\"", "has two words inside"));
  EXPECT_FALSE(matches("\"two words\"", "words two"));
  EXPECT_TRUE(matches("\"a \\\"b\\\"\"", "a \"b\""));
  EXPECT_FALSE(matches("OPEN -ann", "OPEN ann"));
  EXPECT_TRUE(matches("?OPEN ?CLOSE", "CLOSE"));
  EXPECT_FALSE(matches("?OPEN ?CLOSE", "DELETE"));
}

TEST(LogFilter, RefusesOtherFormsByName) {
  for (const char* pattern : {"{ $.a = 1 }", "[a, b]", "%x%", "\"open", "-", "?", "\"\""}) {
    const auto filter = LogFilter::parse(pattern);
    ASSERT_FALSE(filter.ok()) << pattern;
    EXPECT_EQ(filter.error().reason, "InvalidParameterException");
  }
  EXPECT_FALSE(LogFilter::parse(std::string(1025, 'a')).ok());
}

class Logs : public ::testing::Test {
 protected:
  static constexpr const char* kGroup = "/aws/transfer/s-1";

  void emit(const std::string& stream, const std::string& message, std::int64_t at,
            const std::string& group = kGroup) {
    api.log->emit(state::LogLine{group, stream, from_unix_ms(at), message, 0},
                  events::Importance::kTransfer);
  }
  std::vector<std::string> messages(const Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::vector<std::string> out;
    const json page = answer.parsed();
    for (const auto& event : page["events"]) out.push_back(event["message"]);
    return out;
  }
  void SetUp() override {
    emit("s-1/ann", "one", 1000);
    emit("s-1/bob", "two", 2000);
    emit("ERRORS", "three", 3000);
    emit("s-1/ann", "four", 4000);
    emit("s-2/ann", "other", 1000, "/aws/transfer/s-2");
  }
  using Lines = std::vector<std::string>;
  ApiFixture api;
};

TEST_F(Logs, GroupsAreDescribed) {
  const Answer answer = api.logs("DescribeLogGroups", json::object());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json groups = answer.parsed()["logGroups"];
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0]["logGroupName"], kGroup);
  EXPECT_EQ(groups[0]["arn"], "arn:aws:logs:us-east-1:000000000000:log-group:/aws/transfer/s-1:*");
  EXPECT_EQ(api.logs("DescribeLogGroups", {{"logGroupNamePrefix", "/aws/transfer/s-2"}})
                .parsed()["logGroups"]
                .size(),
            1u);
  json page{{"logGroupNamePrefix", "/aws/transfer/"}, {"limit", 1}};
  page["nextToken"] = api.logs("DescribeLogGroups", page).parsed()["nextToken"];
  const json rest = api.logs("DescribeLogGroups", page).parsed();
  EXPECT_EQ(rest["logGroups"][0]["logGroupName"], "/aws/transfer/s-2");
  EXPECT_FALSE(rest.contains("nextToken"));
}

TEST_F(Logs, StreamsAreDescribed) {
  const json streams =
      api.logs("DescribeLogStreams", {{"logGroupName", kGroup}}).parsed()["logStreams"];
  ASSERT_EQ(streams.size(), 3u);
  EXPECT_EQ(streams[0]["logStreamName"], "ERRORS");
  EXPECT_EQ(streams[1]["firstEventTimestamp"], 1000);
  EXPECT_EQ(streams[1]["lastEventTimestamp"], 4000);
  const json newest =
      api.logs("DescribeLogStreams",
               {{"logGroupName", kGroup}, {"orderBy", "LastEventTime"}, {"descending", true}})
          .parsed()["logStreams"];
  EXPECT_EQ(newest[0]["logStreamName"], "s-1/ann");
  EXPECT_EQ(api.logs("DescribeLogStreams", {{"logGroupName", "/none"}}).type(),
            "ResourceNotFoundException");
}

TEST_F(Logs, EventsAreFiltered) {
  const auto filter = [this](json members) {
    members["logGroupName"] = kGroup;
    return messages(api.logs("FilterLogEvents", members));
  };
  EXPECT_EQ(filter(json::object()), (Lines{"one", "two", "three", "four"}));
  EXPECT_EQ(filter({{"logStreamNames", {"s-1/ann"}}}), (Lines{"one", "four"}));
  EXPECT_EQ(filter({{"logStreamNames", {"s-1/ann", "ERRORS"}}}), (Lines{"one", "three", "four"}));
  EXPECT_EQ(filter({{"logStreamNamePrefix", "s-1/"}}), (Lines{"one", "two", "four"}));
  EXPECT_EQ(filter({{"startTime", 2000}, {"endTime", 3000}}), (Lines{"two", "three"}));
  EXPECT_EQ(filter({{"filterPattern", "?two ?three"}}), (Lines{"two", "three"}));
}

TEST_F(Logs, FilteredEventsCarryStreamAndId) {
  const json event = api.logs("FilterLogEvents", {{"logGroupIdentifier",
                                                   "arn:aws:logs:us-east-1:000000000000:log-group:"
                                                   "/aws/transfer/s-1:*"},
                                                  {"limit", 1}})
                         .parsed()["events"][0];
  EXPECT_EQ(event["logStreamName"], "s-1/ann");
  EXPECT_EQ(event["timestamp"], 1000);
  EXPECT_EQ(event["eventId"].get<std::string>().size(), 56u);
}

TEST_F(Logs, FilteredEventsComeInPages) {
  json request = {{"logGroupName", kGroup}, {"limit", 3}};
  const Answer first = api.logs("FilterLogEvents", request);
  EXPECT_EQ(messages(first), (Lines{"one", "two", "three"}));
  request["nextToken"] = first.parsed()["nextToken"];
  const Answer rest = api.logs("FilterLogEvents", request);
  EXPECT_EQ(messages(rest), (Lines{"four"}));
  EXPECT_FALSE(rest.parsed().contains("nextToken"));
}

TEST_F(Logs, OneStreamIsReadFromEitherEnd) {
  json request = {{"logGroupName", kGroup}, {"logStreamName", "s-1/ann"}, {"limit", 1}};
  Answer newest = api.logs("GetLogEvents", request);
  EXPECT_EQ(messages(newest), (Lines{"four"}));
  request["nextToken"] = newest.parsed()["nextBackwardToken"];
  EXPECT_EQ(messages(api.logs("GetLogEvents", request)), (Lines{"one"}));
  request["nextToken"] = newest.parsed()["nextForwardToken"];
  const Answer end = api.logs("GetLogEvents", request);
  EXPECT_EQ(messages(end), Lines{});
  EXPECT_EQ(end.parsed()["nextForwardToken"], request["nextToken"]);

  request.erase("nextToken");
  request["startFromHead"] = true;
  const Answer oldest = api.logs("GetLogEvents", request);
  EXPECT_EQ(messages(oldest), (Lines{"one"}));
  request["nextToken"] = oldest.parsed()["nextForwardToken"];
  EXPECT_EQ(messages(api.logs("GetLogEvents", request)), (Lines{"four"}));
}

TEST_F(Logs, BadRequestsAreRefused) {
  const auto type = [this](const char* operation, const json& members) {
    const Answer answer = api.logs(operation, members);
    EXPECT_EQ(answer.status, 400) << answer.body;
    return answer.type();
  };
  EXPECT_EQ(type("FilterLogEvents", json::object()), "InvalidParameterException");
  EXPECT_EQ(type("FilterLogEvents", {{"logGroupName", "/none"}}), "ResourceNotFoundException");
  EXPECT_EQ(type("FilterLogEvents", {{"logGroupName", 7}}), "SerializationException");
  EXPECT_EQ(type("FilterLogEvents", {{"logGroupName", kGroup}, {"limit", 10001}}),
            "InvalidParameterException");
  EXPECT_EQ(type("FilterLogEvents", {{"logGroupName", kGroup}, {"nextToken", "AAAA"}}),
            "InvalidParameterException");
  EXPECT_EQ(type("FilterLogEvents", {{"logGroupName", kGroup}, {"startTime", -1}}),
            "InvalidParameterException");
  EXPECT_EQ(type("GetLogEvents", {{"logGroupName", kGroup}, {"logStreamName", "none"}}),
            "ResourceNotFoundException");
  EXPECT_EQ(type("GetLogEvents", {{"logGroupName", kGroup}}), "InvalidParameterException");
  EXPECT_EQ(type("PutLogEvents", json::object()), "UnknownOperationException");
}

}  // namespace
}  // namespace sallyport::api
