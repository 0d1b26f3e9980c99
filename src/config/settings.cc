#include "config/settings.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <set>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "config/file_system_rules.h"
#include "config/server_rules.h"
#include "config/settings_table.h"
#include "config/store_rules.h"
#include "config/toml_text.h"

namespace sallyport::config {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

Error wrong(std::string_view name, std::string_view right) {
  return Error(Errc::kInvalidArgument, fmt::format("setting '{}': {}", name, right));
}

Result<void> check_choice(const Row& row, std::string_view value) {
  if (row.choices.empty()) return ok();
  std::string_view rest = row.choices;
  while (!rest.empty()) {
    const auto bar = rest.find('|');
    if (rest.substr(0, bar) == value) return ok();
    rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
  }
  return wrong(row.name, fmt::format("'{}' is not one of {}", value, row.choices));
}

Result<void> set_integer(const Row& row, std::int64_t& out, std::int64_t value) {
  if (value < row.min || value > row.max)
    return wrong(row.name, fmt::format("{} is not between {} and {}{}{}", value, row.min, row.max,
                                       row.unit.empty() ? "" : " ", row.unit));
  out = value;
  return ok();
}

Result<void> set_text(Settings& s, const Row& row, std::string_view text) {
  return std::visit(
      Overloaded{
          [&](std::string Settings::*m) -> Result<void> {
            TRY(check_choice(row, text));
            s.*m = std::string(text);
            return ok();
          },
          [&](SecretString Settings::*m) -> Result<void> {
            s.*m = SecretString(std::string(text));
            return ok();
          },
          [&](bool Settings::*m) -> Result<void> {
            if (text != "true" && text != "false") return wrong(row.name, "true or false is expected");
            s.*m = text == "true";
            return ok();
          },
          [&](std::int64_t Settings::*m) -> Result<void> {
            std::int64_t value = 0;
            const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
            if (ec != std::errc{} || end != text.data() + text.size())
              return wrong(row.name, fmt::format("a whole number is expected, not '{}'", text));
            return set_integer(row, s.*m, value);
          },
      },
      row.member);
}

Result<void> set_node(Settings& s, const Row& row, const toml::node& node) {
  return std::visit(
      Overloaded{
          [&](std::int64_t Settings::*m) -> Result<void> {
            const auto value = node.value_exact<std::int64_t>();
            if (!value) return wrong(row.name, "a whole number is expected");
            return set_integer(row, s.*m, *value);
          },
          [&](bool Settings::*m) -> Result<void> {
            const auto value = node.value_exact<bool>();
            if (!value) return wrong(row.name, "true or false is expected");
            s.*m = *value;
            return ok();
          },
          [&](auto) -> Result<void> {
            const auto value = node.value_exact<std::string>();
            if (!value) return wrong(row.name, "a text in quotes is expected");
            return set_text(s, row, *value);
          },
      },
      row.member);
}

const Row* find_row(std::string_view name) {
  for (const Row& row : rows())
    if (row.name == name) return &row;
  return nullptr;
}

// What a [servers] section may hold: lists of texts.
struct ListRow {
  std::string_view name;
  std::vector<std::string> ServerSection::*member;
  std::string_view right;
  std::string_view meaning;
};

constexpr ListRow kServerLists[] = {
    {"allow", &ServerSection::allow, "a list of networks in quotes is expected",
     "Networks that may connect; empty: everyone"},
    {"trusted_user_ca", &ServerSection::trusted_user_ca, "a list of public keys in quotes is expected",
     "Authorities whose certificates let users in, each a public key as ssh-keygen writes it"},
};

Result<void> read_list(const std::string& name, const ListRow& row, const toml::node& node, ServerSection& out) {
  const toml::array* const list = node.as_array();
  if (list == nullptr) return wrong(name, row.right);
  for (const toml::node& item : *list) {
    const auto text = item.value_exact<std::string>();
    if (!text) return wrong(name, row.right);
    (out.*row.member).push_back(*text);
  }
  return ok();
}

Result<void> read_server_section(Settings& s, std::string_view id, const toml::node& node) {
  const std::string name = fmt::format("servers.{}", id);
  const toml::table* table = node.as_table();
  if (table == nullptr) return wrong(name, "a table is expected");
  ServerSection section;
  for (const auto& [key, value] : *table) {
    const std::string full_name = fmt::format("{}.{}", name, key.str());
    TRY_ASSIGN(const bool taken, read_server_rule(full_name, key.str(), value, section));
    if (taken) continue;
    const auto row = std::find_if(std::begin(kServerLists), std::end(kServerLists),
                                  [key = key.str()](const ListRow& one) { return one.name == key; });
    if (row == std::end(kServerLists))
      return wrong(full_name,
                   fmt::format("no such setting; there are allow, trusted_user_ca, {}", server_rule_names()));
    TRY(read_list(full_name, *row, value, section));
  }
  s.servers[std::string(id)] = std::move(section);
  return ok();
}

Result<void> read_table(Loaded& out, const toml::table& table, const std::string& prefix) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (name == "servers") {
      if (!node.is_table()) return wrong(name, "a table is expected");
      for (const auto& [id, section] : *node.as_table())
        TRY(read_server_section(out.settings, id.str(), section));
    } else if (name == "stores") {
      TRY(read_stores(node, out.settings.stores));
    } else if (name == "file_systems") {
      TRY(read_file_systems(node, out.settings.file_systems));
    } else if (const Row* row = find_row(name)) {
      TRY(set_node(out.settings, *row, node));
      out.sources[name] = Source::kFile;
    } else if (node.is_table()) {
      TRY(read_table(out, *node.as_table(), name + "."));
    } else {
      return wrong(name, "no such setting; see `sallyport serve --print-config`");
    }
  }
  return ok();
}

Result<void> read_file(Loaded& out, const std::string& file) {
  if (::access(file.c_str(), R_OK) != 0) return errno_error("reading the configuration " + file, errno);
  const toml::parse_result parsed = toml::parse_file(file);
  if (!parsed) {
    const auto& error = parsed.error();
    return Error(Errc::kInvalidArgument, fmt::format("{}, line {}: {}", file, error.source().begin.line,
                                                     error.description()));
  }
  return read_table(out, parsed.table(), "");
}

std::string environment_name(std::string_view name) {
  std::string out = "SALLYPORT_";
  for (char c : name) out.push_back(c == '.' ? '_' : char(c >= 'a' && c <= 'z' ? c - 32 : c));
  return out;
}

std::string_view source_name(Source source) {
  switch (source) {
    case Source::kDefault: return "default";
    case Source::kFile: return "file";
    case Source::kEnvironment: return "environment";
    case Source::kCommandLine: return "command line";
  }
  return "";
}

std::string value_text(const Settings& s, const Row& row) {
  return std::visit(Overloaded{
                        [&](std::string Settings::*m) { return quoted(s.*m); },
                        [&](SecretString Settings::*m) {
                          return std::string((s.*m).empty() ? "\"\"" : "\"(hidden)\"");
                        },
                        [&](bool Settings::*m) { return std::string(s.*m ? "true" : "false"); },
                        [&](std::int64_t Settings::*m) { return std::to_string(s.*m); },
                    },
                    row.member);
}

}  // namespace

const ServerSection& Settings::server_section(const std::string& server_id) const {
  static const ServerSection kNone;
  if (const auto own = servers.find(server_id); own != servers.end()) return own->second;
  if (const auto common = servers.find("default"); common != servers.end()) return common->second;
  return kNone;
}

Result<Loaded> load(const std::string& file, const std::vector<Given>& given) {
  Loaded out;
  if (!file.empty()) TRY(read_file(out, file));
  for (const Row& row : rows()) {
    const char* const value = std::getenv(environment_name(row.name).c_str());
    if (value == nullptr) continue;
    TRY(set_text(out.settings, row, value));
    out.sources[std::string(row.name)] = Source::kEnvironment;
  }
  for (const Given& one : given) {
    const Row* const row = find_row(one.name);
    if (row == nullptr) return wrong(one.name, "no such setting; see `sallyport serve --print-config`");
    TRY(set_text(out.settings, *row, one.value));
    out.sources[one.name] = Source::kCommandLine;
  }
  return out;
}

std::string print(const Loaded& loaded) {
  const Settings defaults;
  std::string out;
  std::string_view table;
  for (const Row& row : rows()) {
    const auto dot = row.name.find('.');
    const std::string_view in = dot == std::string_view::npos ? std::string_view{} : row.name.substr(0, dot);
    if (in != table) {
      out += fmt::format("[{}]\n", in);
      table = in;
    }
    out += fmt::format("# {}.", row.meaning);
    if (!row.unit.empty()) out += fmt::format(" Unit: {}.", row.unit);
    if (std::holds_alternative<std::int64_t Settings::*>(row.member))
      out += fmt::format(" From {} to {}.", row.min, row.max);
    if (!row.choices.empty()) out += fmt::format(" One of {}.", row.choices);
    const auto source = loaded.sources.find(std::string(row.name));
    out += fmt::format(" Default: {}. Source: {}.\n{}{} = {}\n\n", value_text(defaults, row),
                       source_name(source == loaded.sources.end() ? Source::kDefault : source->second),
                       std::holds_alternative<SecretString Settings::*>(row.member) ? "# " : "",
                       dot == std::string_view::npos ? row.name : row.name.substr(dot + 1),
                       value_text(loaded.settings, row));
  }
  out += print_stores(loaded.settings.stores);
  out += print_file_systems(loaded.settings.file_systems);
  out += "# Of servers: [servers.\"SERVER-ID\"] is one's, [servers.default] that of all which have none; SIGHUP reads\n"
         "# these sections again. What may stand in one:\n# [servers.default]\n";
  for (const ListRow& row : kServerLists) out += fmt::format("# # {}.\n# {} = []\n", row.meaning, row.name);
  out += server_rule_examples() + "\n";
  for (const auto& [id, section] : loaded.settings.servers) {
    out += fmt::format("[servers.\"{}\"]\n", id);
    for (const ListRow& row : kServerLists) {
      out += fmt::format("# {}. Source: file.\n{} = [", row.meaning, row.name);
      const auto& texts = section.*row.member;
      for (std::size_t i = 0; i < texts.size(); ++i) out += fmt::format("{}{}", i == 0 ? "" : ", ", quoted(texts[i]));
      out += "]\n";
    }
    out += print_server_rules(id, section) + "\n";
  }
  return out;
}

Result<std::vector<std::uint16_t>> parse_ports(const std::string& text) {
  const auto bad = [&] {
    return Error(Errc::kInvalidArgument,
                 fmt::format("ports '{}': a list such as 2222,2200-2299 is expected, each from 1 to 65535", text));
  };
  std::vector<std::uint16_t> out;
  std::set<unsigned> seen;
  std::string_view rest = text;
  for (;;) {
    const auto comma = rest.find(',');
    const std::string_view item = rest.substr(0, comma);
    unsigned first = 0, last = 0;
    const char* const end = item.data() + item.size();
    auto [p, ec] = std::from_chars(item.data(), end, first);
    if (ec != std::errc{}) return bad();
    last = first;
    if (p != end) {
      if (*p != '-') return bad();
      const auto second = std::from_chars(p + 1, end, last);
      if (second.ec != std::errc{} || second.ptr != end) return bad();
    }
    if (first < 1 || last > 65535 || last < first) return bad();
    for (unsigned port = first; port <= last; ++port)
      if (seen.insert(port).second) out.push_back(static_cast<std::uint16_t>(port));
    if (comma == std::string_view::npos) return out;
    rest = rest.substr(comma + 1);
  }
}

}  // namespace sallyport::config
