// A certificate authority of its own, servers' certificates by it, and a server of connections on
// the test's own loop. For tests only.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "crypto/test_certificates.h"
#include "net/tls.h"

namespace sallyport::net::testing_support {

// A file with a name of its own; gone at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) : path_(testing::TempDir() + "tls-XXXXXX") {
    const int fd = ::mkstemp(path_.data());
    EXPECT_GE(fd, 0);
    ::close(fd);
    std::ofstream(path_) << content;
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct ServerName {
  std::string alternative_names = "DNS:localhost,IP:127.0.0.1";
  std::chrono::hours begins{-24}, ends{24};  // from now
  bool self_signed = false;
};

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name = "Test authority")
      : key_(crypto::testing::ec_key()), certificate_(make(name)), file_(pem()) {}

  std::string pem() const { return crypto::testing::pem_of(certificate_.get()); }
  const std::string& file() const { return file_.path(); }

  TlsServerOptions issue(const ServerName& name = {}) const {
    const crypto::EvpPkeyPtr key = crypto::testing::ec_key();
    crypto::testing::NewCertificate wanted;
    wanted.name = "a test server";
    wanted.key = key.get();
    wanted.issuer = name.self_signed ? nullptr : certificate_.get();
    wanted.issuer_key = name.self_signed ? nullptr : key_.get();
    wanted.not_before = SystemClock().wall() + name.begins;
    wanted.not_after = SystemClock().wall() + name.ends;
    wanted.alternative_names = name.alternative_names;
    const crypto::X509Ptr made = crypto::testing::make_certificate(wanted);
    TlsServerOptions out;
    out.certificates = crypto::testing::pem_of(made.get());
    out.private_key = SecretString(crypto::testing::pem_of(key.get()));
    return out;
  }

 private:
  crypto::X509Ptr make(const std::string& name) const {
    crypto::testing::NewCertificate wanted;
    wanted.name = name;
    wanted.key = key_.get();
    wanted.ca = true;
    wanted.not_before = SystemClock().wall() - std::chrono::hours(24);
    wanted.not_after = SystemClock().wall() + std::chrono::hours(24);
    return crypto::testing::make_certificate(wanted);
  }

  crypto::EvpPkeyPtr key_;
  crypto::X509Ptr certificate_;
  TemporaryFile file_;
};

// Serves every connection with a task on the loop it was made on. join() before its end.
class LocalServer {
 public:
  // Owns the connected socket.
  using Serve = std::function<Task<void>(int fd)>;

  explicit LocalServer(Serve serve) : serve_(std::move(serve)) {
    auto opened =
        TcpListener::open(*Loop::current(), *Endpoint::parse("127.0.0.1:0"), [this](auto accepted) {
          ++accepted_;
          scope_.spawn(serve_(accepted.fd));
        });
    EXPECT_TRUE(opened.ok());
    listener_ = std::move(*opened);
  }
  Endpoint at() const { return listener_->local(); }
  int accepted() const { return accepted_; }
  auto join() { return scope_.join(); }

 private:
  Serve serve_;
  TaskScope scope_;
  int accepted_ = 0;
  std::unique_ptr<TcpListener> listener_;
};

}  // namespace sallyport::net::testing_support
