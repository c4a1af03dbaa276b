// `podplay doctor` as a person sees it, with the API of a pod elsewhere.
#include "cli/command_line.hpp"

namespace podplay::cli {
namespace {

using testing::HasSubstr;

class DoctorCommandTest : public CommandLineTest {
 protected:
  static net::HttpResponse answer(const Json& body, int status = 200) {
    return {status, {{"Content-Type", "application/json"}}, body.dump()};
  }
  // The answers to /livez, /readyz and the diagnosis.
  void the_pod_says(const Json& diagnosis, int status = 200) {
    first_answers_ = {answer({{"live", true}}), answer({{"ready", true}}),
                      answer(diagnosis, status)};
  }
  const Json finding_{{"cause", "daemon-stopped"},
                      {"severity", "broken"},
                      {"service", "bind"},
                      {"host", "main"},
                      {"subject", "named"},
                      {"title", "named is stopped"},
                      {"shown", {"process 19 (named) is in state T"}},
                      {"follows", {"clients get no answer"}},
                      {"remedy", "run `podplay system restart bind`"},
                      {"runbook", "docs/runbooks/daemons.md#daemon-stopped"}};
};

TEST_F(DoctorCommandTest, APodThatIsWell) {
  the_pod_says({{"well", true}, {"findings", Json::array()}, {"unseen", Json::array()}});
  const Said said = call({"doctor"});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.out, HasSubstr("[ok] nothing is known to be wrong."));
  EXPECT_EQ(all_asked_.back(), "GET /api/system/diagnosis");
}

TEST_F(DoctorCommandTest, ACauseIsShownWithAllThatBelongsToIt) {
  the_pod_says({{"well", false}, {"findings", {finding_}}, {"unseen", Json::array()}});
  const Said said = call({"doctor"});
  EXPECT_EQ(said.code, 1);
  for (const char* part :
       {"1. named is stopped\n", "daemon-stopped (bind)",
        "seen     process 19 (named) is in state T", "follows  clients get no answer",
        "do       run `podplay system restart bind`",
        "read     docs/runbooks/daemons.md#daemon-stopped"}) {
    EXPECT_THAT(said.out, HasSubstr(part));
  }
}

TEST_F(DoctorCommandTest, AsJsonAndForOneService) {
  the_pod_says({{"well", false}, {"findings", {finding_}}, {"unseen", Json::array()}});
  const Json all = Json::parse(call({"doctor", "--json"}).out);
  EXPECT_EQ(all["findings"][0], finding_);
  EXPECT_FALSE(all["well"].get<bool>());
  the_pod_says({{"well", false}, {"findings", {finding_}}, {"unseen", Json::array()}});
  const Said other = call({"doctor", "mail", "--json"});
  EXPECT_EQ(other.code, 0);
  EXPECT_TRUE(Json::parse(other.out)["findings"].empty());
}

TEST_F(DoctorCommandTest, WithoutALoginItSaysWhatItCouldNotSee) {
  the_pod_says({{"code", "unauthorized"}, {"detail", "log in"}}, 401);
  const Said said = call({"doctor"});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.out, HasSubstr("[not seen] the services: log in as an administrator"));
}

TEST_F(DoctorCommandTest, AProblemThatNamesACauseIsThatCause) {
  the_pod_says({{"code", "store_damaged"}, {"detail", "the store cannot be read"}}, 500);
  const Said said = call({"doctor"});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.out, HasSubstr("store-damaged (api)"));
}

TEST_F(DoctorCommandTest, AControlPlaneThatIsNotThere) {
  const Said said = run_words({"doctor", "--base-url", "http://127.0.0.1:1"});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.out, HasSubstr("control-plane-unreachable"));
}

}  // namespace
}  // namespace podplay::cli
