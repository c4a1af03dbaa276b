// A service that runs on two hosts: diagnosis, metrics and alerts look at both of its agents.
#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "control/control_test.hpp"
#include "control/watch/alerts/alerts.hpp"
#include "control/watch/alerts/watch.hpp"
#include "control/watch/diagnosis/diagnose.hpp"
#include "control/watch/metrics/metrics.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// Commands that wait until as many are under way: who is asked one after the other never gets
// there.
struct Meeting {
  std::mutex mutex;
  std::condition_variable met;
  // Guarded by mutex.
  int wanted = 1;
  int there = 0;
  bool late = false;

  void come() {
    std::unique_lock lock(mutex);
    ++there;
    met.notify_all();
    late = !met.wait_for(lock, 2s, [&] { return there >= wanted; }) || late;
  }
};

// An agent of mail that answers each verb with a constant.
class HostAgent {
 public:
  HostAgent(Context& context, std::string host, std::map<std::string, Json> answers,
            Meeting* meeting = nullptr)
      : context_(context),
        agent_{.service = ServiceName::mail, .host = std::move(host)},
        answers_(std::move(answers)),
        meeting_(meeting) {
    context_.hub.expect(agent_);
    context_.hub.seen({.agent = agent_, .state = "ready"});
    thread_ = std::thread([this] { serve(); });
  }
  ~HostAgent() {
    stop_ = true;
    thread_.join();
  }
  HostAgent(const HostAgent&) = delete;
  HostAgent& operator=(const HostAgent&) = delete;

 private:
  void serve() {
    while (!stop_) {
      std::vector<AgentCommand> taken;
      context_.hub.wait_for_change(agent_, 50ms, [&] {
        taken = context_.hub.take_commands(agent_, "one");
        return !taken.empty();
      });
      for (const AgentCommand& command : taken) {
        if (meeting_ != nullptr) {
          meeting_->come();
        }
        const auto found = answers_.find(command.verb);
        const Json answer = found == answers_.end() ? Json::object() : found->second;
        context_.hub.finish_command(agent_,
                                    {.id = command.id, .ok = true, .result = answer.dump()});
      }
    }
  }

  Context& context_;
  const AgentName agent_;
  const std::map<std::string, Json> answers_;
  Meeting* const meeting_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

class HostsTest : public test::ControlTest {
 protected:
  HostsTest() {
    test::Plane::must(plane.files.make_dirs(plane.paths.certificates, 0755));
    test::Plane::must(plane.files.make_dirs(plane.paths.logs, 0755));
  }
  Json evidence(const std::string& version, std::chrono::milliseconds ahead = 0ms) {
    return {{"sections",
             {{"about", {{"version", version}, {"now", to_millis(plane.clock.now() + ahead)}}}}}};
  }
};

Json figures(const std::string& text) { return {{"text", text}}; }

TEST_F(HostsTest, TheFiguresOfBothAreThereAndToldApart) {
  Meeting meeting{.wanted = 2};
  HostAgent first(context, "main",
                  {{"metrics", figures("# HELP x Seen\n# TYPE x gauge\nx{service=\"mail\"} 1\n")}},
                  &meeting);
  HostAgent second(context, "second",
                   {{"metrics", figures("# HELP x Seen\n# TYPE x gauge\nx{service=\"mail\"} 2\n"
                                        "# HELP y Seen\n# TYPE y gauge\ny 3\n")}},
                   &meeting);
  const auto answers = agent_metrics(context);
  EXPECT_THAT(answers, testing::SizeIs(2));
  EXPECT_FALSE(meeting.late) << "they are asked at the same time";
  const std::string all = all_metrics(context);
  EXPECT_THAT(all, HasSubstr("# TYPE x gauge\nx{host=\"main\",service=\"mail\"} 1\n"
                             "x{host=\"second\",service=\"mail\"} 2\n"));
  EXPECT_THAT(all, HasSubstr("y{host=\"second\"} 3\n"));
  EXPECT_THAT(all, HasSubstr("podplay_service_up{service=\"mail\",host=\"second\"} 1\n"));
}

TEST_F(HostsTest, ADiagnosisNamesTheHostWhoseAgentShowsTheCause) {
  Meeting meeting{.wanted = 2};
  HostAgent first(context, "main", {{"evidence", evidence(PODPLAY_VERSION)}}, &meeting);
  HostAgent second(context, "second", {{"evidence", evidence(PODPLAY_VERSION, 1h)}}, &meeting);
  const auto diagnosis = diagnose(context, "mail");
  ASSERT_TRUE(diagnosis) << describe(diagnosis.error());
  EXPECT_FALSE(meeting.late) << "they are asked at the same time";
  std::vector<std::string> seen;
  for (const FoundCause& found : diagnosis->findings) {
    seen.push_back(found.cause + " of " + found.service + " on " + found.host);
  }
  EXPECT_THAT(seen, Contains("clock-skew of mail on second"));
  EXPECT_THAT(seen, Not(Contains("clock-skew of mail on main")));
  EXPECT_TRUE(diagnosis->unseen.empty());
}

TEST_F(HostsTest, AnAgentThatIsAwayCostsNoTime) {
  HostAgent first(context, "main", {{"evidence", evidence(PODPLAY_VERSION)}});
  plane.clock.moved += 60s;
  context.hub.seen({.agent = {ServiceName::mail}, .state = "ready"});
  context.hub.expect({.service = ServiceName::mail, .host = "gone"});
  const auto diagnosis = diagnose(context, "mail");
  ASSERT_TRUE(diagnosis);
  ASSERT_EQ(diagnosis->unseen.size(), 1U);
  EXPECT_THAT(diagnosis->unseen[0], HasSubstr("mail on gone"));
  EXPECT_LT(diagnosis->took, 3s);
  EXPECT_EQ(agent_metrics(context).count("mail@gone"), 0U);
}

TEST_F(HostsTest, AlertsAreOfTheHostThatHasTheProblem) {
  const std::string full = "podplay_volume_used_ratio{service=\"mail\",volume=\"state\"} 0.95\n";
  const std::string free = "podplay_volume_used_ratio{service=\"mail\",volume=\"state\"} 0.1\n";
  HostAgent first(context, "main", {{"metrics", figures(free)}});
  HostAgent second(context, "second", {{"metrics", figures(full)}});
  AlertWatch watch(context, {});
  ASSERT_TRUE(watch.look());
  std::vector<std::string> keys;
  for (const AlertDetails& details : *list_alerts(context, AlertState::pending, 0, 50)) {
    keys.push_back(details.alert.key);
  }
  EXPECT_THAT(keys, Contains("volume:mail@second:state:space"));
  EXPECT_THAT(keys, Not(Contains("volume:mail@main:state:space")));
}

}  // namespace
}  // namespace podplay::control
