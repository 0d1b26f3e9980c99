#include "s3/store_check.h"

#include <utility>

#include "http/sigv4.h"
#include "http/sigv4_time.h"
#include "iam/authorizer.h"
#include "net/tls.h"
#include "s3/fault.h"

namespace sallyport::s3 {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Findings = std::vector<StoreFinding>;

// Nobody has a role of this name; the store's own log will show that it was asked for.
constexpr std::string_view kNoRole = "sallyport-doctor-asks-for-no-role";

void problem(Findings& out, std::string kind, std::string text, std::string next = {}) {
  out.push_back({StoreLevel::kProblem, std::move(kind), std::move(text), std::move(next)});
}
void warning(Findings& out, std::string kind, std::string text, std::string next = {}) {
  out.push_back({StoreLevel::kWarning, std::move(kind), std::move(text), std::move(next)});
}
void fine(Findings& out, std::string kind, std::string text, std::string next = {}) {
  out.push_back({StoreLevel::kOk, std::move(kind), std::move(text), std::move(next)});
}

http::PooledRequest list_buckets(const Place& place) {
  http::PooledRequest out;
  out.origin = http::Origin::of(place.endpoint);
  out.request.method = "GET";
  out.request.target = "/";
  out.request.headers.add("Host", place.endpoint.authority());
  out.repeatable = true;
  return out;
}

void not_reached(Findings& out, const http::Url& at, const Error& error) {
  const std::string peer = at.host + " " + std::to_string(at.port);
  if (!error.reason.starts_with("Tls"))
    return problem(out, "reach", "does not answer: " + error.message, "nc -vz " + peer);
  std::string next = "openssl s_client -showcerts -connect " + at.host + ":" +
                     std::to_string(at.port) + " </dev/null";
  if (error.reason == net::kTlsUnknownAuthority || error.reason == net::kTlsSelfSigned)
    next += "   # then ca_file = a file with the authority's certificate";
  if (error.reason == net::kTlsNotSpoken) next = "curl -i http://" + at.authority();
  problem(out, "tls", at.authority() + " is not trusted: " + error.message, std::move(next));
}

void check_time(Findings& out, const http::Headers& headers, WallTime now) {
  WallTime theirs;
  if (!http::parse_http_date(headers.get("Date"), theirs)) return;
  const auto off = std::chrono::duration_cast<seconds>(theirs - now);
  const std::string text = "its clock is " + std::to_string(off.count()) + " s off this machine's";
  const std::string next = "timedatectl set-ntp true   # on the machine whose clock is wrong";
  if (std::chrono::abs(off) >= http::kMaxClockSkew)
    problem(out, "clock", text + ": it refuses every signed request", next);
  else if (std::chrono::abs(off) > minutes(1))
    warning(out, "clock", text + "; from 900 s on it refuses signed requests", next);
}

bool is_root(const std::string& arn) {
  return arn.starts_with("arn:") && arn.ends_with(":root");
}

// What ListBuckets says of the keys. `arn` empty: the store did not tell whose they are.
Task<void> check_keys(const StoreToCheck& store, const http::Credentials& keys, std::string arn,
                      Findings& out) {
  http::PooledRequest asked = list_buckets(store.place);
  http::sign(asked.request, keys, http::sha256_hex(""),
             {store.place.region, "s3", store.tools.clock.wall()});
  auto answer = co_await store.tools.pool.send(asked);
  if (!answer.ok()) {
    problem(out, "keys", "did not answer a signed request: " + answer.error().message);
    co_return;
  }
  const std::string whose = "the access key " + keys.access_key + (arn.empty() ? "" : " of " + arn);
  if (answer->status == 200) {
    fine(out, "keys", "takes " + whose);
    co_return;
  }
  const Fault fault = parse_fault(answer->status, answer->headers, answer->body);
  const std::string said =
      "answers " + fault.code + (fault.message.empty() ? "" : " (" + fault.message + ")");
  if (!arn.empty() && fault.code == "AccessDenied")
    fine(out, "keys", "takes " + whose + ", which may not list buckets and need not");
  else if (fault.code == "AccessDenied")
    warning(out, "keys",
            said + " when " + whose +
                " lists buckets: it does not know the key, or the key has "
                "no right to that");
  else
    problem(out, "keys", said + " to " + whose);
}

std::string aws_command(const Place& place, bool amazon) {
  return amazon ? "env -u AWS_ENDPOINT_URL aws "
                : "env aws --endpoint-url " + place.endpoint.scheme + "://" +
                      place.endpoint.authority() + " ";
}

void tell_roles(const StoreToCheck& store, const std::string& arn, Findings& out) {
  if (is_root(arn))
    return problem(out, "roles",
                   "the keys are the root user's, who can assume no role: make an IAM user or role "
                   "for this program");
  const std::string principal = !arn.empty()              ? trusted_principal(arn)
                                : store.sts.drop_accounts ? "arn:aws:iam:::user/NAME"
                                                          : "arn:aws:iam::ACCOUNT:user/NAME";
  std::string text = "users' roles are assumed there by " +
                     (arn.empty() ? "the key's own user, " + principal : principal) +
                     ": each must trust that and no longer transfer.amazonaws.com";
  text +=
      ", and conditions written for the managed service (aws:SourceAccount, aws:SourceArn) do not "
      "hold; where a role is of another account or trusts the account only, the key's own policies "
      "must allow sts:AssumeRole";
  fine(out, "roles", text,
       aws_command(store.place, !store.sts.drop_accounts) +
           "iam update-assume-role-policy --role-name ROLE --policy-document '" +
           example_trust(principal) + "'");
}

// The account of the caller, so that the question is about a role of his.
std::string account_of(const std::string& arn) {
  std::string_view rest = arn;
  for (int i = 0; i < 4; ++i) {
    const auto colon = rest.find(':');
    if (colon == std::string_view::npos) return {};
    rest.remove_prefix(colon + 1);
  }
  return std::string(rest.substr(0, rest.find(':')));
}

Task<bool> check_sts(Sts& sts, const http::Credentials& keys, std::string arn, Findings& out) {
  auto session = std::make_shared<iam::AssumeRoleRequest>();
  session->role_arn = "arn:aws:iam::" + account_of(arn) + ":role/" + std::string(kNoRole);
  session->session_name = "sallyport-doctor";
  session->life = iam::kMinRoleSessionLife;
  const auto assumed = co_await sts.assume_role(keys, std::move(session));
  const std::string at = http::Origin::of(sts.options().endpoint).to_string();
  if (assumed.ok()) {
    warning(out, "sts",
            "its STS at " + at +
                " gives a session of a role that is not there: it does "
                "not look at roles, and nothing limits users there");
    co_return true;
  }
  const Error& error = assumed.error();
  if (error.code == Errc::kPermissionDenied) {
    fine(out, "sts", "its STS answers at " + at);
    // Whom it does not know it would not have told that.
    co_return error.reason == "NoSuchEntity";
  }
  problem(out, "sts",
          error.reason == kCallerRefused
              ? "its STS does not take the keys: " + error.message
              : "its STS does not answer as one: " + error.message +
                    "; without one set sts = false, then roles are evaluated here");
  co_return false;
}

}  // namespace

std::string trusted_principal(const std::string& caller_arn) {
  constexpr std::string_view kSts = ":sts::", kSession = ":assumed-role/";
  const auto service = caller_arn.find(kSts);
  const auto session = caller_arn.find(kSession);
  if (service == std::string::npos || session == std::string::npos || session < service)
    return caller_arn;
  const auto name = session + kSession.size();
  const auto account = service + kSts.size();
  return caller_arn.substr(0, service) + ":iam::" + caller_arn.substr(account, session - account) +
         ":role/" + caller_arn.substr(name, caller_arn.find('/', name) - name);
}

std::string example_trust(const std::string& principal) {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":")" +
         principal + R"("},"Action":"sts:AssumeRole"}]})";
}

Task<std::vector<StoreFinding>> examine_store(const StoreToCheck& store) {
  Findings out;
  const http::PooledRequest unsigned_request = list_buckets(store.place);
  auto answer = co_await store.tools.pool.send(unsigned_request);
  if (!answer.ok()) {
    not_reached(out, store.place.endpoint, answer.error());
    co_return out;
  }
  fine(out, "reach", "answers at " + unsigned_request.origin.to_string());
  check_time(out, answer->headers, store.tools.clock.wall());
  auto keys = co_await store.keys.get();
  if (!keys.ok()) {
    problem(out, "keys", "there are no keys to it: " + keys.error().message);
    co_return out;
  }
  const http::Credentials& own = (*keys)->keys;
  std::string arn;
  bool known = false;
  if (store.use_sts) {
    Sts sts(store.sts, store.tools.pool, store.tools.clock);
    if (auto told = co_await sts.caller_arn(own); told.ok()) arn = std::move(*told);
    known = co_await check_sts(sts, own, arn, out);
  }
  co_await check_keys(store, own, known && arn.empty() ? "a user of the store" : arn, out);
  if (store.use_sts)
    tell_roles(store, arn, out);
  else
    fine(out, "roles", "users' roles are evaluated here; the keys' own rights limit them as well");
  co_return out;
}

}  // namespace sallyport::s3
