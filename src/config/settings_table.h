// The table behind Settings: one row a setting. Internal to config.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "config/settings.h"

namespace sallyport::config {

using Member = std::variant<std::string Settings::*, bool Settings::*, std::int64_t Settings::*,
                            SecretString Settings::*>;

struct Row {
  std::string_view name;
  Member member;
  std::string_view unit;     // empty: none
  std::int64_t min = 0, max = 0;  // of integers
  std::string_view choices;  // of texts: allowed words separated by '|'; empty: any
  std::string_view meaning;
};

std::span<const Row> rows();

}  // namespace sallyport::config
