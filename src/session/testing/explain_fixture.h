// Explanations over the fixture of sessions. For tests only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "iam/testing/identity_for_test.h"
#include "session/explain.h"
#include "session/testing/session_fixture.h"

namespace sallyport::session::testing {

class ExplainTest : public SessionTest {
 protected:
  ExplainTest() {
    server.state = model::ServerState::kOnline;
    user.server_id = server.id;
    user.user_name = ann.user_name;
    user.role = ann.role;
    user.home_directory = ann.home_directory;
    request.asker = iam::Identity::root();
  }

  // Also of the session's user.
  void make_logical(std::vector<model::HomeDirectoryMapEntry> mappings) {
    SessionTest::make_logical(mappings);
    user.home_directory_type = model::HomeDirectoryType::kLogical;
    user.home_directory = "";
    user.home_directory_mappings = std::move(mappings);
  }

  Result<Explanation> run() {
    ExplainRequest copy = request;
    copy.server = server;
    copy.user = user;
    const ExplainServices services{objects, authorizer, resources.store()};
    return wait(explain(services, std::move(copy)));
  }
  Explanation explain_all(std::string path, std::vector<Verb> verbs) {
    request.path = std::move(path);
    request.verbs = std::move(verbs);
    auto out = run();
    EXPECT_TRUE(out.ok()) << (out.ok() ? "" : out.error().message);
    return out.ok() ? std::move(out).value() : Explanation();
  }
  VerbResult explain_one(std::string path, Verb verb) {
    return explain_all(std::move(path), {verb}).verbs.at(0);
  }

  model::User user;
  ExplainRequest request;
};

}  // namespace sallyport::session::testing
