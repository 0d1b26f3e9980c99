// The contract of ObjectStore, kept by a store that is spoken to over HTTP: our own S3 API over
// embedded buckets.
#include "api/testing/api_fixture.h"
#include "http/server.h"
#include "s3/testing/remote_instance.h"
#include "storage/testing/listing_contract_cases.h"
#include "storage/testing/object_contract_cases.h"

namespace sallyport::storage {
namespace {

using testing::Candidate;
using testing::Promises;
using testing::StoreUnderTest;

class OwnApiSubject final : public StoreUnderTest {
 public:
  explicit OwnApiSubject(s3::BodyCheck check) {
    loops_.start();
    EXPECT_TRUE(server_.listen(*net::Endpoint::parse("127.0.0.1:0")).ok());
    s3::testing_support::RemoteSetup setup;
    setup.endpoint = "http://127.0.0.1:" + std::to_string(server_.local().port);
    setup.keys = api_.signer;
    setup.defaults.check = check;
    remote_ = std::make_unique<s3::testing_support::RemoteInstance>(std::move(setup), api_.clock);
  }
  ~OwnApiSubject() override {
    remote_.reset();
    server_.stop(std::chrono::seconds(10));
    loops_.stop();
  }
  ObjectStore& store() override { return remote_->store(); }

 private:
  api::testing::ApiFixture api_;
  net::LoopGroup loops_{2};
  http::Server server_{loops_, *api_.front, api_.clock};
  std::unique_ptr<s3::testing_support::RemoteInstance> remote_;
};

std::vector<Candidate> remote_stores() {
  Promises any;
  any.exact_times = false;
  any.looks_for_buckets = false;
  any.metadata_of_any_text = false;
  any.own_etags = false;  // the API gives MD5s
  any.kept_open = 200'000;
  any.lists_by_any_bytes = false;
  const auto checked_by = [](s3::BodyCheck check) {
    return [check] { return std::make_unique<OwnApiSubject>(check); };
  };
  return {{"OwnApi", checked_by(s3::BodyCheck::kCrc32c), any, 100},
          {"OwnApiMd5", checked_by(s3::BodyCheck::kMd5), any, 100}};
}

INSTANTIATE_TEST_SUITE_P(Remote, ObjectStoreContract, ::testing::ValuesIn(remote_stores()),
                         testing::name_of_store);
INSTANTIATE_TEST_SUITE_P(Remote, ListingContract, ::testing::ValuesIn(remote_stores()),
                         testing::name_of_store);

}  // namespace
}  // namespace sallyport::storage
