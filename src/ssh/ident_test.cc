#include "ssh/ident.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::ssh {
namespace {

std::string of_size(std::size_t size) {
  std::string out = "SSH-2.0-";
  return out + std::string(size - out.size(), 'x');
}

TEST(Ident, TakesWhatTheStandardAllows) {
  for (const std::string& good :
       {std::string("SSH-2.0-AWS_SFTP_1.1"), std::string("SSH-2.0-AWS_SFTP_1.0"),
        std::string("SSH-2.0-a our - own ~ comment"), std::string("SSH-2.0-x "), of_size(253)})
    EXPECT_TRUE(check_ident(good).ok()) << good;
}

TEST(Ident, RefusesEverythingElse) {
  for (const std::string& bad :
       {std::string(), std::string("SSH-2.0-"), std::string("SSH-2.0- comment"),
        std::string("SSH-1.99-a"), std::string("ssh-2.0-a"), std::string("SSH-2.0-a-b"),
        std::string("SSH-2.0-a\r\n"), std::string("SSH-2.0-a\tb"), std::string("SSH-2.0-\xc3\xbc"),
        std::string("SSH-2.0-a\0b", 11), of_size(254)})
    EXPECT_FALSE(check_ident(bad).ok()) << bad;
}

}  // namespace
}  // namespace sallyport::ssh
