// The contract of ObjectStore, kept by a gateway that others wrote. Each case begins and ends with
// no buckets of the user it asks as.
#include "s3/testing/gateway.h"
#include "storage/testing/listing_contract_cases.h"
#include "storage/testing/object_contract_cases.h"

namespace sallyport::storage {
namespace {

class GatewaySubject final : public testing::StoreUnderTest {
 public:
  GatewaySubject() { remove_all(); }
  ~GatewaySubject() override { remove_all(); }
  ObjectStore& store() override { return remote_.store(); }

 private:
  void remove_all() {
    const auto buckets = net::sync_wait(store().list_buckets(testing::Permits::list_buckets()));
    ASSERT_TRUE(buckets.ok()) << buckets.error().message;
    for (const BucketInfo& bucket : *buckets) {
      testing::Driver driver(store(), bucket.name);
      for (const std::string& key : driver.keys()) EXPECT_TRUE(driver.remove(key).ok()) << key;
      EXPECT_TRUE(driver.drop_bucket().ok()) << bucket.name;
    }
  }

  SystemClock clock_;
  s3::testing_support::RemoteInstance remote_{s3::testing_support::gateway_setup(), clock_};
};

std::vector<testing::Candidate> gateways() {
  std::vector<testing::Candidate> out;
  if (!s3::testing_support::gateway_is_there()) return out;
  testing::Promises some;
  some.own_etags = false;
  some.kept_open = 200'000;
  some.exact_times = false;
  some.looks_for_buckets = false;
  some.metadata_of_any_text = false;
  some.starts_inside_prefixes = false;
  some.lists_by_any_bytes = false;
  out.push_back({"Gateway", [] { return std::make_unique<GatewaySubject>(); }, some, 100});
  return out;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ObjectStoreContract);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ListingContract);
INSTANTIATE_TEST_SUITE_P(Remote, ObjectStoreContract, ::testing::ValuesIn(gateways()),
                         testing::name_of_store);
INSTANTIATE_TEST_SUITE_P(Remote, ListingContract, ::testing::ValuesIn(gateways()),
                         testing::name_of_store);

}  // namespace
}  // namespace sallyport::storage
