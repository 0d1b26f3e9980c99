#include "s3/object_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/xml.h"
#include "net/loop.h"
#include "s3/fault.h"
#include "s3/listing.h"
#include "s3/multipart.h"
#include "s3/reader.h"
#include "s3/writer.h"
#include "storage/object_names.h"
#include "storage/unchanged.h"

namespace sallyport::s3 {
namespace {

using iam::Action;
using storage::ObjectRef;

// A store that refuses an abort for so long will not change its mind.
constexpr std::chrono::hours kGiveUp{7 * 24};
constexpr std::string_view kFirstRegion = "us-east-1";

// Neither the store nor what gives its keys says anything: nor will it to the next question.
bool is_away(const Error& error) {
  return (error.code == Errc::kUnavailable || error.code == Errc::kTimeout) && !was_answered(error);
}

Error uncovered() {
  return Error(Errc::kInternal, "The permit does not cover the call");
}

Call bucket_call(std::string what, std::string method, std::string bucket) {
  Call call;
  call.what = std::move(what);
  call.method = std::move(method);
  call.bucket = std::move(bucket);
  return call;
}

// HEAD says no more than 404.
Error without_bucket(Error error) {
  if (error.code == Errc::kNotFound) error.reason = "NoSuchBucket";
  return error;
}

// Names of stores elsewhere, access points' aliases included: what may stand in a host name or
// path.
Result<void> check_bucket(std::string_view name) {
  const bool well = name.size() <= 255 && name.find_first_not_of(".") != std::string_view::npos &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
                    });
  if (well) return ok();
  return Error(Errc::kInvalidArgument, "The specified bucket is not valid", "InvalidBucketName");
}

Result<void> check_names(const ObjectRef& object) {
  TRY(check_bucket(object.bucket));
  return storage::check_key(object.key);
}

}  // namespace

RemoteObjectStore::RemoteObjectStore(Place place, WriteDefaults defaults, StoreServices services)
    : requester_(std::move(place), services.pool, services.clock, services.random, {},
                 net::sleep_for, services.trouble, services.recovery),
      defaults_(std::move(defaults)),
      services_(std::move(services)) {}
RemoteObjectStore::~RemoteObjectStore() = default;

const Place& RemoteObjectStore::place() const {
  return requester_.place();
}

bool RemoteObjectStore::decides_itself(std::string_view) const {
  return services_.roles != nullptr;
}

// A delegated permit without a store that decides would let everybody in.
bool RemoteObjectStore::may(const iam::Permit& permit, Action action, std::string_view bucket,
                            std::string_view key) const {
  const bool delegated = permit.delegate() != nullptr;
  return delegated == (services_.roles != nullptr) && permit.names(action, bucket, key);
}

Caller RemoteObjectStore::caller(const iam::Permit& permit) const {
  if (services_.roles == nullptr) return Caller(services_.own);
  return Caller(*services_.roles, permit.delegate());
}

// `region` empty: not said.
Task<Result<void>> RemoteObjectStore::put_bucket(const Caller& who, std::string bucket,
                                                 std::string region) {
  Call call = bucket_call("CreateBucket", "PUT", std::move(bucket));
  codec::XmlWriter xml;
  xml.open("CreateBucketConfiguration", "http://s3.amazonaws.com/doc/2006-03-01/")
      .element("LocationConstraint", region)
      .close();
  const std::string body = xml.take();
  if (!region.empty()) call.body.pieces.push_back(as_bytes(body));
  CO_TRY(co_await requester_.send(call, who));
  co_return ok();
}

Task<Result<storage::BucketInfo>> RemoteObjectStore::create_bucket(iam::Permit permit,
                                                                   std::string bucket,
                                                                   std::string region) {
  if (!may(permit, Action::kCreateBucket, bucket, "")) co_return uncovered();
  CO_TRY(storage::check_bucket_name(bucket));
  const Caller who = caller(permit);
  // Some stores are content when it is there already.
  const Call look = bucket_call("HeadBucket", "HEAD", bucket);
  if ((co_await requester_.send(look, who)).ok())
    co_return Error(Errc::kAlreadyExists, "The bucket is there already", "BucketAlreadyOwnedByYou");
  const std::string wanted = region.empty() ? place().region : region;
  // Amazon S3's first region has no name here.
  std::string named = wanted == kFirstRegion ? std::string() : wanted, name = bucket;
  auto made = co_await put_bucket(who, std::move(name), std::move(named));
  // To stores that have no regions the setting's is a word in signatures.
  if (region.empty() && !made.ok() && made.error().reason == "InvalidLocationConstraint") {
    std::string again = bucket;
    made = co_await put_bucket(who, std::move(again), {});
  }
  if (!made.ok()) co_return made.error();
  storage::BucketInfo info;
  info.name = std::move(bucket);
  info.region = wanted;
  info.created = services_.clock.wall();
  co_return info;
}

Task<Result<void>> RemoteObjectStore::delete_bucket(iam::Permit permit, std::string bucket) {
  if (!may(permit, Action::kDeleteBucket, bucket, "")) co_return uncovered();
  CO_TRY(check_bucket(bucket));
  const Call call = bucket_call("DeleteBucket", "DELETE", std::move(bucket));
  const Caller who = caller(permit);
  CO_TRY(co_await requester_.send(call, who));
  co_return ok();
}

Task<Result<storage::BucketInfo>> RemoteObjectStore::head_bucket(iam::Permit permit,
                                                                 std::string bucket) {
  if (!may(permit, permit.action(), bucket, "")) co_return uncovered();
  CO_TRY(check_bucket(bucket));
  const Call call = bucket_call("HeadBucket", "HEAD", bucket);
  const Caller who = caller(permit);
  const auto answer = co_await requester_.send(call, who);
  if (!answer.ok()) co_return without_bucket(answer.error());
  storage::BucketInfo info;
  info.name = std::move(bucket);
  info.region = answer->headers.find("x-amz-bucket-region").value_or(place().region);
  co_return info;
}

Task<Result<std::vector<storage::BucketInfo>>> RemoteObjectStore::list_buckets(iam::Permit permit) {
  if (!may(permit, Action::kListAllMyBuckets, "", "")) co_return uncovered();
  const Call call = bucket_call("ListBuckets", "GET", {});
  const Caller who = caller(permit);
  CO_TRY_ASSIGN(const Answer answer, co_await requester_.send(call, who));
  co_return parse_buckets(answer.body, place().region);
}

Task<Result<storage::ObjectInfo>> RemoteObjectStore::head(iam::Permit permit, ObjectRef object) {
  if (!may(permit, Action::kGetObject, object.bucket, object.key)) co_return uncovered();
  CO_TRY(check_names(object));
  const Caller who = caller(permit);
  co_return co_await head_object(requester_, who, std::move(object));
}

Task<Result<std::unique_ptr<storage::ObjectReader>>> RemoteObjectStore::open(iam::Permit permit,
                                                                             ObjectRef object) {
  if (!may(permit, Action::kGetObject, object.bucket, object.key)) co_return uncovered();
  CO_TRY(check_names(object));
  ReaderServices services{requester_, services_.download_memory, services_.spawn};
  Caller who = caller(permit);
  co_return co_await open_reader(std::move(services), std::move(who), std::move(object));
}

Task<Result<std::unique_ptr<storage::ObjectWriter>>> RemoteObjectStore::create(
    iam::Permit permit, ObjectRef object, storage::PutOptions options) {
  if (!may(permit, Action::kPutObject, object.bucket, object.key)) co_return uncovered();
  CO_TRY(check_names(object));
  CO_TRY(check_put_options(options));
  // Who may not act at all hears of it now, not when all has been sent.
  Caller who = caller(permit);
  CO_TRY(co_await requester_.has_keys(who));
  const WriterServices services{requester_,    services_.upload_memory, services_.ledger,
                                defaults_,     services_.spawn,         services_.part_files,
                                services_.plan};
  co_return make_writer(services, std::move(who), std::move(object), std::move(options));
}

Task<Result<void>> RemoteObjectStore::remove(iam::Permit permit, ObjectRef object) {
  if (!may(permit, Action::kDeleteObject, object.bucket, object.key)) co_return uncovered();
  CO_TRY(check_names(object));
  Call call = bucket_call("DeleteObject", "DELETE", std::move(object.bucket));
  call.key = std::move(object.key);
  const Caller who = caller(permit);
  const auto answer = co_await requester_.send(call, who);
  if (!answer.ok() && answer.error().reason != "NoSuchKey") co_return answer.error();
  co_return ok();
}

bool RemoteObjectStore::may_copy(const iam::Permit& read, const iam::Permit& write,
                                 const ObjectRef& from, const ObjectRef& to) const {
  return may(read, Action::kGetObject, from.bucket, from.key) &&
         may(write, Action::kPutObject, to.bucket, to.key);
}

CopyServices RemoteObjectStore::copy_services() {
  return {requester_, services_.ledger, defaults_, services_.copies};
}

Task<Result<storage::ObjectInfo>> RemoteObjectStore::copy(iam::Permit read, iam::Permit write,
                                                          ObjectRef from, ObjectRef to) {
  if (!may_copy(read, write, from, to)) co_return uncovered();
  CO_TRY(check_names(from));
  CO_TRY(check_names(to));
  const Caller who = caller(write);
  ObjectRef source = from;
  CO_TRY_ASSIGN(storage::ObjectInfo seen, co_await head_object(requester_, who, std::move(source)));
  CopyServices services = copy_services();
  co_return co_await copy_object(std::move(services), who, std::move(seen), std::move(from),
                                 std::move(to));
}

Task<Result<void>> RemoteObjectStore::move(iam::Permit read, iam::Permit write, iam::Permit erase,
                                           ObjectRef from, ObjectRef to) {
  const bool covered =
      may_copy(read, write, from, to) && may(erase, Action::kDeleteObject, from.bucket, from.key);
  if (!covered) co_return uncovered();
  CO_TRY(check_names(from));
  CO_TRY(check_names(to));
  const Caller who = caller(write);
  ObjectRef looked_at = from, copied_from = from, looked_at_again = from;
  CO_TRY_ASSIGN(storage::ObjectInfo seen,
                co_await head_object(requester_, who, std::move(looked_at)));
  if (from.bucket == to.bucket && from.key == to.key) co_return ok();
  // It could not be told whether it was replaced before it is removed.
  if (seen.etag.empty()) co_return no_etag("HeadObject");
  const std::string etag = seen.etag;
  CopyServices services = copy_services();
  CO_TRY(co_await copy_object(std::move(services), who, std::move(seen), std::move(copied_from),
                              std::move(to)));
  CO_TRY(
      co_await storage::check_unchanged(*this, std::move(read), std::move(looked_at_again), etag));
  co_return co_await remove(std::move(erase), std::move(from));
}

Task<Result<storage::ObjectInfo>> RemoteObjectStore::set_metadata(iam::Permit read,
                                                                  iam::Permit write,
                                                                  ObjectRef object,
                                                                  storage::Metadata changes) {
  const bool covered = may(read, Action::kGetObject, object.bucket, object.key) &&
                       may(write, Action::kPutObject, object.bucket, object.key);
  if (!covered) co_return uncovered();
  ObjectRef there = object;
  CO_TRY_ASSIGN(storage::ObjectInfo info, co_await head(std::move(read), std::move(there)));
  for (auto& [name, value] : changes) {
    if (value.empty()) {
      info.metadata.erase(name);
    } else {
      info.metadata[name] = std::move(value);
    }
  }
  const Caller who = caller(write);
  WriteDefaults defaults = defaults_;
  co_return co_await replace_metadata(requester_, who, std::move(object), std::move(info.etag),
                                      std::move(info.metadata), std::move(defaults));
}

Task<Result<storage::ListPage>> RemoteObjectStore::list(iam::Permit permit,
                                                        storage::ListRequest request) {
  if (!may(permit, Action::kListBucket, request.bucket, request.prefix)) co_return uncovered();
  CO_TRY(check_bucket(request.bucket));
  const Call call = list_call(request);
  const Caller who = caller(permit);
  CO_TRY_ASSIGN(const Answer answer, co_await requester_.send(call, who));
  co_return parse_listing(answer.body, request);
}

Task<Result<void>> RemoteObjectStore::abort_one(const LeftUpload& left) {
  const bool delegated = left.session != nullptr && services_.roles != nullptr;
  const Caller who = delegated ? Caller(*services_.roles, left.session) : Caller(services_.own);
  UploadName upload = left.upload;
  const auto aborted = co_await abort_upload(requester_, who, std::move(upload));
  if (!aborted.ok() && aborted.error().reason != "NoSuchBucket") co_return aborted;
  co_return co_await services_.ledger.ended(left.id);
}

Task<Swept> RemoteObjectStore::sweep(GoOn go_on) {
  Swept out;
  std::string store = place().name;
  auto left = co_await services_.ledger.left(std::move(store));
  if (!left.ok()) {
    out.error = std::move(left).error();
    co_return out;
  }
  out.left = left->size();
  for (LeftUpload& one : *left) {
    if (!go_on()) break;
    auto done = co_await abort_one(one);
    if (done.ok()) {
      ++out.aborted;
      --out.left;
      continue;
    }
    const bool away = is_away(done.error());
    const bool old = one.begun + kGiveUp <= services_.clock.wall();
    if (!away && old && (co_await services_.ledger.ended(one.id)).ok()) {
      out.given_up.push_back(std::move(one));
      --out.left;
      continue;
    }
    if (!out.error) out.error = std::move(done).error();
    if (away) break;
  }
  co_return out;
}

}  // namespace sallyport::s3
