#include "config/file_system_rules.h"

#include <fmt/format.h>

#include <string_view>

#include "config/toml_text.h"

namespace sallyport::config {
namespace {

Error wrong_file_system(const std::string& name, std::string_view right) {
  return Error(Errc::kInvalidArgument, fmt::format("setting '{}': {}", name, right));
}

// As Amazon EFS makes them.
bool is_file_system_id(std::string_view id) {
  constexpr std::size_t kLeast = 8, kMost = 40;
  if (!id.starts_with("fs-")) return false;
  id.remove_prefix(3);
  return id.size() >= kLeast && id.size() <= kMost &&
         id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<FileSystemSection> read_section(const std::string& name, const toml::node& node) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) return wrong_file_system(name, "a table is expected");
  FileSystemSection out;
  for (const auto& [key, value] : *table) {
    const std::string full_name = fmt::format("{}.{}", name, key.str());
    if (key.str() != "path") return wrong_file_system(full_name, "no such setting; there is path");
    const auto text = value.value_exact<std::string>();
    if (!text || !text->starts_with('/') || text->find('\0') != std::string::npos)
      return wrong_file_system(full_name, "an absolute path in quotes is expected");
    out.path = *text;
  }
  if (out.path.empty()) return wrong_file_system(name + ".path", "it is missing");
  return out;
}

}  // namespace

Result<void> read_file_systems(const toml::node& value,
                               std::map<std::string, FileSystemSection>& out) {
  const std::string name = "file_systems";
  const toml::table* const table = value.as_table();
  if (table == nullptr) return wrong_file_system(name, "a table is expected");
  for (const auto& [id, node] : *table) {
    const std::string full_name = fmt::format("{}.{}", name, id.str());
    if (!is_file_system_id(id.str()))
      return wrong_file_system(full_name, "an id such as \"fs-0123456789abcdef0\" is expected");
    TRY_ASSIGN(out[std::string(id.str())], read_section(full_name, node));
  }
  return ok();
}

std::string print_file_systems(const std::map<std::string, FileSystemSection>& sections) {
  std::string out =
      "# File systems of servers whose Domain is EFS, by the id that home directories begin with:\n"
      "# [file_systems.\"fs-0123456789abcdef0\"]\n# # Directory that holds it.\n# path = "
      "\"/mnt/efs\"\n\n";
  for (const auto& [id, section] : sections)
    out += fmt::format(
        "[file_systems.\"{}\"]\n# Directory that holds it. Source: file.\npath = {}\n\n", id,
        quoted(section.path));
  return out;
}

}  // namespace sallyport::config
