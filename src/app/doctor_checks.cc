#include "app/doctor_checks.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "http/sigv4_time.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace sallyport::app {
namespace {

using PlainJson = nlohmann::json;
using std::chrono::seconds;

constexpr seconds kSignatureLimit{900};  // Signature Version 4: how far a request's time may be off
constexpr seconds kClockTolerance{60};
constexpr std::chrono::milliseconds kConnectTimeout{3000};

struct Port {
  std::string server_id;
  net::Endpoint at;
  bool behind_balancer = false, client_first = false;
  Result<void> reached = ok();
};

void check_clock(const ApiAnswer& answer, std::vector<DoctorLine>& out) {
  WallTime theirs;
  if (!http::parse_http_date(answer.date, theirs)) return;
  const auto off = std::chrono::duration_cast<seconds>(theirs - SystemClock().wall());
  const auto distance = std::chrono::abs(off);
  const std::string next = "timedatectl set-ntp true   # on the machine whose clock is wrong";
  if (distance >= kSignatureLimit)
    out.push_back(
        {"clock", "skew", "problem", "the API's clock",
         fmt::format("is {:+} s off this machine's: signed requests are refused beyond {} s",
                     off.count(), kSignatureLimit.count()),
         next});
  else if (distance > kClockTolerance)
    out.push_back(
        {"clock", "skew", "warning", "the API's clock",
         fmt::format("is {:+} s off this machine's; from {} s on signed requests are refused",
                     off.count(), kSignatureLimit.count()),
         next});
  else
    out.push_back({"clock", "fine", "ok", "", "the API's and this machine's agree", ""});
}

Task<void> reach(Port& port) {
  auto stream = co_await net::TcpStream::connect(port.at, kConnectTimeout);
  if (!stream.ok()) {
    port.reached = std::move(stream).error();
    co_return;
  }
  stream->set_deadline(SystemClock().steady() + kConnectTimeout);
  // As a balancer's health check, then as a client.
  std::string said = port.behind_balancer ? std::string("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16) : "";
  if (port.client_first) said += "SSH-2.0-sallyport_doctor\r\n";
  if (auto sent = co_await stream->write_all(as_bytes(said)); !sent.ok()) {
    port.reached = std::move(sent);
    co_return;
  }
  Bytes greeting(4);
  std::size_t have = 0;
  while (have < greeting.size()) {
    const auto got = co_await stream->read_some(MutableBytes(greeting).subspan(have));
    if (!got.ok() || *got == 0) {
      port.reached = Error(got.ok() ? Errc::kClosed : got.error().code, "it says nothing");
      co_return;
    }
    have += *got;
  }
  if (as_text(greeting) != "SSH-")
    port.reached = Error(Errc::kCorrupt, "what answers there does not speak SSH");
}

Task<void> reach_all(std::vector<Port>& ports) {
  net::TaskScope scope;
  for (Port& port : ports) scope.spawn(reach(port));
  co_await scope.join();
}

std::vector<Port> listening_ports(const ApiTarget& target, const PlainJson& endpoints) {
  std::vector<Port> out;
  if (!endpoints.is_array()) return out;
  for (const PlainJson& one : endpoints) {
    const auto address = net::IpAddress::parse(one.value("Address", ""));
    const int port = one.value("Port", 0);
    if (!address.ok() || port <= 0 || port > 65535) continue;
    const bool any = one.value("Address", "") == "0.0.0.0" || one.value("Address", "") == "::";
    // A port of the other family than the API's cannot be reached by the API's address.
    if (any && address->is_v4() != target.endpoint.address.is_v4()) continue;
    Port next;
    next.behind_balancer = one.value("ProxyMode", "") == "PROXY_PROTOCOL_V2_ENFORCED";
    next.client_first = one.value("CommunicationMode", "") == "CLIENT_TALK_FIRST";
    next.server_id = one.value("ServerId", "");
    next.at = {any ? target.endpoint.address : *address, static_cast<std::uint16_t>(port)};
    out.push_back(std::move(next));
  }
  return out;
}

void check_ports(const ApiTarget& target, const std::string& findings,
                 std::vector<DoctorLine>& out) {
  const PlainJson told = PlainJson::parse(findings, nullptr, false);
  if (!told.is_object() || !told.contains("Endpoints")) return;
  std::vector<Port> ports = listening_ports(target, told["Endpoints"]);
  net::sync_wait(reach_all(ports));
  std::size_t fine = 0;
  for (const Port& port : ports) {
    if (port.reached.ok()) {
      ++fine;
      continue;
    }
    // A source outside the allow list gets no answer, or is closed at once where the kernel lets
    // the program set no filter; both may be as they should be.
    const Errc why = port.reached.error().code;
    const bool silent = why == Errc::kTimeout || why == Errc::kClosed;
    const std::string said = !silent ? port.reached.error().message
                             : why == Errc::kTimeout
                                 ? "no answer; an allow list or a firewall?"
                                 : "the connection is closed without a word; an allow list?";
    out.push_back({"ports", silent ? "silent" : "unreachable", silent ? "warning" : "problem",
                   "server " + port.server_id,
                   fmt::format("does not answer at {} from here: {}", port.at.to_string(), said),
                   fmt::format("nc -vz {} {}", port.at.address.to_string(), port.at.port)});
  }
  if (fine == ports.size() && !ports.empty())
    out.push_back({"ports", "fine", "ok", "", fmt::format("{} answer as SSH from here", fine), ""});
}

DoctorLine nobody_there(const ApiTarget& target, const Error& error) {
  const std::string at = target.endpoint.to_string();
  return {"api",
          "down",
          "problem",
          "http://" + at,
          "does not answer: " + error.message,
          "sallyport serve --data-dir DATA_DIR" + (at == "127.0.0.1:4566" ? "" : " --api " + at)};
}

}  // namespace

DoctorReport examine_from_here(const std::string& api_url) {
  DoctorReport report;
  const auto target = api_target(api_url);
  if (!target.ok()) {
    report.lines.push_back({"api", "settings", "problem", "this command", target.error().message,
                            "export AWS_SHARED_CREDENTIALS_FILE=DATA_DIR/credentials"});
    return report;
  }
  const auto health = api_exchange(*target, "/_sallyport/health", /*sign=*/false);
  if (!health.ok()) {
    report.lines.push_back(nobody_there(*target, health.error()));
    return report;
  }
  if (health->status == 200)
    report.lines.push_back(
        {"api", "fine", "ok", "", "answers at http://" + target->endpoint.to_string(), ""});
  else
    report.lines.push_back({"api", "starting", "warning", "http://" + target->endpoint.to_string(),
                            "is starting or ending", "sallyport doctor   # again in a moment"});
  check_clock(*health, report.lines);
  const auto answer = api_get(*target, "/_sallyport/doctor");
  if (!answer.ok()) {
    const bool broken = answer.error().code == Errc::kUnavailable;
    report.lines.push_back({"api", broken ? "failed" : "refused", "problem", "this command",
                            answer.error().message,
                            broken ? "sallyport doctor   # again; the program's own log, on its "
                                     "standard error, may say more"
                                   : "export AWS_SHARED_CREDENTIALS_FILE=DATA_DIR/credentials"});
    return report;
  }
  report.json = *answer;
  check_ports(*target, report.json, report.lines);
  return report;
}

}  // namespace sallyport::app
