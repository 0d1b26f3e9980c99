#include "app/mount_places.h"

#include <gtest/gtest.h>

namespace sallyport::app {
namespace {

// A container with `-v /srv:/files -v /srv/sallyport:/data`, and what else there may be.
constexpr const char* kMountinfo =
    "500 400 0:50 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/a\n"
    "501 500 0:51 / /proc rw - proc proc rw\n"
    "502 500 8:1 /srv /files rw,relatime - ext4 /dev/sda1 rw\n"
    "503 500 8:1 /srv/sallyport /data rw,relatime - ext4 /dev/sda1 rw\n"
    "504 500 8:1 /srv/a\\040b\\134c\\011\\012 /mnt/a\\040b rw - ext4 /dev/sda1 rw\n"
    "505 500 8:2 / /disk rw - ext4 /dev/sdb1 rw\n";

std::string place_text(const std::string& mountinfo, std::string_view path) {
  const auto place = place_of(parse_mounts(mountinfo), path);
  return place ? place->device + " " + place->path : "none";
}

bool shows(std::string_view outer, std::string_view inner) {
  const auto mounts = parse_mounts(kMountinfo);
  return lies_in(*place_of(mounts, inner), *place_of(mounts, outer));
}

TEST(MountPlaces, AreTheMountsRootAndTheRestOfThePath) {
  EXPECT_EQ(place_text(kMountinfo, "/files"), "8:1 /srv");
  EXPECT_EQ(place_text(kMountinfo, "/files/x/y"), "8:1 /srv/x/y");
  EXPECT_EQ(place_text(kMountinfo, "/disk"), "8:2 /");
  EXPECT_EQ(place_text(kMountinfo, "/disk/x"), "8:2 /x");
  EXPECT_EQ(place_text(kMountinfo, "/"), "0:50 /");
  EXPECT_EQ(place_text(kMountinfo, "/filesystem"), "0:50 /filesystem");
  EXPECT_EQ(place_text("1 0 8:1 /srv / rw - ext4 /dev/sda1 rw\n", "/"), "8:1 /srv");
  EXPECT_EQ(place_text("1 0 8:1 /srv / rw - ext4 /dev/sda1 rw\n", "/x"), "8:1 /srv/x");
}

TEST(MountPlaces, ReadWhatMountinfoEscapes) {
  EXPECT_EQ(place_text(kMountinfo, "/mnt/a b/x"), "8:1 /srv/a b\\c\t\n/x");
  EXPECT_EQ(parse_mounts("1 0 8:1 /\\04 /\\048\\ rw\n").at(0).root, "/\\04");
  EXPECT_EQ(parse_mounts("1 0 8:1 /\\04 /\\048\\ rw\n").at(0).point, "/\\048\\");
}

TEST(MountPlaces, AreOfTheLastMountThatCoversThePath) {
  const std::string more =
      std::string(kMountinfo) + "506 502 8:3 /in /files rw - ext4 /dev/sdc1 rw\n";
  EXPECT_EQ(place_text(more, "/files/x"), "8:3 /in/x");
  EXPECT_EQ(place_text(more, "/data/x"), "8:1 /srv/sallyport/x");
}

TEST(MountPlaces, OfLinesThatAreNoneOfMountinfoThereAreNone) {
  EXPECT_TRUE(parse_mounts("").empty());
  EXPECT_TRUE(parse_mounts("\n\n1 2\n1 2 8:1 /\n1 2 8:1  /x\n1 2 8:1 / x rw").empty());
  EXPECT_EQ(place_text("", "/x"), "none");
  EXPECT_EQ(place_text("1 0 8:1 / /y rw\n", "/x"), "none");
}

TEST(MountPlaces, AreShownByMountsBelowAPath) {
  const auto shown = [](std::string_view path, const char* device, const char* place,
                        const std::string& more = {}) {
    return is_shown_below(parse_mounts(kMountinfo + more), path, {device, place});
  };
  EXPECT_TRUE(shown("/", "8:1", "/srv/sallyport"));
  EXPECT_TRUE(shown("/disk2", "8:2", "/x/y", "506 500 8:2 /x /disk2/in rw - ext4 /dev/sdb1 rw\n"));
  EXPECT_TRUE(shown("/disk2", "8:2", "/", "506 500 8:2 /x /disk2/in rw - ext4 /dev/sdb1 rw\n"));
  EXPECT_FALSE(shown("/disk2", "8:2", "/y", "506 500 8:2 /x /disk2/in rw - ext4 /dev/sdb1 rw\n"));
  EXPECT_FALSE(shown("/disk", "8:2", "/y", "506 500 8:2 / /disk2/in rw - ext4 /dev/sdb1 rw\n"));
  EXPECT_FALSE(shown("/disk", "8:2", "/y")) << "the path's own mount is not below it";
  const std::string covered =
      "506 500 8:2 / /a/b rw - ext4 /dev/sdb1 rw\n507 500 8:3 / /a rw - ext4 /dev/sdc1 rw\n";
  EXPECT_FALSE(shown("/a", "8:2", "/y", covered));
}

TEST(MountPlaces, LieInOneAnotherByComponentsOnTheSameDevice) {
  EXPECT_TRUE(shows("/files", "/data"));
  EXPECT_TRUE(shows("/files/sallyport", "/data"));
  EXPECT_TRUE(shows("/data", "/files/sallyport/spool"));
  EXPECT_FALSE(shows("/data", "/files"));
  EXPECT_FALSE(shows("/files/sally", "/data"));
  EXPECT_TRUE(shows("/disk", "/disk/srv/sallyport"));
  EXPECT_FALSE(shows("/disk", "/data"));
  EXPECT_FALSE(shows("/", "/data"));
}

}  // namespace
}  // namespace sallyport::app
