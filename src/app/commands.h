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

struct LogsTailArguments {
  std::string api;
  std::string server;
  bool follow = false;
};
int logs_tail_command(const LogsTailArguments& arguments);

}  // namespace sallyport::app
