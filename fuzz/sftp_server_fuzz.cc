// A whole SFTP server, over a port in memory and real embedded stores. The first byte says how
// large the pieces are in which the rest arrives, and how small the output window is.
#include <algorithm>
#include <cstdlib>

#include "sftp/server.h"
#include "sftp/testing/memory_port.h"
#include "sftp/testing/world.h"

namespace {

using namespace sallyport;

Task<void> run(sftp::Server& server, bool& ended) {
  (void)co_await server.run();
  ended = true;
}

Task<void> converse(sftp::testing::World& world, ByteView input, std::size_t step,
                    std::size_t window) {
  sftp::testing::MemoryPort port(100);
  const auto session = world.session();
  sftp::ServerSettings settings;
  settings.max_open_handles = 8;
  sftp::Server server(port, *session, world.clock(), settings);
  bool ended = false;
  net::TaskScope scope;
  port.set_window(window);
  scope.spawn(run(server, ended));
  while (!input.empty() && !ended) {
    const std::size_t n = std::min(step, input.size());
    port.put(input.first(n));
    input = input.subspan(n);
  }
  port.end_input();
  port.open_window(std::size_t{1} << 30);
  co_await scope.join();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static sftp::testing::World world;
  if (size == 0) return 0;
  const std::size_t step = data[0] < 128 ? std::size_t{1} << 20 : data[0] - 127u;
  const std::size_t window = data[0] % 2 == 0 ? std::size_t{1} << 30 : 64;
  net::sync_wait(converse(world, ByteView(data, size).subspan(1), step, window));
  return 0;
}
