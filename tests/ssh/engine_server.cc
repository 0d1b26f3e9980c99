// A test server around ServerEngine: one thread, poll(2), nothing but the engine's own behaviour.
// The user name chooses what the subsystem "sftp" does: `echo` sends everything back, `sink` takes
// everything and answers with the count, `digest` with the SHA-256 too, `source-N` sends N bytes.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/unique_fd.h"
#include "crypto/digest.h"
#include "ssh/host_key.h"
#include "ssh/kex_method.h"
#include "ssh/negotiation.h"
#include "ssh/server_engine.h"

namespace sallyport::ssh {
namespace {

// The bytes of `source-N` at `offset`: 64-bit big-endian counters, so that any shift shows.
void fill_pattern(MutableBytes out, std::uint64_t offset) {
  while (!out.empty()) {
    std::uint8_t word[8];
    store_be64(word, offset / 8);
    const std::size_t skip = offset % 8;
    const std::size_t n = std::min(out.size(), 8 - skip);
    std::memcpy(out.data(), word + skip, n);
    out = out.subspan(n);
    offset += n;
  }
}

struct Options {
  std::shared_ptr<ServerSettings> settings;
  std::vector<HostKey> host_keys;
  std::vector<PublicKey> users;
  // Send zeros instead of the pattern and verify nothing, to measure the engine alone.
  bool fast = false;
  // How many connections to serve before ending; 0 for ever.
  int connections = 0;
};

struct Stream {
  std::uint64_t received = 0;
  std::uint64_t to_send = 0;
  std::uint64_t produced = 0;
  bool started = false;
  bool eof = false;
  bool done = false;
  std::string reply;
  crypto::Digest digest{crypto::DigestKind::kSha256};
};

class Session {
 public:
  Session(UniqueFd fd, const Options& options, Random& random,
          const std::shared_ptr<BufferPool>& pool)
      : fd_(std::move(fd)), options_(options), engine_(options.settings, random, pool) {}

  int fd() const { return fd_.get(); }
  short events() const {
    return static_cast<short>((reading_ ? POLLIN : 0) | (engine_.output_size() != 0 ? POLLOUT : 0));
  }

  // False when the connection is over.
  bool run(short ready) {
    if ((ready & (POLLIN | POLLHUP)) != 0 && !engine_.closed() && !receive()) return false;
    pump();
    // What can be sent at once is sent at once, and makes room for more.
    while (engine_.output_size() != 0) {
      const std::size_t before = engine_.output_size();
      if (!send()) return false;
      pump();
      if (engine_.output_size() >= before) break;
    }
    return !engine_.closed() || engine_.output_size() != 0;
  }

 private:
  bool receive() {
    const MutableBytes space = engine_.input_space();
    if (space.empty()) return true;
    const ssize_t n = ::recv(fd_.get(), space.data(), space.size(), 0);
    if (n > 0) engine_.received(static_cast<std::size_t>(n));
    return n > 0 || (n < 0 && errno == EAGAIN);
  }

  bool send() {
    iovec pieces[64];
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = engine_.output(pieces);
    const ssize_t n = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN;
    engine_.sent(static_cast<std::size_t>(n));
    return true;
  }

  void pump() {
    bool go_on = true;
    while (go_on) {
      go_on = std::visit([this](auto&& action) { return on(std::move(action)); }, engine_.next());
    }
    for (auto& [channel, stream] : streams_) produce(channel, stream);
  }

  bool on(NeedInput) { return !(reading_ = true); }
  bool on(NeedAnswer) { return reading_ = false; }
  bool on(NeedOutput) { return reading_ = false; }
  bool on(SignExchangeHash action) {
    engine_.signature(options_.host_keys[action.host_key].sign(action.algorithm, action.data));
    return true;
  }
  bool on(ComputeKex action) {
    engine_.kex_computed(action.job());
    return true;
  }
  bool on(CheckPublicKey action) {
    bool known = false;
    for (const PublicKey& key : options_.users) known = known || key == action.key;
    engine_.public_key_verdict(known);
    return true;
  }
  bool on(Authenticated) {
    const ConnectionFacts& facts = engine_.facts();
    std::printf("authenticated %s %s %s %s,%s %s,%s strict=%d zlib=%d,%d\n", facts.user.c_str(),
                facts.kex.c_str(), facts.host_key_algorithm.c_str(), facts.cipher_in.c_str(),
                facts.cipher_out.c_str(), facts.mac_in.c_str(), facts.mac_out.c_str(),
                facts.strict_kex ? 1 : 0, facts.compressed_in ? 1 : 0, facts.compressed_out ? 1 : 0);
    return true;
  }
  bool on(KeysChanged) {
    std::printf("keys\n");
    return true;
  }
  bool on(SubsystemStarted action) {
    Stream& stream = streams_[action.channel];
    stream.started = true;
    const std::string& user = engine_.facts().user;
    if (user.starts_with("source-")) stream.to_send = std::strtoull(user.c_str() + 7, nullptr, 10);
    return true;
  }
  bool on(ChannelInput action) {
    consume(action.channel);
    return true;
  }
  bool on(ChannelEof action) {
    Stream& stream = streams_[action.channel];
    stream.eof = true;
    const std::string& user = engine_.facts().user;
    if (user == "sink" || user == "digest") {
      stream.reply = std::to_string(stream.received);
      if (user == "digest") stream.reply += " " + to_hex(stream.digest.finish());
    }
    return true;
  }
  bool on(ChannelClosed action) {
    streams_.erase(action.channel);
    return true;
  }
  bool on(WindowAvailable action) {
    if (engine_.facts().user == "echo") consume(action.channel);
    return true;
  }
  bool on(Disconnected action) {
    std::printf("disconnected by %s: %u %s\n", action.by_peer ? "peer" : "us", action.code,
                action.text.c_str());
    return false;
  }
  template <class Other>
  bool on(Other&&) {
    return true;
  }

  void consume(ChannelId channel) {
    Stream& stream = streams_[channel];
    const std::string& user = engine_.facts().user;
    const ByteView input = engine_.channel_input(channel);
    std::size_t n = input.size();
    if (user == "echo") n = engine_.channel_write(channel, input);
    if (user == "digest") stream.digest.update(input);
    stream.received += n;
    engine_.channel_consume(channel, n);
  }

  void produce(ChannelId channel, Stream& stream) {
    if (!stream.started || stream.done || engine_.closed()) return;
    constexpr std::size_t kBatch = 256 * 1024;
    while (stream.produced < stream.to_send) {
      const std::uint64_t left = stream.to_send - stream.produced;
      // Full batches only, as a file server would read.
      const std::size_t want = left < kBatch ? static_cast<std::size_t>(left) : kBatch;
      if (engine_.channel_writable(channel) == 0) return;
      Reservation space = engine_.reserve(channel, want);
      std::uint64_t offset = stream.produced;
      for (const MutableBytes segment : space.segments()) {
        if (!options_.fast) fill_pattern(segment, offset);
        offset += segment.size();
      }
      stream.produced = offset;
      const std::size_t size = space.size();
      engine_.commit(std::move(space), size);
    }
    if (stream.to_send == 0 && !stream.eof) return;
    if (!engine_.channel_input(channel).empty() && engine_.facts().user == "echo") return;
    stream.reply.erase(0, engine_.channel_write(channel, as_bytes(stream.reply)));
    if (!stream.reply.empty()) return;
    engine_.send_exit_status(channel, 0);
    engine_.channel_close(channel);
    stream.done = true;
  }

  UniqueFd fd_;
  const Options& options_;
  ServerEngine engine_;
  std::map<ChannelId, Stream> streams_;
  bool reading_ = true;
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(2);
}

UniqueFd listen_on_loopback() {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(fd.get(), 16) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    die("cannot listen");
  }
  std::string kex;
  for (const KexMethod& method : kex_methods()) kex += " " + std::string(method.name);
  std::printf("kex%s\nport %d\n", kex.c_str(), ntohs(address.sin_port));
  return fd;
}

void serve(const Options& options) {
  const UniqueFd listener = listen_on_loopback();
  SystemRandom random;
  const auto pool = BufferPool::create();
  std::vector<std::unique_ptr<Session>> sessions;
  int ended = 0;
  while (options.connections == 0 || ended < options.connections) {
    std::vector<pollfd> waits{{listener.get(), POLLIN, 0}};
    for (const auto& session : sessions) waits.push_back({session->fd(), session->events(), 0});
    ::poll(waits.data(), waits.size(), -1);
    for (std::size_t i = sessions.size(); i-- > 0;) {
      if (waits[i + 1].revents == 0) continue;
      if (sessions[i]->run(waits[i + 1].revents)) continue;
      sessions.erase(sessions.begin() + static_cast<std::ptrdiff_t>(i));
      ++ended;
      std::printf("ended cpu=%.3f\n", cpu_seconds());
    }
    if (waits[0].revents != 0) {
      UniqueFd fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      const int on = 1;
      ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      sessions.push_back(std::make_unique<Session>(std::move(fd), options, random, pool));
      sessions.back()->run(0);
    }
  }
}

Options parse_options(int argc, char** argv) {
  Options options;
  options.settings = std::make_shared<ServerSettings>(default_server_settings());
  ServerSettings& settings = *options.settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--host-key") {
      auto key = HostKey::parse(SecretString(read_file(value)));
      if (!key.ok()) die(value + ": " + key.error().message);
      const PublicKey& half = key->public_key();
      settings.host_keys.push_back({std::string(half.type()), to_bytes(half.blob())});
      options.host_keys.push_back(std::move(key).value());
    } else if (name == "--user-key") {
      auto key = PublicKey::from_authorized_key(read_file(value));
      if (!key.ok()) die(value + ": " + key.error().message);
      options.users.push_back(std::move(key).value());
    } else if (name == "--ciphers") {
      settings.ciphers = split_names(value);
    } else if (name == "--kex") {
      settings.kex = split_names(value);
    } else if (name == "--rekey-bytes") {
      settings.rekey_bytes = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--receive") {
      settings.receive_size = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--banner") {
      settings.banner = value;
    } else if (name == "--fast") {
      options.fast = value == "1";
    } else if (name == "--connections") {
      options.connections = std::atoi(value.c_str());
    } else {
      die("unknown option " + name);
    }
  }
  return options;
}

}  // namespace
}  // namespace sallyport::ssh

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const auto options = sallyport::ssh::parse_options(argc, argv);
  sallyport::ssh::serve(options);
  return 0;
}
