#include "app/store_checks.h"

#include <utility>

#include "net/loop.h"

namespace sallyport::app {
namespace {

api::Level level_of(s3::StoreLevel level) {
  switch (level) {
    case s3::StoreLevel::kOk: return api::Level::kOk;
    case s3::StoreLevel::kWarning: return api::Level::kWarning;
    case s3::StoreLevel::kProblem: return api::Level::kProblem;
  }
  return api::Level::kProblem;
}

Task<void> examine_into(const s3::StoreToCheck& store, std::vector<s3::StoreFinding>& out) {
  out = co_await s3::examine_store(store);
}

}  // namespace

Task<std::vector<api::Finding>> examine_stores(std::vector<const s3::StoreToCheck*> stores) {
  std::vector<std::vector<s3::StoreFinding>> found(stores.size());
  net::TaskScope scope;
  for (std::size_t i = 0; i < stores.size(); ++i) scope.spawn(examine_into(*stores[i], found[i]));
  co_await scope.join();
  std::vector<api::Finding> out;
  for (std::size_t i = 0; i < stores.size(); ++i)
    for (s3::StoreFinding& one : found[i])
      out.push_back({"stores", std::move(one.kind), level_of(one.level),
                     "store " + stores[i]->place.name, std::move(one.text), std::move(one.next)});
  co_return out;
}

}  // namespace sallyport::app
