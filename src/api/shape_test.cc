#include "api/shape.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "api/embedded_model.h"
#include "api/transfer/service.h"

namespace sallyport::api {
namespace {

TEST(TransferModel, HoldsAllSeventyOneOperations) {
  EXPECT_EQ(transfer_model().operations().size(), 71u);
}

TEST(TransferModel, HasOneRowForEachOperationInOrder) {
  std::vector<std::string> rows, model;
  for (const auto& row : transfer_rows()) rows.emplace_back(row.operation);
  for (const auto& [name, operation] : transfer_model().operations()) model.push_back(name);
  EXPECT_EQ(rows, model);
}

TEST(TransferModel, GivesEveryOperationAnInputStructure) {
  for (const auto& [name, operation] : transfer_model().operations()) {
    ASSERT_NE(operation.input, nullptr) << name;
    EXPECT_EQ(operation.input->type, ShapeType::kStructure) << name;
    EXPECT_FALSE(operation.errors.empty()) << name;
  }
}

TEST(TransferModel, MarksTheOperationsWithAnEmptyAnswer) {
  std::set<std::string> empty;
  for (const auto& [name, operation] : transfer_model().operations())
    if (operation.output == nullptr) empty.insert(name);
  EXPECT_EQ(empty.size(), 16u);
  EXPECT_TRUE(empty.contains("DeleteServer"));
  EXPECT_TRUE(empty.contains("TagResource"));
  EXPECT_FALSE(empty.contains("CreateServer"));
}

TEST(TransferModel, HasTheMembersThatAreNewerThanTheModel) {
  const Shape* details = transfer_model().shape("ProtocolDetails");
  ASSERT_NE(details, nullptr);
  const auto* ports = details->member("SftpPorts");
  ASSERT_NE(ports, nullptr);
  EXPECT_EQ(ports->shape->max, 3);
  ASSERT_NE(details->member("ProxyConfig"), nullptr);
  EXPECT_NE(details->member("PassiveIp"), nullptr);
}

TEST(TransferModel, KeepsRequiredMembersAndBounds) {
  const Shape* request = transfer_model().operation("CreateUser")->input;
  EXPECT_TRUE(request->member("Role")->required);
  EXPECT_FALSE(request->member("Tags")->required);
  EXPECT_EQ(request->member("UserName")->shape->min, 3);
  EXPECT_EQ(request->member("UserName")->shape->max, 100);
  EXPECT_TRUE(transfer_model().shape("HostKey")->sensitive);
  EXPECT_EQ(request->member("Nonsense"), nullptr);
}

constexpr const char* kNothing = R"({"shapes":{},"members":{}})";

TEST(ServiceModel, RefusesAMemberWithoutAShape) {
  const auto loaded = ServiceModel::load(
      R"({"shapes":{"A":{"type":"structure","members":{"B":{"shape":"C"}}}},"operations":{}})",
      kNothing);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, Errc::kCorrupt);
}

TEST(ServiceModel, RefusesAPatternThatDoesNotCompile) {
  EXPECT_FALSE(ServiceModel::load(
                   R"({"shapes":{"A":{"type":"string","pattern":"(("}},"operations":{}})", kNothing)
                   .ok());
}

TEST(ServiceModel, RefusesARequiredMemberThatIsNotThere) {
  EXPECT_FALSE(
      ServiceModel::load(
          R"({"shapes":{"A":{"type":"structure","members":{},"required":["B"]}},"operations":{}})",
          kNothing)
          .ok());
}

TEST(ServiceModel, RefusesTextThatIsNoModel) {
  EXPECT_FALSE(ServiceModel::load("[]", kNothing).ok());
  EXPECT_FALSE(ServiceModel::load("{", kNothing).ok());
  EXPECT_FALSE(ServiceModel::load(embedded_transfer_model(), "{}").ok());
}

}  // namespace
}  // namespace sallyport::api
