// What the processes that act as users and the serving process say to each other: whatever reads is
// bounded, and is written as it was read.
#include <cstdlib>

#include "files/file_messages.h"

using namespace sallyport;

namespace {

void check_request(ByteView message) {
  const auto read = files::read_request(message);
  if (!read.ok()) return;
  const files::FileRequest& request = read->request;
  if (request.who.groups.size() > files::kMaxGroups ||
      request.at.path.size() > files::kMaxFilePath ||
      request.other.base.size() > files::kMaxFilePath)
    std::abort();
  Bytes written = files::write_request(request);
  files::set_number(written, read->number);
  if (!std::equal(written.begin(), written.end(), message.begin(), message.end())) std::abort();
  (void)files::is_harmless_twice(request);
}

void check_reply(ByteView message) {
  const auto read = files::read_reply(message);
  if (!read.ok()) return;
  if (read->text.size() > files::kMaxFilePath || read->entries.size() * 44 > message.size())
    std::abort();
  const Bytes written = files::write_reply(*read);
  const auto again = files::read_reply(written);
  if (!again.ok() || files::write_reply(*again) != written || written.size() != message.size())
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_request({data, size});
  check_reply({data, size});
  return 0;
}
