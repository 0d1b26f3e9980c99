#include "api/support/findings.h"

#include <nlohmann/json.hpp>

namespace sallyport::api {

namespace {

const char* level_name(Level level) {
  switch (level) {
    case Level::kOk: return "ok";
    case Level::kWarning: return "warning";
    case Level::kProblem: return "problem";
  }
  return "problem";
}

}  // namespace

void Findings::add(Finding finding) {
  if (finding.level != Level::kOk) ++faults_[finding.area];
  if (finding.level == Level::kProblem) ++problems_;
  if (finding.level == Level::kWarning) ++warnings_;
  if (++counts_[{finding.area, finding.kind}] <= kMaxOfAKind) list_.push_back(std::move(finding));
}

std::size_t Findings::faults(const std::string& area) const {
  const auto found = faults_.find(area);
  return found == faults_.end() ? 0 : found->second;
}

void Findings::fine(const std::string& area, std::string text) {
  if (faults(area) == 0) add({area, "fine", Level::kOk, "", std::move(text), ""});
}

nlohmann::ordered_json Findings::json() const {
  auto all = nlohmann::ordered_json::array(), more = nlohmann::ordered_json::array();
  for (const Finding& one : list_)
    all.push_back({{"Area", one.area},
                   {"Kind", one.kind},
                   {"Level", level_name(one.level)},
                   {"Subject", one.subject},
                   {"Text", one.text},
                   {"Next", one.next}});
  for (const auto& [which, count] : counts_)
    if (count > kMaxOfAKind)
      more.push_back(
          {{"Area", which.first}, {"Kind", which.second}, {"Count", count - kMaxOfAKind}});
  return {{"Findings", std::move(all)},
          {"More", std::move(more)},
          {"Problems", problems_},
          {"Warnings", warnings_}};
}

}  // namespace sallyport::api
