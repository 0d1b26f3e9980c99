#include "api/shape.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "codec/json.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

Error broken(std::string what) {
  return Error(Errc::kCorrupt, "the service model is broken: " + std::move(what));
}

std::optional<ShapeType> shape_type(std::string_view name) {
  static constexpr std::pair<std::string_view, ShapeType> kTypes[] = {
      {"structure", ShapeType::kStructure}, {"list", ShapeType::kList},
      {"string", ShapeType::kString},       {"integer", ShapeType::kInteger},
      {"long", ShapeType::kLong},           {"boolean", ShapeType::kBoolean},
      {"timestamp", ShapeType::kTimestamp}, {"blob", ShapeType::kBlob},
  };
  for (const auto& [known, type] : kTypes)
    if (known == name) return type;
  return std::nullopt;
}

using Shapes = std::map<std::string, std::unique_ptr<Shape>, std::less<>>;

const Shape* find(const Shapes& shapes, std::string_view name) {
  const auto it = shapes.find(name);
  return it == shapes.end() ? nullptr : it->second.get();
}

Result<void> fill_scalars(Shape& shape, const json& in) {
  if (in.contains("min")) shape.min = in["min"].get<std::int64_t>();
  if (in.contains("max")) shape.max = in["max"].get<std::int64_t>();
  if (in.contains("enum")) shape.values = in["enum"].get<std::vector<std::string>>();
  shape.sensitive = in.value("sensitive", false);
  shape.exception = in.value("exception", false);
  if (in.contains("pattern")) {
    TRY_ASSIGN(Pattern pattern, Pattern::compile(in["pattern"].get<std::string>()));
    shape.pattern = std::move(pattern);
  }
  return ok();
}

Result<void> link(Shape& shape, const json& in, const Shapes& shapes) {
  if (shape.type == ShapeType::kList) {
    shape.element = find(shapes, in.value("member", ""));
    if (shape.element == nullptr) return broken(shape.name + " has no element shape");
  }
  if (shape.type != ShapeType::kStructure || !in.contains("members")) return ok();
  for (const auto& [name, member] : in["members"].items()) {
    const Shape* target = find(shapes, member.value("shape", ""));
    if (target == nullptr) return broken(shape.name + "." + name + " has no shape");
    shape.members.push_back({name, target, false});
  }
  for (const auto& name : in.value("required", std::vector<std::string>{})) {
    bool found = false;
    for (auto& member : shape.members) {
      if (member.name != name) continue;
      member.required = found = true;
    }
    if (!found) return broken(shape.name + " requires " + name + ", which it lacks");
  }
  return ok();
}

Result<OperationModel> read_operation(const std::string& name, const json& in,
                                      const Shapes& shapes) {
  OperationModel operation;
  operation.name = name;
  if (in.contains("input") && in["input"].is_string()) {
    operation.input = find(shapes, in["input"].get<std::string>());
    if (operation.input == nullptr) return broken(name + " has an unknown input shape");
  }
  if (in.contains("output") && in["output"].is_string()) {
    operation.output = find(shapes, in["output"].get<std::string>());
    if (operation.output == nullptr) return broken(name + " has an unknown output shape");
  }
  for (const auto& [error, status] : in["errors"].items())
    operation.errors.emplace(error, status.get<int>());
  return operation;
}

// The additions on top of the model, as one JSON value.
void merge(json& model, const json& additions) {
  for (const auto& [name, shape] : additions["shapes"].items()) model["shapes"][name] = shape;
  for (const auto& [name, members] : additions["members"].items())
    model["shapes"][name]["members"].update(members);
}

}  // namespace

const Shape::Member* Shape::member(std::string_view member_name) const {
  for (const auto& member : members)
    if (member.name == member_name) return &member;
  return nullptr;
}

Result<ServiceModel> ServiceModel::load(std::string_view model_text,
                                        std::string_view additions_text) {
  const codec::JsonLimits limits{4 * 1024 * 1024, 32};
  TRY_ASSIGN(json model, codec::parse_json(model_text, limits));
  TRY_ASSIGN(const json additions, codec::parse_json(additions_text, limits));
  if (!model.contains("shapes") || !model.contains("operations") || !additions.contains("shapes") ||
      !additions.contains("members"))
    return broken("a section is missing");
  merge(model, additions);

  ServiceModel out;
  for (const auto& [name, in] : model["shapes"].items()) {
    const auto type = shape_type(in.value("type", ""));
    if (!type) return broken(name + " has an unknown type");
    auto shape = std::make_unique<Shape>();
    shape->name = name;
    shape->type = *type;
    TRY(fill_scalars(*shape, in));
    out.shapes_.emplace(name, std::move(shape));
  }
  for (const auto& [name, in] : model["shapes"].items())
    TRY(link(*out.shapes_.find(name)->second, in, out.shapes_));
  for (const auto& [name, in] : model["operations"].items()) {
    TRY_ASSIGN(OperationModel operation, read_operation(name, in, out.shapes_));
    out.operations_.emplace(name, std::move(operation));
  }
  return out;
}

const OperationModel* ServiceModel::operation(std::string_view name) const {
  const auto it = operations_.find(name);
  return it == operations_.end() ? nullptr : &it->second;
}

const Shape* ServiceModel::shape(std::string_view name) const {
  return find(shapes_, name);
}

}  // namespace sallyport::api
