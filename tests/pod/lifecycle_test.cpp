// `podplay up` and `down` with a fake podman: its calls, their order, and the messages.
// tests/pod/test_4_lifecycle.py does the same with a real one.
#include "pod/lifecycle.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>

#include "model/settings.hpp"
#include "pod/doctor.hpp"
#include "pod/fake_host.hpp"
#include "pod/manifest.hpp"

namespace podplay::pod {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::Not;

// Answers by the beginning of podman's arguments, and keeps the calls.
class FakePodman final : public Runner {
 public:
  Result<Outcome> run(const Command& command) override {
    std::string words;
    for (const std::string& word : command.argv) {
      words += (words.empty() ? "" : " ") + word;
    }
    calls.push_back(words);
    if (!command.input.empty()) {
      inputs.emplace_back(words, command.input);
    }
    if (words == "podman --version") {
      return Outcome{.out = "podman version 5.4.2\n"};
    }
    for (const auto& [beginning, outcome] : answers) {
      if (words.starts_with("podman " + beginning)) {
        return outcome;
      }
    }
    return Outcome{};
  }
  // The calls that begin with these words.
  std::vector<std::string> called(const std::string& beginning) const {
    std::vector<std::string> found;
    std::ranges::copy_if(calls, std::back_inserter(found), [&](const std::string& call) {
      return call.starts_with("podman " + beginning);
    });
    return found;
  }

  std::vector<std::pair<std::string, Outcome>> answers;
  std::vector<std::string> calls;
  // What calls were given on standard input.
  std::vector<std::pair<std::string, std::string>> inputs;
};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

class LifecycleTest : public testing::Test {
 protected:
  LifecycleTest() {
    for (const auto* program : {"podman", "crun"}) {
      host_.write(std::string("usr/bin/") + program);
    }
    host_.write("usr/lib/podman/netavark");
    host_.write("sys/fs/cgroup/cgroup.controllers");
    host_.write("proc/1/comm", "systemd\n");
  }
  Lifecycle lifecycle() {
    return {
        .settings = settings_,
        .files = files_,
        .runner = podman_,
        .clock = clock_,
        .out = out_.get(),
        .program = "/usr/bin/podplay",
        .manifest = "deploy/pod.yaml",
        .host_root = host_.path(),
        .rootless = false,
        .folders = {
            .data = "/home/anna/.local/share", .config = "/home/anna/.config", .storage_conf = {}}};
  }
  std::string said() {
    std::rewind(out_.get());
    std::string text(4096, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), out_.get()));
    return text;
  }
  void a_pod_exists() {
    podman_.answers.push_back(
        {"pod ps", {.out = R"([{"Name":"podplay","Labels":{"podplay.inputs":"old"}}])"}});
  }

  FakeRoot host_;
  Settings settings_ = *effective_settings({});
  RealFiles files_;
  FakePodman podman_;
  SystemClock clock_;
  std::unique_ptr<std::FILE, CloseFile> out_{std::tmpfile()};
};

TEST_F(LifecycleTest, UpNamesAllThatTheHostLacksAndStartsNothing) {
  Lifecycle ours = lifecycle();
  ours.rootless = true;
  const Status up = run_up(ours, {});
  ASSERT_FALSE(up);
  EXPECT_EQ(up.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(describe(up.error()), HasSubstr("/dev/net/tun cannot be opened"));
  EXPECT_THAT(describe(up.error()), HasSubstr("no range for"));
  EXPECT_THAT(podman_.calls, Each(testing::StrEq("podman --version")));
}

TEST_F(LifecycleTest, UpNamesEveryMissingImage) {
  podman_.answers.push_back(
      {"image inspect", {.exit_code = 125, .err = "Error: no such image", .duration = {}}});
  Lifecycle ours = lifecycle();
  const Status up = run_up(ours, {});
  ASSERT_FALSE(up);
  EXPECT_THAT(up.error().message, HasSubstr("podplay-mail"));
  EXPECT_THAT(up.error().message, HasSubstr("podplay-api"));
  EXPECT_EQ(up.error().remedy, "run `make images`");
  ours.under_sudo = true;
  EXPECT_EQ(run_up(ours, {}).error().remedy, "run `sudo make images`") << "root's images are meant";
}

TEST_F(LifecycleTest, ADryRunOfUpStartsNothing) {
  podman_.answers.push_back({"pod ps", {.out = "[]"}});
  ASSERT_TRUE(run_up(lifecycle(), {.dry_run = true}));
  EXPECT_THAT(said(), HasSubstr("would be started"));
  EXPECT_THAT(podman_.called("kube"), testing::IsEmpty());
}

TEST_F(LifecycleTest, UpGivesSettingsThatAreSecretsAsAPodmanSecret) {
  settings_ = *effective_settings({{"PODPLAY_DATABASE_URL", "postgresql://u:pass@192.0.2.5/x"}});
  podman_.answers.push_back({"pod ps", {.out = "[]"}});
  podman_.answers.push_back(
      {"secret rm", {.exit_code = 1, .err = "no such secret", .duration = {}}});
  podman_.answers.push_back({"kube play", {.exit_code = 125, .err = "not today", .duration = {}}});
  EXPECT_FALSE(run_up(lifecycle(), {}));
  ASSERT_EQ(podman_.inputs.size(), 2U);
  EXPECT_EQ(podman_.inputs[0].first, "podman secret create podplay-secrets -");
  EXPECT_THAT(podman_.inputs[0].second, HasSubstr("kind: Secret"));
  EXPECT_EQ(podman_.inputs[1].first, "podman kube play -");
  EXPECT_THAT(podman_.inputs[1].second, Not(HasSubstr("pass@")));
  EXPECT_THAT(podman_.calls, Each(Not(HasSubstr("pass@")))) << "ps(1) shows arguments";
}

TEST_F(LifecycleTest, UpWithoutSecretsMakesNone) {
  podman_.answers.push_back({"pod ps", {.out = "[]"}});
  podman_.answers.push_back({"kube play", {.exit_code = 125, .err = "not today", .duration = {}}});
  EXPECT_FALSE(run_up(lifecycle(), {}));
  EXPECT_THAT(podman_.called("secret"), testing::IsEmpty());
  EXPECT_EQ(podman_.called("kube play").size(), 1U);
}

TEST_F(LifecycleTest, ASecretThatCannotBeKeptStartsNothing) {
  settings_ = *effective_settings({{"PODPLAY_DATABASE_URL", "postgresql://u:pass@192.0.2.5/x"}});
  podman_.answers.push_back({"pod ps", {.out = "[]"}});
  podman_.answers.push_back(
      {"secret create", {.exit_code = 125, .err = "disk full", .duration = {}}});
  const Status up = run_up(lifecycle(), {});
  ASSERT_FALSE(up);
  EXPECT_THAT(up.error().message, HasSubstr("disk full"));
  EXPECT_THAT(podman_.called("kube play"), testing::IsEmpty());
}

TEST_F(LifecycleTest, DownStopsTheControlPlaneLastAndKeepsEveryVolumeWithData) {
  a_pod_exists();
  podman_.answers.push_back({"container inspect",
                             {.out = "podplay-api running 0 0 0\npodplay-mail running 0 0 0\n"
                                     "podplay-apache running 0 0 0\n"}});
  ASSERT_TRUE(run_down(lifecycle(), false)) << said();
  const auto stops = podman_.called("stop");
  ASSERT_EQ(stops.size(), 2U);
  EXPECT_THAT(stops[0], HasSubstr("podplay-mail"));
  EXPECT_THAT(stops[0], Not(HasSubstr("podplay-api")));
  EXPECT_THAT(stops[1], HasSubstr("podplay-api"));
  EXPECT_EQ(podman_.called("pod rm").size(), 1U);

  const auto manifest = fill_manifest(*files_.read("deploy/pod.yaml"), settings_);
  ASSERT_TRUE(manifest);
  const auto removed = podman_.called("volume rm");
  ASSERT_EQ(removed.size(), 1U);
  for (const std::string& claim : manifest->claims) {
    EXPECT_THAT(removed[0] + " ", Not(HasSubstr(" " + claim + " ")));
  }
  // Also when the settings have no secret any more.
  EXPECT_THAT(removed[0] + " ", HasSubstr(" podplay-secrets "));
  EXPECT_EQ(podman_.called("secret rm podplay-secrets").size(), 1U);
}

TEST_F(LifecycleTest, AVolumeWithDataStaysWhateverItsName) {
  settings_ = *effective_settings({{"PODPLAY_STATE_VOLUME", "podplay-secrets"}});
  a_pod_exists();
  ASSERT_TRUE(run_down(lifecycle(), false)) << said();
  const auto removed = podman_.called("volume rm");
  ASSERT_EQ(removed.size(), 1U);
  EXPECT_THAT(removed[0] + " ", Not(HasSubstr(" podplay-secrets ")));
}

TEST_F(LifecycleTest, DownWithoutAPodIsNoFailure) {
  podman_.answers.push_back({"pod ps", {.out = "[]"}});
  EXPECT_TRUE(run_down(lifecycle(), false));
  EXPECT_THAT(said(), HasSubstr("There is no pod podplay"));
  EXPECT_THAT(podman_.called("pod rm"), testing::IsEmpty());
}

TEST_F(LifecycleTest, UnderSudoTheCommandsThatPeopleAreToldNeedSudo) {
  podman_.answers.push_back(
      {"exec", {.exit_code = 125, .err = "no container podplay-api", .duration = {}}});
  Lifecycle ours = lifecycle();
  EXPECT_EQ(read_bootstrap_secret(ours).error().remedy, "run `podplay up` first");
  ours.under_sudo = true;
  EXPECT_EQ(read_bootstrap_secret(ours).error().remedy, "run `sudo podplay up` first");
}

TEST_F(LifecycleTest, DoctorShowsEachFindingWithItsRemedy) {
  host_.write("proc/1/comm", "something\n");
  podman_.answers.push_back({"pod ps", {.out = "[]"}});
  Lifecycle ours = lifecycle();
  ours.rootless = true;
  const HostLook look = look_at_host(ours);
  const auto tun = std::ranges::find_if(look.causes, [](const FoundCause& cause) {
    return cause.shown.front().starts_with("/dev/net/tun cannot be opened");
  });
  ASSERT_NE(tun, look.causes.end());
  EXPECT_EQ(tun->cause, "host-unfit");
  EXPECT_EQ(tun->remedy, "run: sudo modprobe tun; sudo chmod 0666 /dev/net/tun");
  EXPECT_TRUE(std::ranges::any_of(look.facts, [](const Finding& fact) {
    return fact.fact.starts_with("podman 5.4.2 as the ordinary user");
  }));
  EXPECT_TRUE(std::ranges::any_of(look.facts, [](const Finding& fact) {
    return fact.fact.starts_with("process 1 is something");
  }));
}

}  // namespace
}  // namespace podplay::pod
