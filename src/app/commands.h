// The program's commands; each returns the process's exit code and speaks on its own.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace sallyport::app {

struct ServeArguments {
  std::string config_file;
  std::vector<config::Given> given;
  bool print_config = false;
};
int serve_command(const ServeArguments& arguments);

struct EndpointsArguments {
  std::string api;
  bool json = false;
};
int endpoints_command(const EndpointsArguments& arguments);

struct SessionsArguments {
  std::string api;
  std::string server, user;  // empty: any
  std::string session;       // to be ended; empty: any
  bool json = false;
};
int sessions_command(const SessionsArguments& arguments);
int end_sessions_command(const SessionsArguments& arguments);

struct LogsTailArguments {
  std::string api;
  std::string server;
  bool follow = false;
  bool text = false;  // time, stream and line as it is; else one JSON object a line
};
int logs_tail_command(const LogsTailArguments& arguments);

struct ExplainAccessArguments {
  std::string api, user, server, path;
  std::string action;  // empty: every verb
  std::string to;      // rename's new name; may be empty
  bool json = false;
};
// 0: allowed, 1: denied, 2: it could not be told.
int explain_access_command(const ExplainAccessArguments& arguments);

struct DoctorArguments {
  std::string api;
  bool json = false;
};
// 0: no problem (warnings are none), 1: a problem.
int doctor_command(const DoctorArguments& arguments);

struct MoveArguments {
  std::string api;
  std::vector<std::string> files;  // "-": standard input or output
  bool secrets = false, dry_run = false, json = false;
};
// The file is written whole or not at all, with mode 0600.
int backup_command(const MoveArguments& arguments);
int restore_command(const MoveArguments& arguments);
int export_command(const MoveArguments& arguments);
// 0: nothing was refused.
int import_command(const MoveArguments& arguments);

}  // namespace sallyport::app
