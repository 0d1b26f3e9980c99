#include "s3/requester.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <pugixml.hpp>
#include <utility>

#include "codec/xml.h"
#include "crypto/digest.h"
#include "http/dialer.h"
#include "s3/part_file.h"

namespace sallyport::s3 {
namespace {

using std::chrono::seconds;

// An explanation; longer ones cost the connection.
constexpr std::size_t kMaxRefusal = 64 * 1024;
// A store may say AccessDenied of keys that it has forgotten a little before we would.
constexpr seconds kNearEnd{30};

bool is_about_keys(const Fault& fault) {
  static constexpr std::array<std::string_view, 4> kCodes = {
      "ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidClientTokenId"};
  return std::find(kCodes.begin(), kCodes.end(), fault.code) != kCodes.end();
}

bool never_reached(const Error& error) {
  return error.code == Errc::kUnavailable &&
         (error.reason.empty() || error.reason == http::ClientPool::kAllInUse);
}

bool may_pass(const Error& error) {
  return never_reached(error) || error.code == Errc::kTimeout || error.code == Errc::kClosed ||
         error.code == Errc::kIo;
}

// Whether the place may be none: nobody was met there, or in time.
bool met_nobody(const Error& error) {
  return error.code == Errc::kTimeout || (never_reached(error) && error.reason.empty());
}

// Nothing was done yet.
bool had_no_time(int status) {
  return status == 429 || status == 503;
}

// The way did something to the request: it arrived, and not as it was sent.
bool was_damaged(const Fault& fault) {
  static constexpr std::array<std::string_view, 4> kCodes = {
      "BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", "RequestTimeout"};
  return std::find(kCodes.begin(), kCodes.end(), fault.code) != kCodes.end();
}

// What a caller can do about a lost connection is to come again later.
Error unanswered(const Call& call, Error error) {
  const bool lost = error.code == Errc::kClosed || error.code == Errc::kIo ||
                    error.code == Errc::kNotFound || error.code == Errc::kCorrupt ||
                    error.code == Errc::kInvalidArgument || error.code == Errc::kLimitExceeded;
  if (lost) error.code = Errc::kUnavailable;
  error.remote = unanswered_ids();
  return std::move(error).with_context(call.what);
}

// nullopt: the answer is what was asked for.
std::optional<Fault> late_fault(const Call& call, const Answer& answer) {
  if (!call.fails_late) return std::nullopt;
  const auto document = codec::parse_xml(answer.body);
  if (!document.ok() || std::string_view((*document)->document_element().name()) != "Error")
    return std::nullopt;
  return parse_fault(500, answer.headers, answer.body);
}

}  // namespace

Task<Result<Keys>> Caller::keys() const {
  if (roles_ != nullptr) co_return co_await roles_->get(session_);
  co_return co_await own_->get();
}

void Caller::refused(const Keys& keys) const {
  if (roles_ != nullptr) {
    roles_->refused(session_, keys);
  } else {
    own_->refused(keys);
  }
}

Requester::Requester(Place place, http::ClientPool& pool, const Clock& clock, Random& random,
                     http::RetryOptions retry, http::ClientPool::Sleep sleep, Trouble trouble,
                     Recovery recovery)
    : regions_(std::move(place)),
      pool_(pool),
      clock_(clock),
      random_(random),
      retry_(retry),
      sleep_(std::move(sleep)),
      trouble_(std::move(trouble)),
      recovery_(std::move(recovery)) {}

// What the operator should see to; a refusal is the caller's affair, but for that of his role: what
// he hears of it names no cause. A range that cannot be is how an empty object answers.
Error Requester::told(Error error) {
  if (error.reason == "InvalidRange") return error;
  if (error.reason == "AssumeRole" && trouble_) trouble_(error);
  const bool ours = error.code == Errc::kUnavailable || error.code == Errc::kTimeout ||
                    error.code == Errc::kCorrupt || error.code == Errc::kInvalidArgument;
  if (!ours) return error;
  in_trouble_ = true;
  if (trouble_) trouble_(error);
  return error;
}

void Requester::tell_answered() {
  if (!in_trouble_.load(std::memory_order_relaxed) || !in_trouble_.exchange(false)) return;
  if (recovery_) recovery_();
}

std::string Requester::body_hash(const Call& call) const {
  if (!call.body_sha256.empty()) return call.body_sha256;
  if (!call.body.pieces.empty() && !signs_bodies()) return std::string(http::kUnsignedPayload);
  crypto::Digest digest(crypto::DigestKind::kSha256);
  for (const ByteView piece : call.body.pieces) digest.update(piece);
  return to_hex(digest.finish());
}

Task<Result<http::StreamedResponse>> Requester::attempt(const Place& place, const Call& call,
                                                        const Keys& keys) {
  http::PooledRequest pooled;
  pooled.origin = origin_of(place, call);
  pooled.request = wire_request(place, call);
  pooled.body = call.body.pieces;
  if (call.body.file != nullptr) pooled.source = [file = call.body.file] { return file->begin(); };
  pooled.repeatable = call.repeatable;
  pooled.slow = call.fails_late;
  http::SignOptions options{place.region, "s3", clock_.wall()};
  http::sign(pooled.request, keys->keys, body_hash(call), options);
  co_return co_await pool_.send_streamed(pooled);
}

// What the attempts of one call share.
struct Requester::Tried {
  http::RetryPlan plan;
  bool renewed = false;
  bool moved = false;
};

// nullopt: try again, the wait is over.
Task<Result<std::optional<http::StreamedResponse>>> Requester::answered(const Call& call,
                                                                        const Caller& caller,
                                                                        Tried& tried) {
  using Outcome = std::optional<http::StreamedResponse>;
  CO_TRY_ASSIGN(const Keys keys, co_await caller.keys());
  const std::shared_ptr<const Place> place = regions_.place_of(call.bucket);
  auto response = co_await attempt(*place, call, keys);
  if (!response.ok()) {
    if (call.body.file != nullptr && call.body.file->failure())
      co_return *call.body.file->failure();
    if (met_nobody(response.error()) && regions_.forget(call.bucket, place)) tried.moved = false;
    const bool again =
        may_pass(response.error()) && (call.repeatable || never_reached(response.error()));
    const auto wait = again ? tried.plan.next() : std::nullopt;
    if (!wait) co_return unanswered(call, response.error());
    co_await sleep(*wait);
    co_return Outcome();
  }
  if (response->status >= 200 && response->status < 300) co_return Outcome(std::move(*response));
  const auto body = co_await http::read_all(*response->body, kMaxRefusal);
  const Fault fault =
      parse_fault(response->status, response->headers, body.ok() ? *body : std::string());
  const auto asked = http::retry_after(response->headers, clock_.wall());
  response->body.reset();
  const bool near_end = keys->expires && clock_.wall() + kNearEnd >= *keys->expires;
  if (!tried.renewed && (is_about_keys(fault) || (fault.status == 403 && near_end))) {
    tried.renewed = true;
    caller.refused(keys);
    co_return Outcome();
  }
  if (!tried.moved && regions_.learn(call.bucket, *place, fault.region)) {
    tried.moved = true;
    co_return Outcome();
  }
  const bool again = call.repeatable || had_no_time(fault.status);
  if ((http::is_passing_status(fault.status) || was_damaged(fault)) && again) {
    if (const auto wait = tried.plan.next(asked)) {
      co_await sleep(*wait);
      co_return Outcome();
    }
  }
  co_return error_of(fault, call.what);
}

Task<Result<void>> Requester::has_keys(const Caller& caller) {
  auto keys = co_await caller.keys();
  if (!keys.ok()) co_return told(std::move(keys).error());
  co_return ok();
}

Task<Result<http::StreamedResponse>> Requester::open(const Call& call, const Caller& caller) {
  Tried tried{plan()};
  co_return co_await open(call, caller, tried);
}

Task<Result<http::StreamedResponse>> Requester::open(const Call& call, const Caller& caller,
                                                     Tried& tried) {
  while (true) {
    auto response = co_await answered(call, caller, tried);
    if (!response.ok()) co_return told(std::move(response).error());
    if (!*response) continue;
    tell_answered();
    co_return std::move(**response);
  }
}

Task<Result<Answer>> Requester::send(const Call& call, const Caller& caller) {
  Tried tried{plan()};
  while (true) {
    auto response = co_await open(call, caller, tried);
    if (!response.ok()) co_return std::move(response).error();
    auto body = co_await http::read_all(*response->body, kMaxAnswer);
    std::optional<Error> error;
    bool passing = true;
    if (body.ok()) {
      Answer answer;
      answer.headers = std::move(response->headers);
      answer.body = std::move(*body);
      const std::optional<Fault> fault = late_fault(call, answer);
      if (!fault) co_return std::move(answer);
      error = error_of(*fault, call.what);
    } else {
      passing = may_pass(body.error());
      error = unanswered(call, body.error());
    }
    response->body.reset();
    const auto wait = passing && call.repeatable ? tried.plan.next() : std::nullopt;
    if (!wait) co_return told(std::move(*error));
    co_await sleep(*wait);
  }
}

}  // namespace sallyport::s3
