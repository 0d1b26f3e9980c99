#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/testing/api_fixture.h"
#include "api/testing/output_check.h"
#include "codec/base64.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::expect_output;
using testing::json;
using testing::kRole;

constexpr const char* kInstance = "arn:aws:sso:::instance/ssoins-0123456789abcdef";

class TransferWebApps : public ::testing::Test {
 protected:
  static TransferLimits limits() {
    TransferLimits limits;
    limits.web_apps = 3;
    return limits;
  }

  Answer create(const json& members = json::object()) {
    json request = {{"IdentityProviderDetails",
                     {{"IdentityCenterConfig", {{"InstanceArn", kInstance}, {"Role", kRole}}}}}};
    request.update(members);
    return api.transfer("CreateWebApp", request);
  }
  std::string id_of(const Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    expect_output("CreateWebApp", answer.parsed());
    return answer.parsed().value("WebAppId", "");
  }
  json describe(const std::string& id) {
    const Answer answer = api.transfer("DescribeWebApp", {{"WebAppId", id}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    expect_output("DescribeWebApp", answer.parsed());
    return answer.parsed()["WebApp"];
  }
  Answer update(const std::string& id, json members) {
    members["WebAppId"] = id;
    return api.transfer("UpdateWebApp", members);
  }
  Answer customize(const std::string& id, json members) {
    members["WebAppId"] = id;
    return api.transfer("UpdateWebAppCustomization", members);
  }
  Answer look(const std::string& id) {
    return api.transfer("DescribeWebAppCustomization", {{"WebAppId", id}});
  }
  void refused(const Answer& answer, const std::string& message,
               const std::string& type = "InvalidRequestException") {
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.type(), type) << answer.body;
    EXPECT_EQ(answer.message(), message);
  }

  ApiFixture api{limits()};
};

json vpc(const json& members = json::object()) {
  json out = {{"VpcId", "vpc-1"},
              {"SubnetIds", {"subnet-1", "subnet-2"}},
              {"SecurityGroupIds", {"sg-01234567"}},
              {"IpAddressType", "IPV4"}};
  out.update(members);
  return {{"EndpointDetails", {{"Vpc", out}}}};
}

TEST_F(TransferWebApps, ABareAppHasTheDocumentedDefaults) {
  const std::string id = id_of(create());
  json app = describe(id);
  json& center = app["DescribedIdentityProviderDetails"]["IdentityCenterConfig"];
  EXPECT_TRUE(center["ApplicationArn"].get<std::string>().starts_with(
      "arn:aws:sso::000000000000:application/ssoins-0123456789abcdef/apl-"));
  center.erase("ApplicationArn");
  const std::string endpoint = "https://" + id + ".transfer-webapp.us-east-1.on.aws";
  EXPECT_EQ(app,
            json({{"Arn", "arn:aws:transfer:us-east-1:000000000000:webapp/" + id},
                  {"WebAppId", id},
                  {"AccessEndpoint", endpoint},
                  {"WebAppEndpoint", endpoint},
                  {"EndpointType", "PUBLIC"},
                  {"WebAppEndpointPolicy", "STANDARD"},
                  {"WebAppUnits", {{"Provisioned", 1}}},
                  {"DescribedIdentityProviderDetails",
                   {{"IdentityCenterConfig", {{"InstanceArn", kInstance}, {"Role", kRole}}}}}}));
}

TEST_F(TransferWebApps, AnAppShowsWhatWasAskedForAndChanged) {
  const std::string id = id_of(create({{"AccessEndpoint", "https://files.example.com"},
                                       {"WebAppEndpointPolicy", "FIPS"},
                                       {"WebAppUnits", {{"Provisioned", 2}}},
                                       {"Tags", {{{"Key", "a"}, {"Value", "b"}}}}}));
  json app = describe(id);
  EXPECT_EQ(app["AccessEndpoint"], "https://files.example.com");
  EXPECT_EQ(app["WebAppEndpointPolicy"], "FIPS");
  EXPECT_EQ(app["Tags"], json({{{"Key", "a"}, {"Value", "b"}}}));

  const std::string other = "arn:aws:iam::000000000000:role/other";
  const Answer updated =
      update(id, {{"AccessEndpoint", "https://example.net"},
                  {"WebAppUnits", {{"Provisioned", 4}}},
                  {"IdentityProviderDetails", {{"IdentityCenterConfig", {{"Role", other}}}}}});
  expect_output("UpdateWebApp", updated.parsed());
  app = describe(id);
  EXPECT_EQ(app["AccessEndpoint"], "https://example.net");
  EXPECT_EQ(app["WebAppUnits"]["Provisioned"], 4);
  EXPECT_EQ(app["DescribedIdentityProviderDetails"]["IdentityCenterConfig"]["Role"], other);
  EXPECT_EQ(app["DescribedIdentityProviderDetails"]["IdentityCenterConfig"]["InstanceArn"],
            kInstance);
}

TEST_F(TransferWebApps, AnAppInAVpcGetsAnEndpointOfItsOwn) {
  const std::string id = id_of(create(vpc()));
  json app = describe(id);
  const json& shown = app["DescribedEndpointDetails"]["Vpc"];
  const std::string endpoint = shown["VpcEndpointId"];
  EXPECT_EQ(shown, json({{"VpcId", "vpc-1"},
                         {"SubnetIds", {"subnet-1", "subnet-2"}},
                         {"VpcEndpointId", endpoint}}));
  EXPECT_EQ(app["EndpointType"], "VPC");
  EXPECT_EQ(app["WebAppEndpoint"],
            "https://" + endpoint + ".vpce-mq.transfer-webapp.us-east-1.on.aws");

  EXPECT_EQ(update(id, {{"EndpointDetails", {{"Vpc", {{"SubnetIds", {"subnet-3"}}}}}}}).status,
            200);
  app = describe(id);
  EXPECT_EQ(app["DescribedEndpointDetails"]["Vpc"]["SubnetIds"], json({"subnet-3"}));
  EXPECT_EQ(app["DescribedEndpointDetails"]["Vpc"]["VpcEndpointId"], endpoint);
}

TEST_F(TransferWebApps, RefuseAVpcThatCannotBe) {
  refused(create({{"EndpointDetails", {{"Vpc", {{"SubnetIds", {"subnet-1"}}}}}}}),
          "VpcId required for web apps in a VPC");
  refused(create(vpc({{"SubnetIds", json::array()}})), "SubnetIds required for web apps in a VPC");
  refused(create(vpc({{"SubnetIds", {"a", "a"}}})), "SubnetIds must be unique");
  refused(create(vpc({{"SubnetIds", {"a", "b", "c", "d"}}})), "At most 3 SubnetIds are supported");
  json with_endpoint = vpc();
  with_endpoint["AccessEndpoint"] = "https://files.example.com";
  refused(create(with_endpoint), "AccessEndpoint unsupported for web apps in a VPC");
  const std::string open = id_of(create());
  refused(update(open, {{"EndpointDetails", {{"Vpc", {{"SubnetIds", {"subnet-1"}}}}}}}),
          "EndpointDetails invalid for PUBLIC web apps");
}

TEST_F(TransferWebApps, RefuseWhatNoAppHas) {
  refused(api.transfer("CreateWebApp", {{"IdentityProviderDetails", json::object()}}),
          "Must specify IdentityCenterConfig in IdentityProviderDetails");
  refused(create({{"WebAppUnits", {{"Provisioned", 5}}}}),
          "Cannot exceed quota for UnitsPerWebApp: 4");
  refused(create({{"AccessEndpoint", "http://files.example.com"}}),
          "AccessEndpoint must be a URL that begins with https://");
  for (const char* operation :
       {"DescribeWebApp", "UpdateWebApp", "DeleteWebApp", "DescribeWebAppCustomization",
        "UpdateWebAppCustomization", "DeleteWebAppCustomization"})
    refused(api.transfer(operation, {{"WebAppId", "webapp-00000000000000000"}}), "Unknown web app",
            "ResourceNotFoundException");
}

TEST_F(TransferWebApps, AreListedInPagesUpToTheQuota) {
  for (int i = 0; i < 3; ++i) id_of(create());
  refused(create(), "Cannot exceed quota for WebAppsPerAccount: 3");
  const Answer first = api.transfer("ListWebApps", {{"MaxResults", 2}});
  expect_output("ListWebApps", first.parsed());
  EXPECT_EQ(first.parsed()["WebApps"].size(), 2u);
  const Answer rest = api.transfer("ListWebApps", {{"NextToken", first.parsed()["NextToken"]}});
  EXPECT_EQ(rest.parsed()["WebApps"].size(), 1u);
  EXPECT_FALSE(rest.parsed().contains("NextToken"));
}

TEST_F(TransferWebApps, ACustomisationComesWithItsFirstUpdateAndGoesByItself) {
  const std::string id = id_of(create());
  refused(look(id), "Unknown web app customization", "ResourceNotFoundException");
  const std::string logo = codec::base64_encode(as_bytes(std::string(51'200, 'l')));
  const std::string icon = codec::base64_encode(as_bytes(std::string(20'960, 'i')));
  const Answer made = customize(id, {{"Title", "Files"}, {"LogoFile", logo}});
  ASSERT_EQ(made.status, 200) << made.body;
  expect_output("UpdateWebAppCustomization", made.parsed());
  ASSERT_EQ(customize(id, {{"FaviconFile", icon}}).status, 200);
  const Answer shown = look(id);
  expect_output("DescribeWebAppCustomization", shown.parsed());
  EXPECT_EQ(shown.parsed()["WebAppCustomization"],
            json({{"Arn", "arn:aws:transfer:us-east-1:000000000000:webapp/" + id},
                  {"WebAppId", id},
                  {"Title", "Files"},
                  {"LogoFile", logo},
                  {"FaviconFile", icon}}));

  ASSERT_EQ(customize(id, {{"Title", ""}}).status, 200);
  EXPECT_FALSE(look(id).parsed()["WebAppCustomization"].contains("Title"));
  EXPECT_EQ(look(id).parsed()["WebAppCustomization"]["LogoFile"], logo);

  const Answer gone = api.transfer("DeleteWebAppCustomization", {{"WebAppId", id}});
  EXPECT_EQ(gone.status, 200);
  EXPECT_EQ(gone.body, "");
  refused(api.transfer("DeleteWebAppCustomization", {{"WebAppId", id}}),
          "Unknown web app customization", "ResourceNotFoundException");
  EXPECT_EQ(describe(id)["WebAppId"], id);
}

TEST_F(TransferWebApps, UpdatesOfACustomisationAtOnceAreAllKept) {
  const std::string id = id_of(create());
  const std::string small = codec::base64_encode(as_bytes("x"));
  for (const Answer& answer : api.transfer_at_once("UpdateWebAppCustomization",
                                                   {{{"WebAppId", id}, {"Title", "Files"}},
                                                    {{"WebAppId", id}, {"LogoFile", small}},
                                                    {{"WebAppId", id}, {"FaviconFile", small}}}))
    EXPECT_EQ(answer.status, 200) << answer.body;
  const json shown = look(id).parsed()["WebAppCustomization"];
  EXPECT_EQ(shown["Title"], "Files");
  EXPECT_EQ(shown["LogoFile"], small);
  EXPECT_EQ(shown["FaviconFile"], small);
}

TEST_F(TransferWebApps, ADeletedAppTakesItsCustomisationWithIt) {
  const std::string id = id_of(create());
  ASSERT_EQ(customize(id, {{"Title", "Files"}}).status, 200);
  const Answer gone = api.transfer("DeleteWebApp", {{"WebAppId", id}});
  EXPECT_EQ(gone.status, 200);
  EXPECT_EQ(gone.body, "");
  refused(look(id), "Unknown web app", "ResourceNotFoundException");
  state::Repository<model::WebAppCustomization> left(*api.resources);
  EXPECT_EQ(net::sync_wait(left.count(id)).value(), 0u);
}

TEST_F(TransferWebApps, AreTaggedByTheirArn) {
  const std::string id = id_of(create());
  const json arn = describe(id)["Arn"];
  ASSERT_EQ(api.transfer("TagResource", {{"Arn", arn}, {"Tags", {{{"Key", "k"}, {"Value", "v"}}}}})
                .status,
            200);
  EXPECT_EQ(api.transfer("ListTagsForResource", {{"Arn", arn}}).parsed()["Tags"],
            json({{{"Key", "k"}, {"Value", "v"}}}));
  ASSERT_EQ(api.transfer("UntagResource", {{"Arn", arn}, {"TagKeys", {"k"}}}).status, 200);
  EXPECT_FALSE(describe(id).contains("Tags"));
}

}  // namespace
}  // namespace sallyport::api
