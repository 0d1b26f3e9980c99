#include "app/port_plan.h"

#include <gtest/gtest.h>

namespace sallyport::app {
namespace {

using Ports = std::vector<std::uint16_t>;
using Asked = std::vector<model::SftpPort>;

Asked asked(const model::Server& server) {
  const auto plan = listen_plan(server, {});
  EXPECT_TRUE(plan.ok());
  return plan.ok() ? plan->ports : Asked{};
}

model::Server with_tag(std::string ports) {
  model::Server server;
  server.tags.push_back({"sallyport:sftp-port", std::move(ports)});
  return server;
}

TEST(ListenPlan, TagWinsOverProtocolDetails) {
  model::Server server;
  EXPECT_EQ(asked(server), (Asked{{0, false}}));
  server.protocol_details.sftp_ports = {{22, false}, {2300, true}};
  EXPECT_EQ(asked(server), (Asked{{2300, true}}));
  server.tags.push_back({"sallyport:sftp-port", "2400"});
  EXPECT_EQ(asked(server), (Asked{{2400, false}}));
}

TEST(ListenPlan, TheManagedPortStandsForOneOfTheConfigured) {
  model::Server server;
  server.protocol_details.sftp_ports = {{22, true}};
  EXPECT_EQ(asked(server), (Asked{{0, true}}));
}

TEST(ListenPlan, ATagMayNameSeveralPorts) {
  EXPECT_EQ(asked(with_tag("2222, 2223/client-first,22")),
            (Asked{{2222, false}, {2223, true}, {22, false}}));
}

TEST(ListenPlan, RefusesATagThatNamesNoPorts) {
  for (const char* text :
       {"", "0", "65536", "22a", "-1", "2222,", ",2222", "2222,2222/client-first", "/client-first",
        "2222/client_first", "2222 2223"})
    EXPECT_FALSE(listen_plan(with_tag(text), {}).ok()) << text;
}

TEST(ListenPlan, HasTheAddressesThatTheServersTypeAllows) {
  const auto both = *parse_addresses("0.0.0.0, ::");
  ASSERT_EQ(both.size(), 2u);
  model::Server server;
  EXPECT_EQ(listen_plan(server, both)->addresses, *parse_addresses("0.0.0.0"));
  server.ip_address_type = "DUALSTACK";
  EXPECT_EQ(listen_plan(server, both)->addresses, both);
  // Only IPv6 is configured: better that than nothing.
  server.ip_address_type = "IPV4";
  EXPECT_EQ(listen_plan(server, *parse_addresses("::1"))->addresses, *parse_addresses("::1"));
}

TEST(ParseAddresses, RefusesWhatIsNoAddress) {
  for (const char* text :
       {"", "127.0.0.1,", "localhost", "127.0.0.1,127.0.0.1", "[::1]", "::1,0:0::1", "10.0.0.0/8"})
    EXPECT_FALSE(parse_addresses(text).ok()) << text;
}

TEST(CandidatePorts, TriesThePreviousPortFirstAndLeavesOutTakenOnes) {
  EXPECT_EQ(candidate_ports({2222, 2200, 2201}, 2201, {2222}), (Ports{2201, 2200}));
  EXPECT_EQ(candidate_ports({2222, 2200}, std::nullopt, {}), (Ports{2222, 2200}));
  EXPECT_TRUE(candidate_ports({2222}, 2222, {2222}).empty());
}

}  // namespace
}  // namespace sallyport::app
