#include "api/moves/restore.h"

#include <map>
#include <tuple>

#include "session/registry.h"

namespace sallyport::api {

namespace {

using Op = state::ResourceChange::Op;
using Key = std::tuple<std::string_view, std::string_view, std::string_view>;

Key view_of(const state::ResourceKey& key) {
  return {key.kind, key.parent, key.id};
}

std::vector<state::ResourceKey> removed_users(const std::vector<state::ResourceChange>& steps) {
  std::vector<state::ResourceKey> out;
  for (const state::ResourceChange& step : steps)
    if (step.op == Op::kRemove && step.key.kind == state::kind::kUser) out.push_back(step.key);
  return out;
}

}  // namespace

std::vector<state::ResourceChange> restore_steps(const std::vector<state::Resource>& now,
                                                 const std::vector<state::Resource>& then,
                                                 RestoreCounts& counts) {
  counts = {};
  std::map<Key, const state::Resource*> there;
  for (const state::Resource& one : now) there.emplace(view_of(one.key), &one);
  std::vector<state::ResourceChange> steps;
  for (const state::Resource& wanted : then) {
    const auto it = there.find(view_of(wanted.key));
    if (it == there.end()) {
      ++counts.made;
      steps.push_back({Op::kInsert, wanted.key, 0, wanted.document});
      continue;
    }
    if (it->second->document == wanted.document) {
      ++counts.same;
    } else {
      ++counts.changed;
      steps.push_back({Op::kUpdate, wanted.key, it->second->version, wanted.document});
    }
    there.erase(it);
  }
  counts.removed = there.size();
  for (const auto& [key, resource] : there) steps.push_back({Op::kRemove, resource->key, 0, ""});
  return steps;
}

Task<Result<RestoreCounts>> restore(const TransferContext& context,
                                    std::vector<state::Resource> then, bool dry_run) {
  for (int attempt = 0;; ++attempt) {
    CO_TRY_ASSIGN(const auto now, co_await context.resources.all());
    RestoreCounts counts;
    auto steps = restore_steps(now, then, counts);
    if (dry_run || steps.empty()) co_return counts;
    const auto users = removed_users(steps);
    CO_TRY_ASSIGN(const bool taken, co_await try_changes(context, std::move(steps), attempt,
                                                         &made_or_moved_underneath));
    if (!taken) continue;
    for (const state::ResourceKey& user : users)
      context.sessions.end_user(model::ServerId(user.parent), user.id);
    co_return counts;
  }
}

}  // namespace sallyport::api
