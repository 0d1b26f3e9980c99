#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "app/commands.h"

using namespace sallyport::app;

namespace {

// "KEY:SECRET" into the two settings.
void give_credentials(ServeArguments& arguments, const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size())
    throw CLI::ValidationError("--credentials", "KEY:SECRET is expected");
  arguments.given.push_back({"root.access_key_id", text.substr(0, colon)});
  arguments.given.push_back({"root.secret_access_key", text.substr(colon + 1)});
}

void give_setting(ServeArguments& arguments, const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) throw CLI::ValidationError("--set", "NAME=VALUE is expected");
  arguments.given.push_back({text.substr(0, equals), text.substr(equals + 1)});
}

void add_serve(CLI::App& app, ServeArguments& arguments, int& code) {
  CLI::App* serve = app.add_subcommand("serve", "Serve the API and the servers made through it");
  const auto setting = [&](const char* flag, const char* name, const char* meaning) {
    serve->add_option_function<std::string>(
        flag, [&arguments, name](const std::string& value) { arguments.given.push_back({name, value}); }, meaning);
  };
  setting("--data-dir", "data_dir", "Folder of state, buckets, log and keys");
  setting("--api", "api.listen", "Address and port of the API");
  setting("--sftp-ports", "sftp.ports", "Ports for SFTP servers, e.g. 2222,2200-2299");
  serve->add_option_function<std::string>(
      "--credentials", [&arguments](const std::string& text) { give_credentials(arguments, text); },
      "KEY:SECRET of the root; for loopback use, as other users of the machine can see it");
  serve->add_option_function<std::vector<std::string>>(
           "--set",
           [&arguments](const std::vector<std::string>& all) {
             for (const std::string& text : all) give_setting(arguments, text);
           },
           "Any setting as NAME=VALUE; may be repeated")
      ->take_all()
      ->expected(1)
      ->allow_extra_args(false);
  serve->add_option("--config", arguments.config_file, "TOML file with settings");
  serve->add_flag("--print-config", arguments.print_config,
                  "Show every setting with unit, default and source, then end");
  serve->footer(
      "Examples:\n"
      "  sallyport serve --data-dir /var/lib/sallyport\n"
      "  sallyport serve --data-dir data --api 127.0.0.1:4566 --sftp-ports 2222,2200-2299\n"
      "  sallyport serve --config sallyport.toml --print-config");
  serve->callback([&] { code = serve_command(arguments); });
}

void add_endpoints(CLI::App& app, EndpointsArguments& arguments, int& code) {
  CLI::App* command = app.add_subcommand("endpoints", "List where each server listens");
  command->add_option("--api", arguments.api, "URL of the API (default: AWS_ENDPOINT_URL, http://127.0.0.1:4566)");
  command->add_flag("--json", arguments.json,
                    "As JSON, one object a port: ServerId, Protocol, Address, Port, State, Reason, "
                    "CommunicationMode, "
                    "ProxyMode, HostName");
  command->footer("The caller needs transfer:ListServers.\nExamples:\n  sallyport endpoints\n  sallyport endpoints --json --api http://127.0.0.1:4566");
  command->callback([&] { code = endpoints_command(arguments); });
}

void add_sessions(CLI::App& app, SessionsArguments& arguments, int& code) {
  CLI::App* list = app.add_subcommand("sessions", "List who is logged in, or end sessions");
  list->require_subcommand(0, 1);
  CLI::App* end = list->add_subcommand("end", "End sessions; what was uploaded so far is kept");
  for (CLI::App* command : {list, end}) {
    command->add_option("--server", arguments.server, "Only of this server, e.g. s-0123456789abcdef0");
    command->add_option("--user", arguments.user, "Only of this user");
    command->add_option("--api", arguments.api, "URL of the API (default: AWS_ENDPOINT_URL, http://127.0.0.1:4566)");
  }
  list->add_flag("--json", arguments.json,
                 "As JSON: ServerId, UserName, SessionId, SourceIp, Since, OpenFiles, BytesIn, BytesOut");
  end->add_option("session", arguments.session, "The session's id, as listed");
  list->footer(
      "Bytes are those of the connection. The caller needs sallyport:ListSessions, to end sallyport:EndSessions,\n"
      "on the server's ARN or, when no server is named, on \"*\".\n"
      "Examples:\n"
      "  sallyport sessions\n"
      "  sallyport sessions --server s-0123456789abcdef0 --json\n"
      "  sallyport sessions end 0123456789abcdef0123\n"
      "  sallyport sessions end --server s-0123456789abcdef0 --user ann");
  end->footer(
      "The caller needs sallyport:EndSessions on the server's ARN or, when no server is named, on "
      "\"*\".\n"
      "Examples:\n"
      "  sallyport sessions end 0123456789abcdef0123\n"
      "  sallyport sessions end --server s-0123456789abcdef0 --user ann");
  end->callback([&] { code = end_sessions_command(arguments); });
  list->callback([&, list] {
    if (list->get_subcommands().empty()) code = sessions_command(arguments);
  });
}

void add_logs(CLI::App& app, LogsTailArguments& arguments, int& code) {
  CLI::App* logs = app.add_subcommand("logs", "Read the log of what users did");
  logs->require_subcommand(1);
  logs->footer(
      "Examples:\n  sallyport logs tail\n  sallyport logs tail --server s-0123456789abcdef0 "
      "--follow");
  CLI::App* tail = logs->add_subcommand("tail", "Print log events, oldest first");
  tail->add_option("--server", arguments.server, "Only of this server, e.g. s-0123456789abcdef0");
  tail->add_option_function<std::string>(
          "--format", [&](const std::string& format) { arguments.text = format == "text"; },
          "json: one JSON object a line, lines of the text format as {\"log-stream\", \"text\"}; "
          "text: time, stream and line")
      ->check(CLI::IsMember({"json", "text"}));
  tail->add_flag("--follow", arguments.follow, "Go on with new events until interrupted");
  tail->add_option("--api", arguments.api, "URL of the API (default: AWS_ENDPOINT_URL, http://127.0.0.1:4566)");
  tail->footer("The caller needs logs:DescribeLogGroups and logs:FilterLogEvents.\nExamples:\n  sallyport logs tail\n  sallyport logs tail --server s-0123456789abcdef0 --follow");
  tail->callback([&] { code = logs_tail_command(arguments); });
}

void add_explain_access(CLI::App& app, ExplainAccessArguments& arguments, int& code) {
  CLI::App* command = app.add_subcommand(
      "explain-access", "Tell whether a user may do something at a path, by which statement, and what would change it");
  command->add_option("--user", arguments.user, "The user's name")->required();
  command->add_option("--server", arguments.server, "The server's id, e.g. s-0123456789abcdef0")->required();
  command->add_option("--path", arguments.path, "The path as the client writes it; relative to the home directory")
      ->required();
  command->add_option("--action", arguments.action,
                      "A verb (ls, stat, get, put, mkdir, rmdir, rm, rename) or an S3 action (s3:GetObject); "
                      "default: a table of all verbs");
  command->add_option("--to", arguments.to, "The new name, for rename");
  command->add_option("--api", arguments.api, "URL of the API (default: AWS_ENDPOINT_URL, http://127.0.0.1:4566)");
  command->add_flag("--json", arguments.json, "Everything as JSON");
  command->footer(
      "Exit code: 0 allowed (of the table: nothing is denied), 1 denied, 2 it could not be told.\n"
      "The caller needs transfer:DescribeUser on the user and iam:SimulatePrincipalPolicy on the user's role.\n"
      "Examples:\n"
      "  sallyport explain-access --user ann --server s-0123456789abcdef0 --path /in\n"
      "  sallyport explain-access --user ann --server s-0123456789abcdef0 --path report.csv --action put\n"
      "  sallyport explain-access --user ann --server s-0123456789abcdef0 --path a --action rename --to b --json");
  command->callback([&] { code = explain_access_command(arguments); });
}

void add_doctor(CLI::App& app, DoctorArguments& arguments, int& code) {
  CLI::App* command = app.add_subcommand(
      "doctor", "Look for what is wrong with servers, roles, users, buckets, ports and clocks, and say what to type next");
  command->add_option("--api", arguments.api, "URL of the API (default: AWS_ENDPOINT_URL, http://127.0.0.1:4566)");
  command->add_flag("--json", arguments.json, "Every finding as JSON: Area, Kind, Level, Subject, Text, Next");
  command->footer(
      "Exit code: 0 no problem, 1 a problem; warnings are none.\n"
      "The caller needs sallyport:Doctor on \"*\", as root and administrators have.\n"
      "Examples:\n"
      "  sallyport doctor\n"
      "  sallyport doctor --api http://127.0.0.1:4566 --json");
  command->callback([&] { code = doctor_command(arguments); });
}

void add_backup(CLI::App& app, MoveArguments& arguments, int& code) {
  CLI::App* backup = app.add_subcommand("backup", "Write all resources to a file while the service goes on");
  CLI::App* restore = app.add_subcommand("restore", "Make all resources what a backup says while the service goes on");
  for (CLI::App* command : {backup, restore}) {
    command->add_option("file", arguments.files, "The backup; \"-\": standard output or input")->required()->expected(1);
    command->add_option("--api", arguments.api, "URL of the API (default: AWS_ENDPOINT_URL, http://127.0.0.1:4566)");
  }
  restore->add_flag("--dry-run", arguments.dry_run, "Only say how many resources would change");
  backup->footer(
      "Secrets in it stay sealed under the master key: keep that key as well, elsewhere. What is in buckets, the log\n"
      "and the settings are not part of it. The caller needs sallyport:Backup on \"*\".\n"
      "Examples:\n"
      "  sallyport backup sallyport.backup\n"
      "  sallyport backup - | gzip > sallyport.backup.gz");
  restore->footer(
      "Resources that are not in the backup are removed. The master key must be the backup's. The caller needs\n"
      "sallyport:Restore on \"*\".\n"
      "Examples:\n"
      "  sallyport restore sallyport.backup --dry-run\n"
      "  sallyport restore sallyport.backup");
  backup->callback([&] { code = backup_command(arguments); });
  restore->callback([&] { code = restore_command(arguments); });
}

void add_export(CLI::App& app, MoveArguments& arguments, int& code) {
  CLI::App* out = app.add_subcommand("export", "Write all resources in the form of the API, to take elsewhere");
  CLI::App* in = app.add_subcommand("import", "Make and change resources as an export or AWS's answers say");
  out->add_option("file", arguments.files, "The export; \"-\": standard output")->required()->expected(1);
  in->add_option("files", arguments.files,
                 "Exports, or what `aws transfer describe-…` and `list-…` print; \"-\": standard input")
      ->required();
  for (CLI::App* command : {out, in})
    command->add_option("--api", arguments.api, "URL of the API (default: AWS_ENDPOINT_URL, http://127.0.0.1:4566)");
  out->add_flag("--secrets", arguments.secrets,
                "With private keys and secret access keys, as readable text; keep the file as you keep them");
  in->add_flag("--dry-run", arguments.dry_run, "Only say what would be made and what would be changed");
  in->add_flag("--json", arguments.json, "As JSON: Resource, Outcome, Differences (Member, Here, File), Text");
  out->footer(
      "One JSON object a line. The caller needs sallyport:Export, for secrets sallyport:ExportSecrets, on \"*\".\n"
      "Examples:\n"
      "  sallyport export sallyport.jsonl\n"
      "  sallyport export - --secrets --api http://127.0.0.1:4566");
  in->footer(
      "Resources keep their ids; nothing is removed. ARNs of the resource's own account get this installation's.\n"
      "Exit code: 0 nothing was refused, 1 something was. The caller needs sallyport:Import on \"*\".\n"
      "Examples:\n"
      "  sallyport import sallyport.jsonl --dry-run\n"
      "  aws transfer describe-server --server-id s-0123456789abcdef0 > server.json\n"
      "  aws transfer describe-user --server-id s-0123456789abcdef0 --user-name ann > ann.json\n"
      "  sallyport import server.json ann.json");
  out->callback([&] { code = export_command(arguments); });
  in->callback([&] { code = import_command(arguments); });
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    out.push_back(command->get_name());
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Your own file transfer service: SFTP over buckets, driven by the AWS Transfer Family API", "sallyport"};
  app.set_version_flag("--version", "sallyport " SALLYPORT_VERSION);
  app.require_subcommand(1);
  app.footer("`sallyport COMMAND --help` shows a command's options and examples.");
  int code = 0;
  ServeArguments serve;
  EndpointsArguments endpoints;
  LogsTailArguments tail;
  add_serve(app, serve, code);
  add_endpoints(app, endpoints, code);
  add_logs(app, tail, code);
  SessionsArguments sessions;
  add_sessions(app, sessions, code);
  ExplainAccessArguments explain;
  DoctorArguments doctor;
  add_explain_access(app, explain, code);
  add_doctor(app, doctor, code);
  MoveArguments moved;
  add_backup(app, moved, code);
  add_export(app, moved, code);
  const std::vector<std::string> commands = names_of_commands(app);
  if (argc > 1 && argv[1][0] != '-' && std::find(commands.begin(), commands.end(), argv[1]) == commands.end()) {
    fmt::print(stderr, "sallyport: no command '{}'; there are: {}\n`sallyport --help` shows what they do\n", argv[1],
               fmt::join(commands, ", "));
    return 2;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int parsed = app.exit(error);
    return parsed == 0 ? 0 : 2;
  }
  return code;
}
