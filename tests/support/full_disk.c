// Preloaded into a program: while the file that FULL_DISK_FLAG names is there, no file below FULL_DISK_FOLDER gets
// larger. What is there already can be written over, as on a disk whose blocks are all taken.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int is_full(void) {
  const char* flag = getenv("FULL_DISK_FLAG");
  return flag != NULL && access(flag, F_OK) == 0;
}

static int is_in_folder(int fd) {
  const char* folder = getenv("FULL_DISK_FOLDER");
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (folder == NULL || length < 0) return 0;
  path[length] = '\0';
  return strncmp(path, folder, strlen(folder)) == 0;
}

// Whether `end` lies behind the file's end, and there is no room for it.
static int no_room(int fd, off_t end) {
  const int before = errno;
  struct stat file;
  const int none = fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && end > file.st_size && is_in_folder(fd) && is_full();
  errno = none ? ENOSPC : before;
  return none;
}

static off_t length_of(const struct iovec* parts, int count) {
  off_t sum = 0;
  for (int i = 0; i < count; ++i) sum += (off_t)parts[i].iov_len;
  return sum;
}

static off_t position(int fd) {
  const int before = errno;
  const off_t at = (fcntl(fd, F_GETFL) & O_APPEND) ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
  errno = before;
  return at < 0 ? 0 : at;
}

ssize_t write(int fd, const void* from, size_t size) {
  return no_room(fd, position(fd) + (off_t)size) ? -1 : REAL(write)(fd, from, size);
}
ssize_t writev(int fd, const struct iovec* parts, int count) {
  return no_room(fd, position(fd) + length_of(parts, count)) ? -1 : REAL(writev)(fd, parts, count);
}
ssize_t pwrite(int fd, const void* from, size_t size, off_t at) {
  return no_room(fd, at + (off_t)size) ? -1 : REAL(pwrite)(fd, from, size, at);
}
ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t at) {
  return no_room(fd, at + length_of(parts, count)) ? -1 : REAL(pwritev)(fd, parts, count, at);
}
int ftruncate(int fd, off_t size) { return no_room(fd, size) ? -1 : REAL(ftruncate)(fd, size); }
ssize_t copy_file_range(int from, off64_t* from_at, int fd, off64_t* at, size_t size, unsigned flags) {
  const off_t begin = at != NULL ? *at : position(fd);
  return no_room(fd, begin + (off_t)size) ? -1 : REAL(copy_file_range)(from, from_at, fd, at, size, flags);
}
ssize_t pwrite64(int fd, const void* from, size_t size, off64_t at) { return pwrite(fd, from, size, at); }
ssize_t pwritev64(int fd, const struct iovec* parts, int count, off64_t at) { return pwritev(fd, parts, count, at); }
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }
