// Buckets in memory, as small as the contract of storage::ObjectStore allows. For tests only; not
// thread-safe.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/object_store.h"

namespace sallyport::session::testing {

using iam::Action;
using storage::ObjectInfo;
using storage::ObjectRef;

class MemoryObjectStore final : public storage::ObjectStore {
 public:
  struct Object {
    std::string content;
    ObjectInfo info;
  };
  using Bucket = std::map<std::string, Object>;

  // What the tests look at and set up.
  std::map<std::string, Bucket> buckets;
  std::vector<std::string> calls;    // "head demo/a", "list demo/p/", …
  std::optional<Error> fail_next;    // the next call of any kind answers this
  std::optional<Error> fail_commit;  // the next commit answers this
  std::optional<Error> fail_write;   // the next write of a writer answers this
  bool no_read_back = false;
  std::uint32_t most_listed = 1000;  // of a page, whatever was asked for
  int aborted = 0;

  void put(const std::string& bucket, const std::string& key, std::string content) {
    Object& object = buckets[bucket][key];
    object.info.key = key;
    object.info.size = content.size();
    object.info.etag = "0-1";
    object.info.modified = from_unix_ms(1767323045000);
    object.content = std::move(content);
  }
  const Object* find(const std::string& bucket, const std::string& key) const {
    const auto b = buckets.find(bucket);
    if (b == buckets.end()) return nullptr;
    const auto o = b->second.find(key);
    return o == b->second.end() ? nullptr : &o->second;
  }

  Task<Result<storage::BucketInfo>> create_bucket(iam::Permit, std::string,
                                                  std::string = {}) override {
    co_return Error(Errc::kUnsupported, "not in this double");
  }
  Task<Result<void>> delete_bucket(iam::Permit, std::string) override {
    co_return Error(Errc::kUnsupported, "not in this double");
  }
  Task<Result<storage::BucketInfo>> head_bucket(iam::Permit, std::string) override {
    co_return Error(Errc::kUnsupported, "not in this double");
  }
  Task<Result<std::vector<storage::BucketInfo>>> list_buckets(iam::Permit permit) override {
    CO_TRY(begin("buckets", permit, Action::kListAllMyBuckets, "", ""));
    std::vector<storage::BucketInfo> out;
    for (const auto& [name, content] : buckets) out.push_back({name, "us-east-1", {}});
    co_return out;
  }

  Task<Result<ObjectInfo>> head(iam::Permit permit, ObjectRef o) override {
    CO_TRY(begin("head", permit, Action::kGetObject, o.bucket, o.key));
    CO_TRY_ASSIGN(const Object* object, lookup(o));
    co_return object->info;
  }
  Task<Result<std::unique_ptr<storage::ObjectReader>>> open(iam::Permit permit,
                                                            ObjectRef o) override {
    CO_TRY(begin("open", permit, Action::kGetObject, o.bucket, o.key));
    CO_TRY_ASSIGN(const Object* object, lookup(o));
    co_return std::unique_ptr<storage::ObjectReader>(std::make_unique<Reader>(*object));
  }
  Task<Result<std::unique_ptr<storage::ObjectWriter>>> create(
      iam::Permit permit, ObjectRef o, storage::PutOptions options) override {
    CO_TRY(begin("create", permit, Action::kPutObject, o.bucket, o.key));
    if (!buckets.contains(o.bucket)) co_return no_such_bucket();
    co_return std::unique_ptr<storage::ObjectWriter>(
        std::make_unique<Writer>(*this, std::move(o), std::move(options)));
  }
  Task<Result<void>> remove(iam::Permit permit, ObjectRef o) override {
    CO_TRY(begin("remove", permit, Action::kDeleteObject, o.bucket, o.key));
    if (!buckets.contains(o.bucket)) co_return no_such_bucket();
    buckets[o.bucket].erase(o.key);
    co_return sallyport::ok();
  }
  Task<Result<ObjectInfo>> copy(iam::Permit, iam::Permit, ObjectRef, ObjectRef) override {
    co_return Error(Errc::kUnsupported, "not in this double");
  }
  Task<Result<void>> move(iam::Permit read, iam::Permit write, iam::Permit erase, ObjectRef from,
                          ObjectRef to) override {
    CO_TRY(begin("move", read, Action::kGetObject, from.bucket, from.key));
    if (!write.covers(Action::kPutObject, to.bucket, to.key) ||
        !erase.covers(Action::kDeleteObject, from.bucket, from.key))
      co_return uncovered();
    CO_TRY_ASSIGN(const Object* object, lookup(from));
    Object moved = *object;
    moved.info.key = to.key;
    buckets[to.bucket][to.key] = std::move(moved);
    buckets[from.bucket].erase(from.key);
    co_return sallyport::ok();
  }
  Task<Result<ObjectInfo>> set_metadata(iam::Permit read, iam::Permit write, ObjectRef o,
                                        storage::Metadata changes) override {
    CO_TRY(begin("describe", read, Action::kGetObject, o.bucket, o.key));
    if (!write.covers(Action::kPutObject, o.bucket, o.key)) co_return uncovered();
    CO_TRY(lookup(o));
    ObjectInfo& info = buckets[o.bucket][o.key].info;
    for (const auto& [name, value] : changes) {
      info.metadata.erase(name);
      if (!value.empty()) info.metadata[name] = value;
    }
    co_return info;
  }

  Task<Result<storage::ListPage>> list(iam::Permit permit, storage::ListRequest r) override {
    CO_TRY(begin("list", permit, Action::kListBucket, r.bucket, r.prefix));
    const auto bucket = buckets.find(r.bucket);
    if (bucket == buckets.end()) co_return no_such_bucket();
    storage::ListPage page;
    std::string last;
    for (const auto& [key, object] : bucket->second) {
      if (!key.starts_with(r.prefix) || key <= r.start_after) continue;
      const std::size_t at =
          r.delimiter.empty() ? std::string::npos : key.find(r.delimiter, r.prefix.size());
      const std::string common =
          at == std::string::npos ? std::string() : key.substr(0, at + r.delimiter.size());
      if (!common.empty() && (common == last || common == r.start_after)) continue;
      if (page.objects.size() + page.common_prefixes.size() == std::min(r.max_keys, most_listed)) {
        page.truncated = true;
        page.next_start_after = last;
        break;
      }
      if (common.empty()) {
        page.objects.push_back(object.info);
        last = key;
      } else {
        page.common_prefixes.push_back(common);
        last = common;
      }
    }
    co_return page;
  }

 private:
  class Reader final : public storage::ObjectReader {
   public:
    explicit Reader(Object object) : object_(std::move(object)) {}
    const ObjectInfo& info() const override { return object_.info; }
    Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into) override {
      co_return copy_out(offset, into);
    }
    std::optional<Result<std::size_t>> try_read_at(std::uint64_t offset,
                                                   std::span<const iovec> into) override {
      return Result<std::size_t>(copy_out(offset, into));
    }

   private:
    std::size_t copy_out(std::uint64_t offset, std::span<const iovec> into) const {
      std::size_t done = 0;
      for (const iovec& b : into) {
        if (offset + done >= object_.content.size()) break;
        const std::size_t n = std::min(b.iov_len, object_.content.size() - offset - done);
        std::memcpy(b.iov_base, object_.content.data() + offset + done, n);
        done += n;
      }
      return done;
    }
    Object object_;
  };

  class Writer final : public storage::ObjectWriter {
   public:
    Writer(MemoryObjectStore& store, ObjectRef object, storage::PutOptions options)
        : store_(store), object_(std::move(object)), options_(std::move(options)) {}
    Task<Result<void>> write(std::span<const iovec> from) override {
      if (auto error = std::exchange(store_.fail_write, std::nullopt)) co_return std::move(*error);
      for (const iovec& b : from) content_.append(static_cast<const char*>(b.iov_base), b.iov_len);
      co_return sallyport::ok();
    }
    std::uint64_t size() const override { return content_.size(); }
    bool reads_back() const override { return !store_.no_read_back; }
    Task<Result<std::size_t>> read_back(std::uint64_t offset,
                                        std::span<const iovec> into) override {
      if (store_.no_read_back) co_return Error(Errc::kUnsupported, "cannot be read again");
      ObjectInfo info;
      Reader reader(Object{content_, info});
      co_return co_await reader.read_at(offset, into);
    }
    void set_metadata(storage::Metadata metadata) override {
      options_.metadata = std::move(metadata);
    }
    Task<Result<ObjectInfo>> commit() override {
      if (auto error = std::exchange(store_.fail_commit, std::nullopt)) co_return std::move(*error);
      if (options_.only_if_absent && store_.find(object_.bucket, object_.key) != nullptr)
        co_return Error(Errc::kAlreadyExists, "the object exists");
      store_.put(object_.bucket, object_.key, content_);
      ObjectInfo& info = store_.buckets[object_.bucket][object_.key].info;
      info.metadata = options_.metadata;
      info.content_type = options_.content_type;
      co_return info;
    }
    Task<void> abort() override {
      ++store_.aborted;
      co_return;
    }

   private:
    MemoryObjectStore& store_;
    ObjectRef object_;
    storage::PutOptions options_;
    std::string content_;
  };

  static Error no_such_bucket() {
    return Error(Errc::kNotFound, "there is no such bucket", "NoSuchBucket");
  }
  static Error uncovered() { return Error(Errc::kInternal, "the permit does not cover the call"); }

  Result<void> begin(const char* call, const iam::Permit& permit, Action action,
                     const std::string& bucket, const std::string& key) {
    calls.push_back(std::string(call) + " " + bucket + "/" + key);
    if (auto error = std::exchange(fail_next, std::nullopt)) return std::move(*error);
    if (!permit.covers(action, bucket, key)) return uncovered();
    return sallyport::ok();
  }
  Result<const Object*> lookup(const ObjectRef& o) const {
    if (!buckets.contains(o.bucket)) return no_such_bucket();
    const Object* object = find(o.bucket, o.key);
    if (object == nullptr) return Error(Errc::kNotFound, "there is no such object", "NoSuchKey");
    return object;
  }
};

}  // namespace sallyport::session::testing
