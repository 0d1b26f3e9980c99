// What every ObjectStore promises, of the stores of this folder.
#include "storage/testing/embedded_candidates.h"
#include "storage/testing/listing_contract_cases.h"
#include "storage/testing/object_contract_cases.h"

namespace sallyport::storage {
namespace {

INSTANTIATE_TEST_SUITE_P(Stores, ObjectStoreContract, testing::embedded_stores(),
                         testing::name_of_store);
INSTANTIATE_TEST_SUITE_P(Stores, ListingContract, testing::embedded_stores(),
                         testing::name_of_store);

}  // namespace
}  // namespace sallyport::storage
