// A socket to a server on loopback that says what it is told to: for tests.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace sallyport::sftp::testing {

class BareClient {
 public:
  explicit BareClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  void send(std::string_view text) {
    (void)!::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
  }
  void end_sending() { ::shutdown(fd_.get(), SHUT_WR); }
  // Everything until the server closes.
  std::string read_all() {
    std::string out;
    char buffer[4096];
    for (ssize_t n; (n = ::recv(fd_.get(), buffer, sizeof buffer, 0)) > 0;) {
      out.append(buffer, static_cast<std::size_t>(n));
    }
    return out;
  }
  std::string read_line() {
    std::string out;
    for (char c = 0; c != '\n' && ::recv(fd_.get(), &c, 1, 0) == 1;) out.push_back(c);
    return out;
  }

 private:
  UniqueFd fd_;
};

}  // namespace sallyport::sftp::testing
