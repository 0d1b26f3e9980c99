// The service model as an immutable table: shapes, their constraints, and the operations over them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/pattern.h"
#include "base/result.h"

namespace sallyport::api {

enum class ShapeType : std::uint8_t {
  kStructure,
  kList,
  kString,
  kInteger,
  kLong,
  kBoolean,
  kTimestamp,
  kBlob,
};

struct Shape {
  struct Member {
    std::string name;
    const Shape* shape = nullptr;
    bool required = false;
  };

  std::string name;
  ShapeType type = ShapeType::kStructure;
  // Bounds of a number, of a string's characters, of a list's items, of a blob's bytes.
  std::optional<std::int64_t> min, max;
  std::vector<std::string> values;  // of an enum, in the model's order
  std::optional<Pattern> pattern;
  bool sensitive = false;
  bool exception = false;
  std::vector<Member> members;     // of a structure
  const Shape* element = nullptr;  // of a list

  // Null without one.
  const Member* member(std::string_view member_name) const;
};

struct OperationModel {
  std::string name;
  const Shape* input = nullptr;                    // null: takes nothing
  const Shape* output = nullptr;                   // null: answers an empty body
  std::map<std::string, int, std::less<>> errors;  // modelled errors and their HTTP status
};

// Immutable after load(), thread-safe; shapes live as long as the model.
class ServiceModel {
 public:
  // `model` and `additions` are the texts of model/*.json; additions add members and replace
  // shapes. kCorrupt when they contradict themselves.
  static Result<ServiceModel> load(std::string_view model, std::string_view additions);

  const OperationModel* operation(std::string_view name) const;
  const Shape* shape(std::string_view name) const;
  const std::map<std::string, OperationModel, std::less<>>& operations() const {
    return operations_;
  }
  const std::map<std::string, std::unique_ptr<Shape>, std::less<>>& shapes() const {
    return shapes_;
  }

 private:
  std::map<std::string, std::unique_ptr<Shape>, std::less<>> shapes_;
  std::map<std::string, OperationModel, std::less<>> operations_;
};

// The model of AWS Transfer Family, loaded once from the program itself. Ends the program if the
// embedded tables are broken, which a test excludes.
const ServiceModel& transfer_model();

}  // namespace sallyport::api
