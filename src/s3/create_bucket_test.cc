// The region of a bucket that is made (CreateBucket in the Amazon S3 API reference).
#include <gtest/gtest.h>

#include "s3/testing/answered_instance.h"
#include "s3/testing/scripted_store.h"
#include "storage/testing/embedded_fixture.h"

namespace sallyport::s3 {
namespace {

using http::testing_support::answer_of;
using storage::testing::Permits;
using testing_support::error_xml;

struct Made {
  Result<storage::BucketInfo> bucket = Error(Errc::kInternal, "");
  std::vector<std::string> bodies;  // of the requests that make it
};

// After a look that finds none, the store gives `answers`.
Task<Made> make(std::vector<std::string> answers, std::string own, std::string wanted) {
  answers.insert(answers.begin(), "HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n");
  testing_support::AnsweredInstance s(std::move(answers), std::move(own));
  Made out;
  iam::Permit permit = Permits::create_bucket("bucket");
  out.bucket =
      co_await s.instance->store().create_bucket(std::move(permit), "bucket", std::move(wanted));
  out.bodies.assign(s.script.bodies.begin() + 1, s.script.bodies.end());
  co_await s.end();
  co_return out;
}

Made made(std::vector<std::string> answers, std::string own, std::string wanted = "") {
  return net::sync_wait(make(std::move(answers), std::move(own), std::move(wanted)));
}

std::string configuration(const std::string& region) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CreateBucketConfiguration "
         "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>" +
         region + "</LocationConstraint></CreateBucketConfiguration>";
}

using Bodies = std::vector<std::string>;
const std::string kFine = answer_of(200, "");

TEST(CreateBucketTest, names_the_region_unless_it_is_the_first) {
  EXPECT_EQ(made({kFine}, "us-east-1").bodies, Bodies{""});
  EXPECT_EQ(made({kFine}, "eu-west-1", "us-east-1").bodies, Bodies{""});
  const Made own = made({kFine}, "eu-west-1");
  EXPECT_EQ(own.bodies, Bodies{configuration("eu-west-1")});
  EXPECT_EQ(own.bucket.value().region, "eu-west-1");
  const Made other = made({kFine}, "us-east-1", "eu-west-3");
  EXPECT_EQ(other.bodies, Bodies{configuration("eu-west-3")});
  EXPECT_EQ(other.bucket.value().region, "eu-west-3");
}

TEST(CreateBucketTest, a_store_that_does_not_know_its_region_makes_it_without) {
  const std::string unknown = answer_of(400, error_xml("InvalidLocationConstraint"));
  const Made own = made({unknown, kFine}, "here");
  EXPECT_TRUE(own.bucket.ok());
  EXPECT_EQ(own.bodies, (Bodies{configuration("here"), ""}));
  const Made asked = made({unknown, kFine}, "here", "there");
  EXPECT_EQ(asked.bucket.error().code, Errc::kInvalidArgument);
  EXPECT_EQ(asked.bodies, Bodies{configuration("there")});
}

}  // namespace
}  // namespace sallyport::s3
