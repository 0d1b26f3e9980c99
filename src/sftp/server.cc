#include "sftp/server.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "net/loop.h"
#include "sftp/command_table.h"
#include "sftp/operations.h"
#include "sftp/read_batch.h"
#include "sftp/write_batch.h"

namespace sallyport::sftp {

using session::Flow;

namespace {

// Lets everybody else on the loop run before the caller goes on.
struct NextTurn {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) const { net::Loop::current()->post(h); }
  void await_resume() const noexcept {}
};

// Answer memory that is kept for the next answers.
constexpr std::size_t kKeptReplyBytes = 16 * 1024;

}  // namespace

class Server::Impl {
 public:
  Impl(ChannelPort& port, session::Session& session, const Clock& clock,
       const ServerSettings& settings)
      : port_(port),
        settings_(settings),
        session_(session),
        handles_(settings.max_open_handles, settings.handles, session.user_key()),
        operations_(session, handles_, clock) {
    operations_.gone_if([this] { return port_.closed(); });
  }

  Task<ServerEnd> run();
  bool busy() const { return busy_; }
  std::size_t open_handles() const { return handles_.size(); }

 private:
  enum class Step : std::uint8_t { kServed, kNeedInput, kNeedOutput, kViolation };

  Task<Step> step();
  bool may_wait_for_more(ByteView input);
  void acknowledge_early();
  Task<Step> serve_writes();
  Task<void> serve_last_writes();
  Task<Step> serve_reads(RequestId id, ReadRequest request, std::size_t size);
  Task<Step> serve_read_of_upload(RequestId id, ReadRequest request, std::size_t size);
  std::size_t batch(Flow flow, std::size_t most) const;
  Task<void> pace(Flow flow, std::size_t bytes);
  Task<Step> read_into_slots();
  Task<Step> read_with_copy(ReadBatch::Part part);
  Task<Step> serve_operation(const Command& command, RequestId id, ByteView body, std::size_t size);
  Step greet(const Frame& frame);
  Step answer_status(std::size_t size, RequestId id, const Status& status);
  void take(std::size_t n);
  void reply_status(RequestId id, const Status& status) {
    append_status(replies_, id, status.code, status.message);
  }
  void reply(ByteView answer);
  bool drain();
  template <class Opened>
  Opened* opened(HandleId id);

  ChannelPort& port_;
  const ServerSettings& settings_;
  session::Session& session_;
  HandleTable handles_;
  Operations operations_;
  bool greeted_ = false;
  bool busy_ = false;
  std::size_t turn_ = 0;

  // Answers not yet taken by the port.
  Bytes replies_;
  std::size_t replies_sent_ = 0;

  WriteBatch writes_;
  std::optional<UnfinishedWrite> unfinished_;
  // How many WRITEs at the front of the input are answered and not yet handed on.
  std::size_t acknowledged_ = 0;
  ReadBatch reads_;
  std::vector<iovec> places_;
};

Task<ServerEnd> Server::Impl::run() {
  ServerEnd end = ServerEnd::kClosed;
  while (!port_.closed()) {
    const std::uint64_t input_seen = port_.input_changes();
    const std::uint64_t output_seen = port_.output_changes();
    Step step = Step::kNeedOutput;
    if (drain()) {
      busy_ = true;
      step = co_await this->step();
      busy_ = false;
    }
    if (step == Step::kViolation) {
      end = ServerEnd::kViolation;
      break;
    }
    drain();
    port_.flush();
    if (step == Step::kServed && turn_ < settings_.turn_bytes) continue;
    turn_ = 0;
    if (port_.closed()) break;
    if (step == Step::kServed) {
      co_await NextTurn{};
    } else if (step == Step::kNeedOutput) {
      co_await port_.wait_for_output(output_seen);
    } else if (!port_.input_ended() || port_.input_changes() != input_seen) {
      co_await port_.wait_for_input(input_seen);
    } else if (replies_.empty()) {
      end = port_.input().empty() ? ServerEnd::kFinished : ServerEnd::kViolation;
      break;
    }
  }
  busy_ = true;
  if (end == ServerEnd::kClosed) co_await serve_last_writes();
  co_await operations_.abandon_all();
  busy_ = false;
  co_return end;
}

// True when no answer waits any more.
bool Server::Impl::drain() {
  if (replies_.empty()) return true;
  replies_sent_ += port_.write(ByteView(replies_).subspan(replies_sent_));
  if (replies_sent_ < replies_.size()) return false;
  replies_.clear();
  replies_sent_ = 0;
  if (replies_.capacity() > kKeptReplyBytes) replies_.shrink_to_fit();
  return true;
}

// What the port takes at once needs no copy here.
void Server::Impl::reply(ByteView answer) {
  if (replies_.empty()) answer = answer.subspan(port_.write(answer));
  replies_.insert(replies_.end(), answer.begin(), answer.end());
}

void Server::Impl::take(std::size_t n) {
  port_.advance(n);
  port_.grant(n);
  turn_ += n;
}

template <class Opened>
Opened* Server::Impl::opened(HandleId id) {
  OpenHandle* const handle = handles_.find(id);
  return handle ? std::get_if<Opened>(&handle->what) : nullptr;
}

Task<Server::Impl::Step> Server::Impl::step() {
  const ByteView input = port_.input();
  if (greeted_) {
    gather_writes(input, unfinished_, batch(Flow::kIn, settings_.write_batch), writes_);
    if (!writes_.empty() && !may_wait_for_more(input)) co_return co_await serve_writes();
    if (!writes_.empty()) acknowledge_early();
    if (!writes_.empty() || unfinished_) co_return Step::kNeedInput;
  }

  const Frame frame = front_frame(input);
  if (frame.state == FrameState::kInvalid) co_return Step::kViolation;
  if (frame.state == FrameState::kIncomplete) co_return Step::kNeedInput;
  if (!greeted_) co_return greet(frame);
  // Without an id there is nothing that an answer could refer to.
  if (frame.body.size() < 4) co_return Step::kViolation;
  const RequestId id = load_be32(frame.body.data());
  const ByteView body = frame.body.subspan(4);

  const Command* const command = find_command(frame.type);
  if (!command) {
    co_return answer_status(frame.size, id, {StatusCode::kOpUnsupported, "Unknown request"});
  }
  if (command->served == Served::kGreeting) co_return Step::kViolation;
  if (command->served != Served::kTransfer) {
    co_return co_await serve_operation(*command, id, body, frame.size);
  }
  if (command->type == PacketType::kRead) {
    const auto request = parse_read(body);
    if (request) co_return co_await serve_reads(id, *request, frame.size);
  } else if (parse_write(body)) {
    // Whole and well-formed, yet not for gather_writes(): its handle cannot be one of ours.
    co_return answer_status(frame.size, id, invalid_handle());
  }
  co_return answer_status(frame.size, id, {StatusCode::kBadMessage, "Malformed request"});
}

Server::Impl::Step Server::Impl::greet(const Frame& frame) {
  if (frame.type != static_cast<std::uint8_t>(PacketType::kInit) || !parse_init(frame.body)) {
    return Step::kViolation;
  }
  take(frame.size);
  greeted_ = true;
  std::vector<Extension> extensions;
  for (const ExtendedCommand& command : extended_commands()) {
    const bool named = command.only_extended ? session_.extended() : settings_.announce_extensions;
    if (named) extensions.push_back(command.extension);
  }
  append_version(replies_, extensions);
  return Step::kServed;
}

Server::Impl::Step Server::Impl::answer_status(std::size_t size, RequestId id,
                                               const Status& status) {
  take(size);
  reply_status(id, status);
  return Step::kServed;
}

Task<Server::Impl::Step> Server::Impl::serve_operation(const Command& command, RequestId id,
                                                       ByteView body, std::size_t size) {
  std::optional<Request> request = command.parser(body);
  take(size);
  if (!request) {
    reply_status(id, {StatusCode::kBadMessage, "Malformed request"});
    co_return Step::kServed;
  }
  append_reply(replies_, id, co_await command.handler(operations_, std::move(*request)));
  co_return Step::kServed;
}

// Handing bytes to storage costs much the same for few as for many. So in-order WRITEs wait in the
// input for more of their kind, answered already, as a file system's cache would do it: what goes
// wrong with them is the answer to a later WRITE or to CLOSE.
bool Server::Impl::may_wait_for_more(ByteView input) {
  if (writes_.bytes >= settings_.write_gather || port_.input_ended() || port_.closed()) {
    return false;
  }
  if (front_frame(input.subspan(writes_.consumed)).state != FrameState::kIncomplete) return false;
  if (unfinished_ && unfinished_->refused) return false;
  OpenUpload* const upload = opened<OpenUpload>(writes_.handle);
  return upload && !upload->failed && upload->file->may_wait() && writes_.offset == upload->file->attributes().size;
}

void Server::Impl::acknowledge_early() {
  for (; acknowledged_ < writes_.finished.size(); ++acknowledged_) {
    reply_status(writes_.finished[acknowledged_], success());
  }
}

Task<Server::Impl::Step> Server::Impl::serve_writes() {
  std::optional<Status> refused;
  if (unfinished_ && unfinished_->refused) {
    refused = std::move(unfinished_->refused);
    take(writes_.consumed);
  } else if (opened<OpenUpload>(writes_.handle)) {
    OpenUpload& upload = *opened<OpenUpload>(writes_.handle);
    std::shared_ptr<const void> lease = port_.lend_input();
    port_.advance(writes_.consumed);
    const Result<void> written = co_await upload.file->write(writes_.offset, writes_.data);
    lease.reset();
    co_await pace(Flow::kIn, writes_.bytes);
    port_.grant(writes_.consumed);
    turn_ += writes_.consumed;
    upload.failed = !written.ok();
    if (!written.ok()) refused = status_of(written.error());
  } else {
    refused = invalid_handle();
    take(writes_.consumed);
  }
  const Status status = refused ? *refused : success();
  for (std::size_t i = acknowledged_; i < writes_.finished.size(); ++i) {
    reply_status(writes_.finished[i], status);
  }
  acknowledged_ = 0;
  unfinished_ = std::move(writes_.unfinished);
  if (unfinished_) unfinished_->refused = std::move(refused);
  co_return Step::kServed;
}

// The client is gone; what it had sent of its files belongs to them all the same.
Task<void> Server::Impl::serve_last_writes() {
  for (;;) {
    gather_writes(port_.input(), unfinished_, settings_.write_batch, writes_);
    if (writes_.empty()) break;
    co_await serve_writes();
    replies_.clear();
  }
}

Task<Server::Impl::Step> Server::Impl::serve_reads(RequestId id, ReadRequest request,
                                                   std::size_t size) {
  const OpenUpload* const upload = opened<OpenUpload>(request.handle);
  if (upload && upload->file->readable()) {
    co_return co_await serve_read_of_upload(id, request, size);
  }
  OpenDownload* const download = opened<OpenDownload>(request.handle);
  if (!download) co_return answer_status(size, id, invalid_handle());
  if (request.offset >= download->file->attributes().size) {
    const auto now = co_await download->file->look();  // it may have grown
    if (!now.ok()) co_return answer_status(size, id, status_of(now.error()));
  }
  const std::uint64_t file_size = download->file->attributes().size;
  const std::uint32_t length = answered_length(request, file_size);
  if (length == 0 && request.length == 0 && request.offset < file_size) {
    take(size);
    append_data(replies_, id, {});
    co_return Step::kServed;
  }
  if (length == 0) co_return answer_status(size, id, end_of_file());

  const std::size_t writable = port_.writable();
  const bool fits = writable >= kDataHeaderSize + length;
  // A client whose window never holds a whole answer gets it in pieces, as copies.
  if (!fits && !port_.output_idle()) co_return Step::kNeedOutput;
  const std::size_t most = fits ? std::min(writable, batch(Flow::kOut, settings_.read_batch)) : 0;
  gather_reads(port_.input(), id, request, size, file_size, most, reads_);
  take(reads_.consumed);
  turn_ += reads_.bytes;
  co_await pace(Flow::kOut, reads_.bytes);
  if (!fits) co_return co_await read_with_copy(reads_.parts.front());
  co_return co_await read_into_slots();
}

// Of a file that is being written: one request at a time, as copies.
Task<Server::Impl::Step> Server::Impl::serve_read_of_upload(RequestId id, ReadRequest request,
                                                            std::size_t size) {
  take(size);
  session::Upload& file = *opened<OpenUpload>(request.handle)->file;
  if (request.offset >= file.attributes().size) {
    const auto now = co_await file.look();  // others may write it, too
    if (!now.ok()) {
      reply_status(id, status_of(now.error()));
      co_return Step::kServed;
    }
  }
  const std::uint32_t length = answered_length(request, file.attributes().size);
  Bytes data(length);
  const iovec place{data.data(), data.size()};
  co_await pace(Flow::kOut, length);
  const Result<std::size_t> got = co_await file.read_at(request.offset, {&place, 1});
  if (!got.ok()) {
    reply_status(id, status_of(got.error()));
  } else if (*got == 0 && (request.length != 0 || request.offset >= file.attributes().size)) {
    reply_status(id, end_of_file());
  } else {
    append_data(replies_, id, ByteView(data).first(*got));
  }
  co_return Step::kServed;
}

std::size_t Server::Impl::batch(Flow flow, std::size_t most) const {
  const std::size_t paced = session_.batch(flow);
  return paced == 0 ? most : std::min(most, paced);
}

// In short sleeps, so that a connection that ends does not have to wait for the end of a long one.
Task<void> Server::Impl::pace(Flow flow, std::size_t bytes) {
  using std::chrono::milliseconds;
  constexpr milliseconds kNap(100);
  auto left = std::chrono::ceil<milliseconds>(session_.pace(flow, bytes));
  for (; left.count() > 0 && !port_.closed(); left -= kNap) {
    co_await net::sleep_for(std::min(left, kNap));
  }
}

Task<Server::Impl::Step> Server::Impl::read_into_slots() {
  session::Download& file = *opened<OpenDownload>(reads_.handle)->file;
  const std::span<const MutableBytes> slots = port_.reserve(reads_.reply_size());
  std::size_t reserved = 0;
  for (const MutableBytes slot : slots) reserved += slot.size();
  if (reserved < reads_.reply_size()) {
    port_.commit(0);
    const std::vector<ReadBatch::Part> parts = reads_.parts;
    for (const ReadBatch::Part& part : parts) {
      co_await read_with_copy(part);
      reads_.offset += part.length;
    }
    co_return Step::kServed;
  }

  data_places(reads_, slots, places_);
  std::optional<Result<std::size_t>> got = file.try_read_at(reads_.offset, places_);
  if (!got) got = co_await file.read_at(reads_.offset, places_);
  if (!got->ok()) {
    port_.commit(0);
    const Status status = status_of(got->error());
    for (const ReadBatch::Part& part : reads_.parts) reply_status(part.id, status);
    co_return Step::kServed;
  }
  std::size_t answered = 0;
  port_.commit(put_headers(reads_, **got, slots, answered));
  for (std::size_t i = answered; i < reads_.parts.size(); ++i) {
    reply_status(reads_.parts[i].id, end_of_file());
  }
  co_return Step::kServed;
}

Task<Server::Impl::Step> Server::Impl::read_with_copy(ReadBatch::Part part) {
  session::Download& file = *opened<OpenDownload>(reads_.handle)->file;
  const auto answer = std::make_unique_for_overwrite<std::uint8_t[]>(kDataHeaderSize + part.length);
  const iovec place{answer.get() + kDataHeaderSize, part.length};
  std::optional<Result<std::size_t>> got = file.try_read_at(reads_.offset, {&place, 1});
  if (!got) got = co_await file.read_at(reads_.offset, {&place, 1});
  if (!got->ok()) {
    reply_status(part.id, status_of(got->error()));
  } else if (**got == 0) {
    reply_status(part.id, end_of_file());
  } else {
    put_data_header(answer.get(), part.id, static_cast<std::uint32_t>(**got));
    reply({answer.get(), kDataHeaderSize + **got});
  }
  co_return Step::kServed;
}

Server::Server(ChannelPort& port, session::Session& session, const Clock& clock,
               const ServerSettings& settings)
    : impl_(std::make_unique<Impl>(port, session, clock, settings)) {}

Server::~Server() = default;

Task<ServerEnd> Server::run() {
  return impl_->run();
}

bool Server::busy() const {
  return impl_->busy();
}
std::size_t Server::open_handles() const {
  return impl_->open_handles();
}

}  // namespace sallyport::sftp
