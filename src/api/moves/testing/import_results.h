// What imports answer. For tests only.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/testing/api_fixture.h"

namespace sallyport::api::testing {

inline json import_results(ApiFixture& api, const std::string& lines, bool dry_run) {
  http::HttpRequest request;
  request.method = "POST";
  request.target = dry_run ? "/_sallyport/import?dry-run=true" : "/_sallyport/import";
  const Answer answer = api.send_signed(std::move(request), lines, "s3");
  EXPECT_EQ(answer.status, 200) << answer.body;
  return answer.parsed()["Results"];
}

// The results of an import in the words of a dry run.
inline json as_planned(json results) {
  for (json& one : results)
    for (const char* done : {"made", "changed"})
      if (one["Outcome"] == done) one["Outcome"] = std::string("would be ") + done;
  return results;
}

}  // namespace sallyport::api::testing
