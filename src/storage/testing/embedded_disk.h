// A store in a folder that a test looks into, changes and opens again.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "storage/testing/bucket_driver.h"

namespace sallyport::storage::testing {

class EmbeddedDisk : public ::testing::Test {
 protected:
  using path = std::filesystem::path;

  EmbeddedDisk() {
    start();
    EXPECT_TRUE(driver_->make_bucket().ok());
  }

  void start() {
    instance_.emplace(folder_.path(), setup_);
    driver_.emplace(instance_->store(), "plain");
  }
  void stop() {
    driver_.reset();
    instance_.reset();
  }
  void restart() {
    stop();
    start();
  }

  path bucket() const { return folder_.path() / "buckets" / "plain"; }
  path reserved() const { return bucket() / ".sallyport" / "content"; }
  path staging() const { return bucket() / ".sallyport" / "staging"; }
  path parts() const { return bucket() / ".sallyport" / "parts"; }
  static std::string content_of(const path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void plant(const path& file, const std::string& content) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
  }
  static std::size_t files_in(const path& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                  std::filesystem::directory_iterator()));
  }
  ScanReport scan() {
    auto report = net::sync_wait(instance_->store().scan());
    EXPECT_TRUE(report.ok());
    return report.ok() ? *report : ScanReport{};
  }

  void run(const std::string& sql) {
    const auto done = instance_->database().write_blocking(
        [&](state::Connection& db) { return db.execute(sql); });
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  // The name on a shelf of the content that the first row of the query tells.
  std::string name_of(const std::string& sql) {
    char name[17];
    std::snprintf(name, sizeof name, "%016llx",
                  static_cast<unsigned long long>(instance_->count(sql)));
    return name;
  }
  std::string name_of_content(const std::string& key) {
    return name_of("SELECT content FROM storage_object WHERE key = CAST('" + key + "' AS BLOB)");
  }
  // Each content file belongs to a row, and nothing is left on the way.
  void expect_tidy() {
    EXPECT_EQ(files_in(staging()), 0u);
    EXPECT_EQ(static_cast<std::int64_t>(files_in(reserved())),
              instance_->count("SELECT (SELECT count(*) FROM storage_object WHERE location = 2) + "
                               "(SELECT count(*) FROM storage_version WHERE location = 2)"));
    EXPECT_EQ(static_cast<std::int64_t>(files_in(parts())),
              instance_->count("SELECT count(*) FROM storage_part"));
    const auto report = scan();
    EXPECT_EQ(report.taken_in + report.renewed + report.dropped, 0u);
  }

  EmbeddedSetup setup_{.sync_on_close = false};
  TemporaryFolder folder_;
  std::optional<EmbeddedInstance> instance_;
  std::optional<BucketDriver> driver_;
};

}  // namespace sallyport::storage::testing
