#include "app/cli_answer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace sallyport::app {

Result<nlohmann::ordered_json> parse_answer(const Result<std::string>& answer) {
  if (!answer.ok()) return answer.error();
  auto json = nlohmann::ordered_json::parse(*answer, nullptr, false);
  if (json.is_discarded()) return Error(Errc::kCorrupt, "the API's answer is not JSON");
  return json;
}

int print_failure(const Error& error) {
  fmt::print(stderr, "sallyport: {}\n", error.message);
  return 1;
}

}  // namespace sallyport::app
