// Answers against the model's output shapes. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/decode.h"

namespace sallyport::api::testing {

// An answer has the shape's types and bounds, its required members, and no member beyond.
inline void expect_output(const char* operation, nlohmann::json answer) {
  const Shape* shape = transfer_model().operation(operation)->output;
  ASSERT_NE(shape, nullptr) << operation;
  std::vector<std::string> unknown;
  const auto typed = check_types(answer, *shape, unknown);
  ASSERT_TRUE(typed.ok()) << operation << ": " << typed.error().message;
  EXPECT_TRUE(unknown.empty()) << operation << ": " << unknown.front();
  Violations violations;
  check_constraints(answer, *shape, violations);
  EXPECT_TRUE(violations.empty()) << operation << ": " << violations.message();
}

}  // namespace sallyport::api::testing
