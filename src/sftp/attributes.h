// File attributes as SFTP version 3 carries them (draft-ietf-secsh-filexfer-02 section 5), and the
// line that `ls -l` shows. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "session/session.h"

namespace sallyport::sftp {

// What a client may send along with OPEN, MKDIR, SETSTAT and FSETSTAT. Extended pairs are checked
// for shape and dropped.
struct RequestedAttributes {
  std::optional<std::uint64_t> size;
  std::optional<std::uint32_t> uid, gid;
  std::optional<std::uint32_t> permissions;
  std::optional<std::uint32_t> access_time, modify_time;
};

// Unknown flag bits and a wrong number of extended pairs make the reader fail.
RequestedAttributes read_attributes(ByteReader& in);

// Size, permissions (0644, or 0755 of a directory, where the attributes tell no mode) and both times. The owner
// where there is one: objects have none, and both their times are `modified`.
void write_attributes(ByteWriter& out, const session::FileAttributes& attributes);
// "No attributes": flags 0, as REALPATH answers.
void write_no_attributes(ByteWriter& out);

// "-rw-r--r--    1 -        -            121 Nov 21 03:44 name", owners as numbers, times in UTC; the year instead of
// the hour when `modified` lies more than half a year from `now`.
std::string long_name(const std::string& name, const session::FileAttributes& attributes,
                      WallTime now);

}  // namespace sallyport::sftp
