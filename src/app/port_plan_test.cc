#include "app/port_plan.h"

#include <gtest/gtest.h>

namespace sallyport::app {
namespace {

using Ports = std::vector<std::uint16_t>;

TEST(RequestedPorts, TagWinsOverProtocolDetails) {
  model::Server server;
  EXPECT_TRUE(requested_ports(server)->empty());
  server.protocol_details.sftp_ports = {22, 2300};
  EXPECT_EQ(*requested_ports(server), Ports{2300});
  server.tags.push_back({"sallyport:sftp-port", "2400"});
  EXPECT_EQ(*requested_ports(server), Ports{2400});
}

TEST(RequestedPorts, RefusesATagThatIsNoPort) {
  for (const char* text : {"", "0", "65536", "22a", "-1"}) {
    model::Server server;
    server.tags.push_back({"sallyport:sftp-port", text});
    EXPECT_FALSE(requested_ports(server).ok()) << text;
  }
}

TEST(CandidatePorts, TriesThePreviousPortFirstAndLeavesOutTakenOnes) {
  EXPECT_EQ(candidate_ports({2222, 2200, 2201}, 2201, {2222}), (Ports{2201, 2200}));
  EXPECT_EQ(candidate_ports({2222, 2200}, std::nullopt, {}), (Ports{2222, 2200}));
  EXPECT_TRUE(candidate_ports({2222}, 2222, {2222}).empty());
}

}  // namespace
}  // namespace sallyport::app
