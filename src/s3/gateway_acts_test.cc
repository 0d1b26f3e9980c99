// What a remote store is asked to do while tests/remote does harm between it and its gateway. Each
// case is one act; how it is to end is in the environment:
//   SALLYPORT_TEST_S3_BUCKET  where, on the key "k"
//   SALLYPORT_TEST_SIZE       bytes of content
//   SALLYPORT_TEST_EXPECT     "ok", or the name of an Errc
//   SALLYPORT_TEST_LEDGER     a folder for the ledger of uploads
//   SALLYPORT_TEST_LEFT       entries of the ledger at the end
#include <cstring>

#include "s3/testing/gateway.h"
#include "s3/testing/lost_files.h"
#include "storage/testing/embedded_fixture.h"

namespace sallyport::s3 {
namespace {

using storage::testing::Driver;
using storage::testing::Permits;

// A counter of 8 bytes, again and again, as tests/remote writes it too.
std::string counted(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>((i / 8) >> (8 * (i % 8)));
  return out;
}

std::size_t number_of(const char* name) {
  const std::string text = testing_support::from_environment(name);
  return text.empty() ? 0 : std::stoul(text);
}

class GatewayActs : public ::testing::Test {
 protected:
  GatewayActs() {
    if (!testing_support::gateway_is_there() || bucket_.empty()) return;
    testing_support::RemoteSetup setup = testing_support::gateway_setup();
    setup.ledger_folder = testing_support::from_environment("SALLYPORT_TEST_LEDGER");
    remote_ = std::make_unique<testing_support::RemoteInstance>(std::move(setup), clock_);
    driver_ = std::make_unique<Driver>(remote_->store(), bucket_);
  }
  void SetUp() override {
    if (!remote_) GTEST_SKIP() << "no gateway is given";
  }
  // Nothing is held or under way any more, whatever came of the act.
  void TearDown() override {
    if (!remote_) return;
    remote_->settle();
    for (BlockMemory* memory : {&remote_->upload_memory(), &remote_->download_memory()})
      EXPECT_EQ(memory->out(), 0u);
    EXPECT_EQ(remote_->left().size(), number_of("SALLYPORT_TEST_LEFT"));
  }

  template <class T>
  void expect_end(const Result<T>& result) {
    const std::string wanted = testing_support::from_environment("SALLYPORT_TEST_EXPECT");
    const std::string got = result.ok() ? "ok" : std::string(errc_name(result.error().code));
    EXPECT_EQ(got, wanted) << (result.ok() ? "" : result.error().message);
  }

  // As clients do: in pieces that fit nothing.
  Result<void> fill(storage::ObjectWriter& writer, const std::string& body) {
    constexpr std::size_t kPiece = 100'003;
    for (std::size_t at = 0; at < body.size(); at += kPiece) {
      const iovec piece{const_cast<char*>(body.data()) + at, std::min(kPiece, body.size() - at)};
      TRY(net::sync_wait(writer.write({&piece, 1})));
    }
    return ok();
  }
  Result<storage::ObjectInfo> upload(storage::ObjectWriter& writer) {
    TRY(fill(writer, counted(size_)));
    return net::sync_wait(writer.commit());
  }

  SystemClock clock_;
  const std::string bucket_ = testing_support::from_environment("SALLYPORT_TEST_S3_BUCKET");
  const std::size_t size_ = number_of("SALLYPORT_TEST_SIZE");
  std::unique_ptr<testing_support::RemoteInstance> remote_;
  std::unique_ptr<Driver> driver_;
};

TEST_F(GatewayActs, upload) {
  auto writer = driver_->create("k");
  ASSERT_TRUE(writer.ok());
  expect_end(upload(**writer));
}

TEST_F(GatewayActs, upload_of_a_new_object) {
  storage::PutOptions options;
  options.only_if_absent = true;
  auto writer = driver_->create("k", options);
  ASSERT_TRUE(writer.ok());
  expect_end(upload(**writer));
}

// As an upload of 5 TB, with small numbers: from the third part on on the disk.
TEST_F(GatewayActs, upload_in_parts_that_grow_beyond_the_memory) {
  constexpr std::uint64_t kMiB = 1 << 20;
  for (const bool room : {false, true}) {
    testing_support::RemoteSetup setup = testing_support::gateway_setup();
    setup.upload_memory = 40 * kMiB;
    setup.plan = PartPlan({{1, 5 * kMiB, false},
                           {2, 6 * kMiB, false},
                           {4, 14 * kMiB, true},
                           {kMaxParts, 15 * kMiB, true}});
    if (!room) setup.part_folder = "/proc/none";
    testing_support::RemoteInstance instance(std::move(setup), clock_);
    Driver driver(instance.store(), bucket_);
    auto writer = driver.create("k");
    const auto done = upload(**writer);
    EXPECT_EQ(done.ok(), room);
    if (!done.ok()) {
      EXPECT_EQ(driver.head("k").error().code, Errc::kNotFound);
    }
    writer->reset();
    instance.settle();
    EXPECT_EQ(instance.upload_memory().out(), 0u);
    EXPECT_TRUE(instance.left().empty());
  }
}

// The disk fails behind what was written: that upload fails, and nothing else does.
TEST_F(GatewayActs, upload_from_a_file_that_is_lost) {
  constexpr std::uint64_t kMiB = 1 << 20;
  for (const std::size_t size : {4 * kMiB, 12 * kMiB}) {
    const state::TestFolder folder;
    testing_support::RemoteSetup setup = testing_support::gateway_setup();
    setup.plan = PartPlan({{kMaxParts, 6 * kMiB, true}});
    setup.part_folder = folder.file("");
    testing_support::RemoteInstance instance(std::move(setup), clock_);
    Driver driver(instance.store(), bucket_);
    auto writer = driver.create("k");
    ASSERT_TRUE(fill(**writer, counted(size)).ok());
    EXPECT_GE(testing_support::truncate_nameless_files(folder.file(""), kMiB), 1);
    const auto lost = net::sync_wait((*writer)->commit());
    ASSERT_FALSE(lost.ok());
    EXPECT_EQ(lost.error().code, Errc::kIo) << lost.error().message;
    writer->reset();
    EXPECT_EQ(driver.head("k").error().code, Errc::kNotFound);
    EXPECT_TRUE(driver.put("k", counted(size)).ok());
    EXPECT_TRUE(driver.remove("k").ok());
    instance.settle();
    EXPECT_TRUE(instance.left().empty());
  }
}

TEST_F(GatewayActs, upload_that_is_committed_after_its_failure) {
  auto writer = driver_->create("k");
  ASSERT_TRUE(writer.ok());
  const auto first = fill(**writer, counted(size_));
  const auto committed = net::sync_wait((*writer)->commit());
  expect_end(committed);
  ASSERT_FALSE(committed.ok());
  // What it held is free for others, though its client has not gone.
  EXPECT_EQ(remote_->upload_memory().out(), 0u);
  EXPECT_EQ(net::sync_wait((*writer)->commit()).error().code, Errc::kInternal);
  EXPECT_FALSE(fill(**writer, "more").ok());
}

TEST_F(GatewayActs, upload_that_is_abandoned) {
  auto writer = driver_->create("k");
  expect_end(fill(**writer, counted(size_)));
}

TEST_F(GatewayActs, upload_that_is_aborted) {
  auto writer = driver_->create("k");
  expect_end(fill(**writer, counted(size_)));
  net::sync_wait((*writer)->abort());
  EXPECT_FALSE(fill(**writer, "more").ok());
}

TEST_F(GatewayActs, upload_that_is_killed) {
  auto writer = driver_->create("k");
  expect_end(fill(**writer, counted(size_)));
  std::_Exit(::testing::Test::HasFailure() ? 1 : 0);
}

TEST_F(GatewayActs, sweep) {
  EXPECT_EQ(remote_->left().size(), 1u);
  const Swept swept = remote_->sweep();
  EXPECT_FALSE(swept.error) << swept.error->message;
  EXPECT_EQ(swept.aborted, 1u);
}

TEST_F(GatewayActs, download) {
  const auto body = driver_->get("k");
  expect_end(body);
  if (body.ok()) {
    EXPECT_TRUE(*body == counted(size_));
  }
}

TEST_F(GatewayActs, download_that_is_abandoned) {
  auto reader = driver_->open("k");
  ASSERT_TRUE(reader.ok());
  std::string some(3 << 20, '\0');
  const iovec into{some.data(), some.size()};
  expect_end(net::sync_wait((*reader)->read_at(0, {&into, 1})));
  EXPECT_TRUE(some == counted(some.size()));
}

TEST_F(GatewayActs, download_in_any_order) {
  const std::string body = counted(size_);
  auto one = driver_->open("k"), two = driver_->open("k");
  ASSERT_TRUE(one.ok() && two.ok());
  std::string some(70'001, '\0');
  const auto expect_at = [&](storage::ObjectReader& reader, std::size_t offset) {
    const iovec into{some.data(), some.size()};
    const auto got = net::sync_wait(reader.read_at(offset, {&into, 1}));
    ASSERT_TRUE(got.ok()) << got.error().message;
    const std::size_t there = offset >= body.size() ? 0 : body.size() - offset;
    ASSERT_EQ(*got, std::min(some.size(), there)) << offset;
    ASSERT_TRUE(body.compare(std::min(offset, body.size()), *got, some, 0, *got) == 0) << offset;
  };
  std::uint32_t drawn = 1;
  for (int i = 0; i < 40; ++i) {
    drawn = drawn * 1'664'525 + 1'013'904'223;
    expect_at(**one, drawn % (body.size() + 1000));
    expect_at(**two, static_cast<std::size_t>(i) * some.size());  // front to back meanwhile
  }
  for (std::size_t at = body.size(), i = 0; i < 20; ++i) {
    at -= std::min(at, some.size());
    expect_at(**one, at);
  }
  for (const std::size_t past : {body.size(), body.size() + 1, body.size() + (1 << 20)})
    expect_at(**two, past);
  EXPECT_EQ(*net::sync_wait((*one)->read_at(~std::uint64_t{0}, {})), 0u);
}

TEST_F(GatewayActs, download_of_what_is_replaced) {
  auto reader = driver_->open("k");
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE(driver_->put("k", "another").ok());
  expect_end(net::sync_wait(storage::testing::read_object(**reader)));
}

TEST_F(GatewayActs, list) {
  storage::ListRequest request;
  request.max_keys = 3;
  std::vector<std::string> keys;
  while (true) {
    const auto page = driver_->list(request);
    if (!page.ok() || !page->truncated) expect_end(page);
    if (!page.ok()) return;
    for (const auto& object : page->objects) keys.push_back(object.key);
    if (!page->truncated) break;
    request.start_after = page->next_start_after;
  }
  EXPECT_EQ(keys.size(), size_);
}

TEST_F(GatewayActs, copy) {
  expect_end(driver_->copy("k", "to"));
}

// As a copy of more than 5 GiB, with small numbers: parts of 6 MiB.
TEST_F(GatewayActs, copy_in_parts) {
  constexpr std::uint64_t kMiB = 1 << 20;
  testing_support::RemoteSetup setup = testing_support::gateway_setup();
  setup.ledger_folder = testing_support::from_environment("SALLYPORT_TEST_LEDGER");
  setup.copies.at_once = 10 * kMiB;
  setup.copies.part = 6 * kMiB;
  remote_.reset();
  remote_ = std::make_unique<testing_support::RemoteInstance>(std::move(setup), clock_);
  Driver driver(remote_->store(), bucket_);
  const auto copied = driver.copy("k", "to");
  expect_end(copied);
  if (!copied.ok()) return;
  const auto from = driver.head("k"), to = driver.head("to");
  ASSERT_TRUE(from.ok() && to.ok());
  EXPECT_EQ(to->size, size_);
  EXPECT_EQ(to->etag, copied->etag);
  EXPECT_EQ(to->metadata, from->metadata);
  EXPECT_EQ(to->content_type, from->content_type);
}

TEST_F(GatewayActs, move) {
  expect_end(driver_->move("k", "to"));
}

// Of the regions' names the store knows that of its own zone group alone.
TEST_F(GatewayActs, create_buckets_of_regions) {
  struct Case {
    std::string own, wanted;
    bool made;
  };
  for (const Case& one :
       {Case{"us-east-1", "", true}, Case{"default", "", true}, Case{"eu-west-1", "", true},
        Case{"us-east-1", "default", true}, Case{"us-east-1", "eu-west-1", false}}) {
    testing_support::RemoteSetup setup = testing_support::gateway_setup();
    setup.region = one.own;
    testing_support::RemoteInstance instance(std::move(setup), clock_);
    const std::string name = bucket_ + "-made";
    const auto made = net::sync_wait(
        instance.store().create_bucket(Permits::create_bucket(name), name, one.wanted));
    EXPECT_EQ(made.ok(), one.made) << one.own << " " << one.wanted;
    if (!made.ok()) {
      EXPECT_EQ(made.error().reason, "InvalidLocationConstraint");
    } else {
      EXPECT_TRUE(Driver(instance.store(), name).drop_bucket().ok());
    }
  }
}

TEST_F(GatewayActs, remove) {
  expect_end(driver_->remove("k"));
}

TEST_F(GatewayActs, sizes_around_every_boundary) {
  const std::size_t k = 1 << 10, m = 1 << 20;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, 256 * k - 1, 256 * k, 256 * k + 1, m - 1, m, m + 1,
        5 * m - 1, 5 * m, 5 * m + 1, 8 * m - 1, 8 * m, 8 * m + 1, 16 * m, 40 * m}) {
    const std::string body = counted(size);
    auto writer = driver_->create("k");
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(fill(**writer, body).ok());
    const auto info = net::sync_wait((*writer)->commit());
    ASSERT_TRUE(info.ok()) << size << ": " << info.error().message;
    const auto head = driver_->head("k");
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(head->size, size);
    EXPECT_EQ(head->etag, info->etag) << size;
    const auto read = driver_->get("k");
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_TRUE(*read == body) << size;
  }
}

TEST_F(GatewayActs, metadata_is_changed_before_and_after_the_first_part) {
  for (const std::size_t size : {std::size_t{1000}, std::size_t{20} << 20}) {
    auto writer = driver_->create("k");
    ASSERT_TRUE(fill(**writer, counted(size)).ok());
    (*writer)->set_metadata({{"uid", "7"}});
    const auto info = net::sync_wait((*writer)->commit());
    ASSERT_TRUE(info.ok()) << info.error().message;
    const auto head = driver_->head("k");
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(head->metadata, (storage::Metadata{{"uid", "7"}}));
    EXPECT_EQ(head->etag, info->etag);
    EXPECT_EQ(head->size, size);
  }
}

}  // namespace
}  // namespace sallyport::s3
