// What an examination of the installation found. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::api {

enum class Level : std::uint8_t { kOk, kWarning, kProblem };

struct Finding {
  std::string area;  // "roles", "users", …
  std::string kind;  // of the same area: findings of one kind can be told together
  Level level = Level::kOk;
  std::string subject;  // "role demo"
  std::string text;     // what is to be said of the subject
  std::string next;     // a command to type; may be empty
};

class Findings {
 public:
  static constexpr std::size_t kMaxOfAKind = 1000;

  // Beyond kMaxOfAKind of one kind they are only counted.
  void add(Finding finding);
  // How many of the area are no kOk.
  std::size_t faults(const std::string& area) const;
  // Adds "<text>" as kOk, if the area has no fault.
  void fine(const std::string& area, std::string text);

  // {"Findings": [{Area, Kind, Level, Subject, Text, Next}], "More": [{Area, Kind, Count}],
  //  "Problems": n, "Warnings": n}
  nlohmann::ordered_json json() const;

 private:
  std::vector<Finding> list_;
  std::map<std::pair<std::string, std::string>, std::size_t> counts_;
  std::map<std::string, std::size_t> faults_;
  std::size_t problems_ = 0, warnings_ = 0;
};

}  // namespace sallyport::api
