// Scripts can tell by the exit code how a command ended.
#include <gmock/gmock.h>

#include "cli/command_line.hpp"

namespace podplay::cli {
namespace {

using testing::HasSubstr;

TEST_F(CommandLineTest, ExitCodesTellKindsOfFailureApart) {
  for (const auto& [status, code, exit] :
       std::initializer_list<std::tuple<int, const char*, int>>{{400, "invalid", 3},
                                                                {401, "not_logged_in", 4},
                                                                {403, "forbidden", 4},
                                                                {404, "not_found", 5},
                                                                {409, "exists", 6},
                                                                {412, "changed", 6},
                                                                {422, "refused", 7},
                                                                {429, "too_many_logins", 4},
                                                                {503, "unavailable", 8}}) {
    refuse(status, code);
    const Said said = call({"users", "show", "a@b.test"});
    EXPECT_EQ(said.code, exit) << status;
    EXPECT_THAT(said.err, HasSubstr("request r-1"));
  }
  EXPECT_EQ(run_words({"users", "list", "--base-url", "http://127.0.0.1:1"}).code, 8);
}

TEST_F(CommandLineTest, AStatusThatIsNotReadyIsNoSuccess) {
  answer_.body = Json{{"ready", false}, {"version", "1"}, {"services", Json::array()}}.dump();
  EXPECT_EQ(call({"status"}).code, 8);
  answer_.body = Json{{"ready", true}, {"version", "1"}, {"services", Json::array()}}.dump();
  EXPECT_EQ(call({"status"}).code, 0);
}

TEST_F(CommandLineTest, APendingChangeIsNoSuccess) {
  answer_ = {
      202,
      {},
      Json{{"name", "b.test"},
           {"revision", 9},
           {"applied",
            {{"state", "pending"}, {"services", {{{"service", "bind"}, {"state", "pending"}}}}}}}
          .dump()};
  const Said said = call({"domains", "create", "--name", "b.test"});
  EXPECT_EQ(said.code, 8);
  EXPECT_THAT(said.out, HasSubstr("not yet applied by bind"));
}

}  // namespace
}  // namespace podplay::cli
