#include "session/edited_file.h"

#include <utility>

#include "base/vectored_io.h"
#include "session/edited_content.h"
#include "session/kept_attributes.h"
#include "session/site_rules.h"

namespace sallyport::session {

namespace {

using Reader = std::unique_ptr<storage::ObjectReader>;
using Writer = std::unique_ptr<storage::ObjectWriter>;

// What stays of the old object when its content changes; its time does not.
storage::PutOptions options_for(const Core& core, const OpenMode& mode,
                                const storage::ObjectReader* base) {
  storage::PutOptions options;
  options.metadata = core.upload_metadata();
  options.only_if_absent = mode.exclusive && mode.create;
  if (base == nullptr) return options;
  options.content_type = base->info().content_type;
  options.headers = base->info().headers;
  for (const auto& [name, value] : base->info().metadata) {
    if (name != "mtime") options.metadata.try_emplace(name, value);
  }
  return options;
}

Task<Result<Writer>> create_writer(std::shared_ptr<Core> core, Location location,
                                   storage::PutOptions options) {
  CO_TRY_ASSIGN(auto permit,
                co_await core->permit(iam::Action::kPutObject, location.bucket, location.key));
  storage::ObjectRef object{location.bucket, location.key};
  co_return co_await core->services.objects.create(std::move(permit), std::move(object),
                                                   std::move(options));
}

class EditedFile final : public Upload {
 public:
  EditedFile(std::shared_ptr<Core> core, Location location, OpenMode mode, FileOperation operation,
             Reader base, bool unseen, storage::PutOptions options, Writer writer)
      : core_(std::move(core)),
        location_(std::move(location)),
        mode_(mode),
        operation_(operation),
        replaces_(base != nullptr),
        unseen_(unseen),
        options_(std::move(options)) {
    shown_.modified = core_->services.clock.wall();
    if (base) shown_ = file_attributes(*core_, base->info());
    content_ = std::make_unique<EditedContent>(std::move(base), std::move(writer),
                                               core_->services.site->spool(), core_->user_key());
    core_->edited[path()] = this;
  }
  ~EditedFile() override { forget(); }
  bool takes_attributes() const override { return true; }

  Task<Result<void>> write(std::uint64_t offset, std::span<const iovec> from) override {
    if (content_ == nullptr) co_return closed_error();
    if (failure_) co_return *failure_;
    if (!mode_.write && !mode_.append)
      co_return Error(Errc::kPermissionDenied, "The file is open for reading only");
    const std::uint64_t bytes = total_size(from), end = content_->size();
    if (mode_.append) offset = end;
    auto written = offset > end ? may_reach_over() : ok();
    if (written.ok()) written = core_->seat.take_upload_bytes(bytes);
    if (written.ok()) written = co_await content_->write(offset, from);
    // The hole is known to be one only now: no file is longer than the spool takes.
    if (written.ok() && offset > end) written = core_->seat.take_upload_bytes(offset - end);
    if (!written.ok()) co_return fail("WRITE", written.error());
    received_ += bytes;
    co_return ok();
  }

  bool readable() const override { return mode_.read; }
  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into) override {
    if (content_ == nullptr) co_return closed_error();
    if (failure_) co_return *failure_;
    auto got = co_await content_->read_at(offset, into);
    if (!got.ok()) co_return core_->log.failed("READ", path(), got.error());
    co_return got;
  }

  FileAttributes attributes() const override {
    FileAttributes out = shown_;
    if (content_) out.size = content_->size();
    return out;
  }

  Task<Result<void>> set_attributes(AttributeChange change) override {
    if (content_ == nullptr) co_return closed_error();
    if (failure_) co_return *failure_;
    if (change.size) {
      const std::uint64_t before = content_->size();
      auto resized = may_reach_over();
      if (resized.ok()) resized = co_await content_->resize(*change.size);
      if (resized.ok() && *change.size > before)
        resized = core_->seat.take_upload_bytes(*change.size - before);
      if (!resized.ok()) co_return fail("SETSTAT", resized.error());
    }
    if (change.modified) shown_.modified = *change.modified;
    if (change.mode) shown_.mode = *change.mode & 07777;
    for (auto& [name, value] : kept_metadata(change, false)) kept_[name] = value;
    core_->log.activity("SETSTAT", path());
    co_return ok();
  }

  Task<Result<void>> close() override {
    if (content_ == nullptr) co_return closed_error();
    co_return co_await publish("CLOSE");
  }

  Task<void> connection_lost() override {
    if (content_ == nullptr) co_return;
    // There is nobody left to tell; the line has been written.
    const auto published = co_await publish("PARTIAL_CLOSE");
    static_cast<void>(published);
  }

 private:
  // Of several handles of one file the last to open it is shown.
  void forget() {
    const auto at = core_->edited.find(path());
    if (at != core_->edited.end() && at->second == this) core_->edited.erase(at);
  }
  static Error closed_error() { return Error(Errc::kInvalidArgument, "the file is closed"); }
  std::string path() const { return location_.storage_path(); }

  // Zeros in the place of what is there, and may not be read, would be no part of any file.
  Result<void> may_reach_over() const {
    if (!unseen_) return ok();
    return Error(Errc::kPermissionDenied, "Permission denied", "AccessDenied");
  }

  Error fail(std::string_view operation, const Error& error) {
    failure_ = core_->log.failed(operation, path(), error);
    return *failure_;
  }

  Task<Result<void>> publish(std::string_view activity) {
    forget();
    const auto content = std::move(content_);
    const std::uint64_t size = content->size();
    if (failure_) {
      // The client was told of the failure: half of its file must not replace a whole one.
      co_await content->abandon();
      co_return not_closed(*failure_, size);
    }
    const bool untouched = !content->changed() && !mode_.truncate && !mode_.exclusive;
    Result<std::string> etag = std::string();
    if (untouched) {
      co_await content->abandon();
      etag = co_await keep_old_file();
    } else {
      etag = co_await commit(*content);
    }
    if (!etag.ok()) co_return not_closed(etag.error(), size);
    const bool whole = activity == "CLOSE";
    core_->log.activity(activity, path(), {{"bytes-in", std::to_string(received_)}});
    core_->count_transfer(/*in=*/true, received_, whole);
    if (whole) {
      operation_.transferred(location_, size, *etag);
    } else {
      operation_.cut_short(location_, size);
    }
    co_return ok();
  }

  Error not_closed(const Error& error, std::uint64_t size) {
    return operation_.failed(
        location_, core_->log.failed("CLOSE", path(), error, std::to_string(received_)), size);
  }

  // Nothing was written to a file that is to be kept where it is.
  Task<Result<std::string>> keep_old_file() {
    if (!replaces_) {
      for (const auto& [name, value] : kept_) options_.metadata[name] = value;
      storage::ObjectRef object{location_.bucket, location_.key};
      storage::PutOptions options = options_;
      CO_TRY_ASSIGN(auto made,
                    co_await make_if_absent(*core_, std::move(object), std::move(options)));
      if (made) co_return std::move(*made);
    }
    if (kept_.empty()) co_return std::string();
    co_return co_await describe_old_file();
  }

  // Both answer the ETag.
  Task<Result<std::string>> commit(EditedContent& content) {
    for (const auto& [name, value] : kept_) options_.metadata[name] = value;
    std::function<Task<Result<Writer>>()> renew = [this] {
      return create_writer(core_, location_, options_);
    };
    CO_TRY_ASSIGN(auto writer, co_await content.finish(std::move(renew)));
    writer->set_metadata(options_.metadata);
    auto committed = co_await writer->commit();
    if (!committed.ok()) co_return std::move(committed).error();
    co_return std::move(committed->etag);
  }

  Task<Result<std::string>> describe_old_file() {
    CO_TRY_ASSIGN(auto read,
                  co_await core_->permit(iam::Action::kGetObject, location_.bucket, location_.key));
    CO_TRY_ASSIGN(auto write,
                  co_await core_->permit(iam::Action::kPutObject, location_.bucket, location_.key));
    storage::ObjectRef object{location_.bucket, location_.key};
    auto set = co_await core_->services.objects.set_metadata(std::move(read), std::move(write),
                                                             std::move(object), kept_);
    if (!set.ok()) co_return std::move(set).error();
    co_return std::move(set->etag);
  }

  std::shared_ptr<Core> core_;
  Location location_;
  const OpenMode mode_;
  const FileOperation operation_;
  const bool replaces_;
  const bool unseen_;  // there may be an old content, which is not for this role to read
  storage::PutOptions options_;
  std::unique_ptr<EditedContent> content_;
  FileAttributes shown_;
  storage::Metadata kept_;  // as clients set it on this handle
  std::uint64_t received_ = 0;
  std::optional<Error> failure_;
};

struct Base {
  Reader content;  // null: there is none, or it is unseen
  bool unseen = false;
};

// The object to be edited. Where it is not for this role to read, a mode that does not need it gets
// on without.
Task<Result<Base>> open_base(Core& core, const Location& location, OpenMode mode) {
  auto reader = co_await core.open(location.bucket, location.key);
  if (reader.ok()) co_return Base{std::move(reader).value(), false};
  const Error& error = reader.error();
  if (error.reason == "AccessDenied" && !mode.read && !mode.append) {
    const auto found = co_await find(core, location.bucket, location.key);
    const bool absent = found.ok() && found->kind == Found::Kind::kMissing;
    co_return Base{nullptr, !absent};
  }
  if (error.code != Errc::kNotFound || error.reason == "NoSuchBucket") co_return error;
  co_return Base{};
}

Task<Result<void>> check_target(Core& core, const Location& location, OpenMode mode) {
  if (mode.exclusive && mode.create) {
    CO_TRY_ASSIGN(const Found found, co_await find_if_visible(core, location.bucket, location.key));
    if (found.kind != Found::Kind::kMissing)
      co_return Error(Errc::kAlreadyExists, "File already exists");
  } else if (!mode.create) {
    CO_TRY_ASSIGN(const Found found, co_await find(core, location.bucket, location.key));
    if (found.kind == Found::Kind::kMissing)
      co_return Error(Errc::kNotFound, "No such file or directory");
    if (found.kind == Found::Kind::kDirectory) co_return Error(Errc::kConflict, "Is a directory");
  }
  co_return ok();
}

}  // namespace

Task<Result<std::unique_ptr<Upload>>> open_edited_file(std::shared_ptr<Core> core,
                                                       Location location, OpenMode mode,
                                                       FileOperation operation) {
  CO_TRY(co_await check_target(*core, location, mode));
  Base base;
  if (!mode.truncate && !mode.exclusive) {
    CO_TRY_ASSIGN(base, co_await open_base(*core, location, mode));
  }
  storage::PutOptions options = options_for(*core, mode, base.content.get());
  CO_TRY_ASSIGN(auto writer, co_await create_writer(core, location, options));
  CO_TRY(core->seat.take_upload_file());
  std::unique_ptr<Upload> file = std::make_unique<EditedFile>(
      std::move(core), std::move(location), mode, operation, std::move(base.content), base.unseen,
      std::move(options), std::move(writer));
  co_return file;
}

}  // namespace sallyport::session
