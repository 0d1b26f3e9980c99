// The file systems that the settings name, and the processes that act on them as users.
#pragma once

#include <memory>

#include "api/support/host_facts.h"
#include "base/result.h"
#include "config/settings.h"
#include "files/file_system.h"
#include "process/file_process.h"

namespace sallyport::app {

// Null where none are configured. REQUIRES: no other thread is running. Errors: those of
// FileProcess::start().
Result<std::unique_ptr<process::FileProcess>> start_file_process(const config::Settings& settings);

// `process` may be null; its channels are taken. Warns when only one user can be acted as. Null
// where there are none.
std::unique_ptr<files::FileSystems> make_file_systems(process::FileProcess* process,
                                                      const config::Settings& settings);

// For `sallyport doctor`. `systems` may be null. Blocks.
api::HostFacts::FileSystems file_system_facts(const config::Settings& settings,
                                              const files::FileSystems* systems);

}  // namespace sallyport::app
