#include "events/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace sallyport::events {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, ShowsCountersAndGaugesAsPrometheusText) {
  Metrics metrics(Metrics::Undeclared::kEndsProgram);
  metrics.add(metric::kFilesIn, "s-1");
  metrics.add(metric::kFilesIn, "s-1", 2);
  metrics.set(metric::kSessions, "s-1", 7);
  metrics.add(metric::kSessions, "s-1", -2);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("# TYPE sallyport_files_in_total counter"));
  EXPECT_THAT(text, HasSubstr("sallyport_files_in_total{server=\"s-1\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE sallyport_sessions gauge"));
  EXPECT_THAT(text, HasSubstr("sallyport_sessions{server=\"s-1\"} 5\n"));
}

TEST(Metrics, ShowsWhatHasNoLabelWithoutOne) {
  Metrics metrics(Metrics::Undeclared::kEndsProgram);
  metrics.set(metric::kLogLinesWritten, "", 4);
  metrics.set(metric::kLogLinesWritten, "", 5);
  EXPECT_THAT(metrics.text(), HasSubstr("\nsallyport_log_lines_written 5\n"));
}

TEST(Metrics, IgnoresWhatIsNotDeclaredAndWhatMakesNoSense) {
  Metrics metrics;
  metrics.add("sallyport_nonsense", "x");
  metrics.set(metric::kFilesIn, "s-1", 5);
  metrics.add(metric::kFilesIn, "s-1", -5);
  const std::string text = metrics.text();
  EXPECT_THAT(text, Not(HasSubstr("nonsense")));
  EXPECT_THAT(text, Not(HasSubstr("sallyport_files_in_total{")));
}

TEST(MetricsDeathTest, EndsTheProgramOnAnUndeclaredNameWhenAsked) {
  Metrics metrics(Metrics::Undeclared::kEndsProgram);
  EXPECT_DEATH(metrics.add("sallyport_nonsense", "x"), "not declared");
}

TEST(Metrics, BoundsTheValuesOfALabel) {
  Metrics metrics;
  for (int i = 0; i < 3000; ++i) metrics.add(metric::kApiErrors, std::to_string(i));
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("{code=\"other\"} 2000\n"));
  EXPECT_THAT(text, Not(HasSubstr("{code=\"2999\"}")));
}

TEST(Metrics, TakesHostileLabelValues) {
  Metrics metrics;
  metrics.add(metric::kApiErrors, std::string_view("\"}\n\xff\0", 5));
  EXPECT_THAT(metrics.text(), HasSubstr("{code=\"\\\"}\\n\xef\xbf\xbd"));
}

TEST(Metrics, CountsFromManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5000; ++i) metrics.add(metric::kBytesIn, std::to_string(t % 2), 2);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(metrics.text(), HasSubstr("sallyport_bytes_in_total{server=\"1\"} 20000\n"));
}

}  // namespace
}  // namespace sallyport::events
