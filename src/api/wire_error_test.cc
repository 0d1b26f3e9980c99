#include "api/wire_error.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sallyport::api {
namespace {

using nlohmann::json;

TEST(WireError, NamesEveryCodeForEveryProtocol) {
  for (int i = 0; i < kErrcCount; ++i) {
    const Fault fault(static_cast<Errc>(i), "what was wrong");
    for (const WireError& error :
         {transfer_error(fault, nullptr), logs_error(fault), query_error(fault), s3_error(fault)}) {
      EXPECT_FALSE(error.code.empty()) << i;
      EXPECT_GE(error.status, 400) << i;
      EXPECT_LE(error.status, 503) << i;
      EXPECT_FALSE(error.message.empty()) << i;
    }
  }
}

TEST(WireError, AnswersOnlyModelledErrorsToTransferOperations) {
  for (const auto& [name, operation] : transfer_model().operations()) {
    const WireError error = transfer_error(Fault(Errc::kConflict, "changed"), &operation);
    EXPECT_TRUE(operation.errors.contains(error.code)) << name << " " << error.code;
  }
}

TEST(WireError, HasTheStatusThatTheModelGives) {
  for (const auto& [name, operation] : transfer_model().operations()) {
    for (const auto& [code, status] : operation.errors) {
      const WireError error = transfer_error(Fault(Errc::kInternal, "x", code), &operation);
      EXPECT_EQ(error.code, code);
      EXPECT_EQ(error.status, status) << code;
    }
  }
}

TEST(WireError, KeepsInnerDetailsFromCallers) {
  for (const Errc code : {Errc::kIo, Errc::kCorrupt, Errc::kInternal, Errc::kUnavailable}) {
    const Fault fault(code, "/var/lib/sallyport/state.db: disk I/O error");
    EXPECT_EQ(transfer_error(fault, nullptr).message.find("state.db"), std::string::npos);
    EXPECT_EQ(s3_error(fault).message.find("state.db"), std::string::npos);
    EXPECT_EQ(query_error(fault).message.find("state.db"), std::string::npos);
  }
}

TEST(WireError, TellsResourceAndTypeOfWhatIsMissing) {
  const auto response = json_error_response(
      transfer_error(Fault(Errc::kNotFound, "Unknown server").about("Server", "s-1"), nullptr),
      "id-1");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.headers.get("x-amzn-ErrorType"), "ResourceNotFoundException");
  EXPECT_EQ(response.headers.get("x-amzn-RequestId"), "id-1");
  EXPECT_EQ(json::parse(response.body),
            json::parse(R"({"__type":"ResourceNotFoundException","Message":"Unknown server",
                            "Resource":"s-1","ResourceType":"Server"})"));
}

TEST(WireError, WritesTheSharedErrorsWithALowerCaseMessage) {
  const auto response =
      json_error_response(transfer_error(validation_fault("1 validation error"), nullptr), "id-1");
  EXPECT_EQ(json::parse(response.body),
            json::parse(R"({"__type":"ValidationException","message":"1 validation error"})"));
}

TEST(WireError, WritesQueryErrorsAsXml) {
  const auto response = query_error_response(
      query_error(Fault(Errc::kNotFound, "The role with name <x> cannot be found.")),
      "https://iam.amazonaws.com/doc/2010-05-08/", "id-1");
  EXPECT_EQ(response.status, 404);
  EXPECT_NE(response.body.find("<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"
                               "<Error><Type>Sender</Type><Code>NoSuchEntity</Code>"
                               "<Message>The role with name &lt;x&gt; cannot be found.</Message>"
                               "</Error><RequestId>id-1</RequestId></ErrorResponse>"),
            std::string::npos)
      << response.body;
}

TEST(WireError, WritesS3ErrorsAsXml) {
  const auto response =
      s3_error_response(s3_error(Fault(Errc::kNotFound, "gone", "NoSuchBucket")), "/b/k", "id-1");
  EXPECT_EQ(response.status, 404);
  EXPECT_NE(response.body.find("<Error><Code>NoSuchBucket</Code><Message>The specified bucket does "
                               "not exist</Message><Resource>/b/k</Resource>"
                               "<RequestId>id-1</RequestId><HostId>"),
            std::string::npos)
      << response.body;
}

}  // namespace
}  // namespace sallyport::api
