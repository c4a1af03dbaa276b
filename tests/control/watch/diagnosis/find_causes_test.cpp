// Each rule of daemons, agents, the control plane, the store and the host: made evidence gives the
// cause, as the first and only finding; evidence of a pod that is well gives none.
#include <gmock/gmock.h>

#include <csignal>

#include "control/watch/diagnosis/made_evidence.hpp"

namespace podplay::control {
namespace {

using test::agent_of;
using test::break_daemon;
using test::first_cause;
using test::kNow;
using test::made_evidence;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kMail = ServiceName::mail;
constexpr auto kBind = ServiceName::bind;

// The only finding; the test fails when there are others.
FoundCause only_cause(const Evidence& evidence) {
  auto found = find_causes(evidence);
  EXPECT_EQ(found.size(), 1U);
  for (const FoundCause& one : found) {
    EXPECT_FALSE(one.shown.empty()) << one.cause;
    EXPECT_EQ(one.title.find("{}"), std::string::npos);
    EXPECT_EQ(one.remedy.find("{service}"), std::string::npos);
    if (found.size() > 1) {
      ADD_FAILURE() << one.cause << ": " << one.title;
    }
  }
  return found.empty() ? FoundCause{} : found.front();
}

TEST(FindCauses, APodThatIsWellHasNone) { EXPECT_THAT(find_causes(made_evidence()), IsEmpty()); }

TEST(FindCauses, APodThatStartsReloadsOrIsBusyHasNone) {
  Evidence starting = made_evidence();
  for (AgentEvidence& agent : starting.agents) {
    agent.status.state = "starting";
    for (DaemonStatus& daemon : agent.status.daemons) {
      daemon.state = "starting";
      daemon.since = kNow - 2000;
    }
    for (EvidenceJson& exit : agent.sections["exits"]) {
      exit["state"] = "starting";
    }
  }
  EXPECT_THAT(find_causes(starting), IsEmpty());

  // An agent that has reported nothing yet, and evidence that has no sections.
  Evidence early = made_evidence();
  for (AgentEvidence& agent : early.agents) {
    agent = {.status = {.agent = agent.status.agent, .state = "starting"}, .failure = "no answer"};
    agent.sections = EvidenceJson::object();
  }
  early.control = EvidenceJson::object();
  EXPECT_THAT(find_causes(early), IsEmpty());

  // A daemon that ended once after a long life and is being started again.
  Evidence restarting = made_evidence();
  EvidenceJson& exit = agent_of(restarting, kBind).sections["exits"][0];
  exit = {{"daemon", "named"}, {"state", "starting"}, {"how", "exit code 0"},
          {"signal", 0},       {"ended", kNow - 100}, {"lived_ms", 500'000}};
  EXPECT_THAT(find_causes(restarting), IsEmpty());
}

TEST(FindCauses, ADaemonThatIsStopped) {
  Evidence evidence = made_evidence();
  agent_of(evidence, kBind).sections["processes"]["list"][0]["state"] = "T";
  agent_of(evidence, kBind).status.state = "degraded";
  agent_of(evidence, kBind).status.probes.push_back({"soa", false, "timed out"});
  const FoundCause found = only_cause(evidence);
  EXPECT_EQ(found.cause, "daemon-stopped");
  EXPECT_EQ(found.subject, "named");
  EXPECT_EQ(found.service, "bind");
  EXPECT_THAT(found.remedy, HasSubstr("podplay system restart bind"));
  EXPECT_THAT(found.follows, Contains(HasSubstr("does not pass its probes")))
      << "the symptom is folded into the cause";
}

TEST(FindCauses, ADaemonWhosePortIsTaken) {
  Evidence evidence = made_evidence();
  break_daemon(evidence, kMail, "postfix", "fatal: bind 0.0.0.0 port 25: Address already in use");
  agent_of(evidence, kMail).sections["sockets"]["needed"] =
      EvidenceJson::array({{{"daemon", "postfix"},
                            {"protocol", "tcp"},
                            {"port", 25},
                            {"open", false},
                            {"taken_by", {{"pid", 0}, {"uid", 0}, {"inode", 4711}}}}});
  agent_of(evidence, ServiceName::apache).sections["sockets"]["others"] = EvidenceJson::array(
      {{{"inode", 4711}, {"pid", 91}, {"name", "nc"}, {"command", "nc -l -p 25"}}});
  const FoundCause found = only_cause(evidence);
  EXPECT_EQ(found.cause, "daemon-port-taken");
  EXPECT_EQ(found.subject, "postfix");
  EXPECT_EQ(found.shown.front(),
            "tcp port 25 belongs to nc -l -p 25 (pid 91 in the container apache)");
}

TEST(FindCauses, ADaemonThatLacksAFile) {
  Evidence evidence = made_evidence();
  break_daemon(evidence, kMail, "dovecot", "Fatal: open() failed: No such file or directory");
  agent_of(evidence, kMail).sections["files"]["problems"] =
      EvidenceJson::array({{{"daemon", "dovecot"},
                            {"kind", "missing"},
                            {"path", "/data/service/current/etc/dovecot/dovecot.conf"},
                            {"words",
                             "/data/service/current/etc/dovecot/dovecot.conf: No such "
                             "file or directory"}}});
  EXPECT_EQ(only_cause(evidence).cause, "daemon-file-missing");
}

TEST(FindCauses, ADaemonThatMayNotUseAFile) {
  Evidence evidence = made_evidence();
  break_daemon(evidence, kBind, "named", "open: /data/service/named: permission denied");
  agent_of(evidence, kBind).sections["files"]["problems"] = EvidenceJson::array(
      {{{"daemon", "named"},
        {"kind", "mode"},
        {"path", "/data/service/named"},
        {"words", "/data/service/named is root:root 0700: bind may not write it"}}});
  const FoundCause found = only_cause(evidence);
  EXPECT_EQ(found.cause, "daemon-file-mode");
  EXPECT_THAT(found.shown, Contains("open: /data/service/named: permission denied"));
}

TEST(FindCauses, ADaemonWhoseConfigurationIsRefused) {
  Evidence evidence = made_evidence();
  break_daemon(evidence, kBind, "named", "named.conf:3: unknown option 'x'");
  agent_of(evidence, kBind).sections["checks"] = {
      {"ok", false}, {"daemon", "named"}, {"words", "named.conf:3: unknown option 'x'"}};
  const FoundCause found = only_cause(evidence);
  EXPECT_EQ(found.cause, "daemon-configuration-refused");
  EXPECT_THAT(found.shown, Contains("named.conf:3: unknown option 'x'"));
}

TEST(FindCauses, ADaemonWhoseUserIsMissing) {
  Evidence evidence = made_evidence();
  break_daemon(evidence, kBind, "named", "named: user 'bind' unknown");
  agent_of(evidence, kBind).sections["users"]["missing"] = {"user bind"};
  EXPECT_EQ(only_cause(evidence).cause, "daemon-user-missing");
}

TEST(FindCauses, ADaemonWithoutFileDescriptors) {
  Evidence evidence = made_evidence();
  EvidenceJson& process = agent_of(evidence, kMail).sections["processes"]["list"][2];
  process["fds"] = 64;
  process["fd_limit"] = 64;
  const FoundCause found = only_cause(evidence);
  EXPECT_EQ(found.cause, "daemon-descriptors-exhausted");
  EXPECT_EQ(found.subject, "postfix");
}

TEST(FindCauses, ALockThatWasLeftBehind) {
  Evidence evidence = made_evidence();
  break_daemon(evidence, kMail, "postfix",
               "fatal: open lock file pid/master.pid: unable to set exclusive lock: Resource "
               "temporarily unavailable");
  EXPECT_EQ(only_cause(evidence).cause, "daemon-lock-left");
}

TEST(FindCauses, ADaemonThatIsKilledForItsMemory) {
  Evidence evidence = made_evidence();
  break_daemon(evidence, kBind, "named", "", SIGKILL);
  agent_of(evidence, kBind).sections["memory"]["oom_kills"] = 3;
  EXPECT_EQ(only_cause(evidence).cause, "daemon-does-not-start") << "it was killed by somebody";
  agent_of(evidence, kBind).sections["exits"][0]["oom"] = true;
  EXPECT_EQ(only_cause(evidence).cause, "daemon-out-of-memory");
}

TEST(FindCauses, ADaemonThatDoesNotStartForAnUnknownReason) {
  Evidence evidence = made_evidence();
  break_daemon(evidence, kBind, "named", "something nobody has seen before");
  const FoundCause found = only_cause(evidence);
  EXPECT_EQ(found.cause, "daemon-does-not-start");
  EXPECT_THAT(found.shown, Contains("something nobody has seen before"));
}

TEST(FindCauses, ADaemonThatHangs) {
  Evidence evidence = made_evidence();
  DaemonStatus& daemon = agent_of(evidence, kBind).status.daemons[0];
  daemon.state = "starting";
  daemon.since = kNow - 90'000;
  EXPECT_EQ(only_cause(evidence).cause, "daemon-hangs");
}

TEST(FindCauses, ADaemonThatHangsAfterOneThatEndedSoon) {
  Evidence evidence = made_evidence();
  break_daemon(evidence, kBind, "named", "it was killed", SIGKILL);
  agent_of(evidence, kBind).sections["exits"][0]["ended"] = kNow - 70'000;
  DaemonStatus& daemon = agent_of(evidence, kBind).status.daemons[0];
  daemon.state = "starting";
  daemon.pid = 4711;
  daemon.since = kNow - 69'000;
  EXPECT_EQ(only_cause(evidence).cause, "daemon-hangs");
}

TEST(FindCauses, AProbeThatFailsWhileADaemonRestartsIsNoFault) {
  Evidence evidence = made_evidence();
  AgentEvidence& bind = agent_of(evidence, kBind);
  bind.status.state = "degraded";
  bind.status.probes.push_back({"soa-example.com", false, "connection refused"});
  bind.status.daemons[0].state = "stopping";
  EXPECT_THAT(find_causes(evidence), IsEmpty());
  bind.status.daemons[0].state = "starting";
  bind.status.daemons[0].since = kNow - 3000;
  EXPECT_THAT(find_causes(evidence), IsEmpty());
}

TEST(FindCauses, AServiceThatFailsForNoKnownReason) {
  Evidence evidence = made_evidence();
  agent_of(evidence, kBind).status.state = "degraded";
  agent_of(evidence, kBind).status.probes.push_back({"soa-example.com", false, "SERVFAIL"});
  const FoundCause found = only_cause(evidence);
  EXPECT_EQ(found.cause, "service-not-ready");
  EXPECT_EQ(found.shown.front(), "soa-example.com: SERVFAIL");
}

TEST(FindCauses, AVolumeThatIsFullReadOnlyOrMissing) {
  const auto with = [](const char* member, EvidenceJson value) {
    Evidence evidence = made_evidence();
    break_daemon(evidence, kMail, "postfix", "fatal: write: No space left on device");
    agent_of(evidence, kMail).sections["disk"][0][member] = std::move(value);
    return evidence;
  };
  EXPECT_EQ(only_cause(with("free_bytes", 1000)).cause, "volume-full");
  EXPECT_EQ(only_cause(with("free_files", 3)).cause, "volume-files-exhausted");
  EXPECT_EQ(only_cause(with("read_only", true)).cause, "volume-read-only");
  EXPECT_EQ(only_cause(with("missing", true)).cause, "volume-missing");
  EXPECT_EQ(only_cause(with("free_bytes", 1000)).subject, "/data/service");
}

TEST(FindCauses, ALogVolumeThatIsFull) {
  Evidence evidence = made_evidence();
  agent_of(evidence, kMail).sections["disk"][1]["free_bytes"] = 0;
  EXPECT_EQ(only_cause(evidence).cause, "log-volume-full");
}

TEST(FindCauses, ADiskThatAllVolumesShareIsOneFinding) {
  Evidence evidence = made_evidence();
  for (AgentEvidence& agent : evidence.agents) {
    for (EvidenceJson& disk : agent.sections["disk"]) {
      disk["free_bytes"] = 0;
    }
  }
  evidence.control["disk"][0]["free_bytes"] = 0;
  EXPECT_EQ(only_cause(evidence).cause, "disk-full");
}

TEST(FindCauses, AContainerThatHasNearlyUsedItsMemory) {
  Evidence evidence = made_evidence();
  agent_of(evidence, kMail).sections["memory"]["used_bytes"] = 1020 << 20;
  const FoundCause found = only_cause(evidence);
  EXPECT_EQ(found.cause, "memory-short");
  EXPECT_EQ(found.severity, CauseSeverity::warning);
}

// An agent that answered nothing, with what a look at its own port saw.
Evidence silent_agent(const char* state, EvidenceJson direct) {
  Evidence evidence = made_evidence();
  AgentEvidence& agent = agent_of(evidence, kMail);
  agent.answered = false;
  agent.failure = "the agent of mail does not answer";
  agent.status.state = state;
  agent.sections = EvidenceJson{{"direct", std::move(direct)}};
  return evidence;
}

TEST(FindCauses, AgentsThatAreSilent) {
  EXPECT_EQ(only_cause(silent_agent("ready", {{"answered", false}, {"error", "timed out"}})).cause,
            "agent-hangs");
  EXPECT_EQ(only_cause(silent_agent("away", {{"answered", false},
                                             {"refused", true},
                                             {"error", "connection refused"}}))
                .cause,
            "agent-down");
  EXPECT_EQ(only_cause(silent_agent("ready", {{"answered", false},
                                              {"refused", true},
                                              {"error", "connection refused"}}))
                .cause,
            "agent-down")
      << "its end has not been noticed yet";
  EXPECT_EQ(only_cause(silent_agent("away", {{"answered", true},
                                             {"linked", false},
                                             {"link", "the enrolment secret of mail is wrong"}}))
                .cause,
            "agent-not-enrolled");
  EXPECT_EQ(only_cause(silent_agent("away", {{"answered", true},
                                             {"linked", false},
                                             {"link", "certificate has expired"}}))
                .cause,
            "link-certificate-expired");
  EXPECT_EQ(
      only_cause(silent_agent(
                     "away", {{"answered", true}, {"linked", false}, {"link", "connection reset"}}))
          .cause,
      "agent-not-linked");
}

TEST(FindCauses, AClockThatIsWrong) {
  Evidence evidence = made_evidence();
  agent_of(evidence, kMail).sections["clock"]["skew_ms"] = -95'000;
  EXPECT_EQ(only_cause(evidence).cause, "clock-skew");
}

TEST(FindCauses, AMachineWhoseClockIsInThePast) {
  Evidence evidence = made_evidence();
  evidence.control["clock"] = {{"begins", kNow - 1000}};
  EXPECT_THAT(find_causes(evidence), IsEmpty());
  evidence.control["clock"] = {{"begins", kNow + 3'600'000}};
  EXPECT_EQ(only_cause(evidence).cause, "clock-wrong");
}

TEST(FindCauses, ACertificateOfTheLinkThatHasExpired) {
  Evidence evidence = made_evidence();
  agent_of(evidence, kMail).sections["link"]["not_after"] = kNow - 1;
  EXPECT_EQ(only_cause(evidence).cause, "link-certificate-expired");
}

TEST(FindCauses, AServiceThatIsExposed) {
  Evidence evidence = made_evidence();
  agent_of(evidence, kMail).status.checks = {{.name = "exposure-relay", .reason = "refused"}};
  EXPECT_THAT(find_causes(evidence), IsEmpty());
  agent_of(evidence, kMail).status.checks = {
      {.name = "exposure-relay", .result = CheckResult::failed, .reason = "port 25 relays"}};
  const FoundCause found = only_cause(evidence);
  EXPECT_EQ(found.cause, "service-exposed");
  EXPECT_THAT(found.shown, Contains("exposure-relay: port 25 relays"));

  Evidence tried = made_evidence();
  // As such a check makes it (control/watch/status).
  agent_of(tried, kBind).status.state = "degraded";
  tried.checks = {{.service = "bind",
                   .check = {.name = "exposure-recursion",
                             .result = CheckResult::failed,
                             .reason = "it resolves names of others"}}};
  EXPECT_EQ(only_cause(tried).cause, "service-exposed");
  EXPECT_EQ(only_cause(tried).service, "bind");
}

TEST(FindCauses, AnImageOfAnotherVersion) {
  Evidence evidence = made_evidence();
  agent_of(evidence, kMail).sections["about"]["version"] = "0.9";
  EXPECT_EQ(only_cause(evidence).cause, "versions-differ");
}

TEST(FindCauses, AStoreThatFails) {
  const auto with = [](const char* code) {
    Evidence evidence = made_evidence();
    evidence.control["store"] = {{"code", code}, {"words", "words"}, {"holder", "sqlite3 (pid 7)"}};
    return evidence;
  };
  EXPECT_EQ(only_cause(with("store_locked")).cause, "store-locked");
  EXPECT_THAT(only_cause(with("store_locked")).shown,
              Contains("the lock is held by sqlite3 (pid 7)"));
  EXPECT_EQ(only_cause(with("store_damaged")).cause, "store-damaged");
  EXPECT_EQ(only_cause(with("disk_full")).cause, "store-volume-full");
  EXPECT_EQ(only_cause(with("store_read_only")).cause, "store-read-only");
  EXPECT_EQ(only_cause(with("store")).cause, "store-unreachable");
}

TEST(FindCauses, AControlPlaneThatLacksSomething) {
  Evidence descriptors = made_evidence();
  descriptors.control["process"]["fds"] = 20'000;
  EXPECT_EQ(only_cause(descriptors).cause, "control-plane-descriptors-exhausted");
  Evidence memory = made_evidence();
  memory.control["memory"]["used_bytes"] = 511 << 20;
  EXPECT_EQ(only_cause(memory).cause, "control-plane-memory-short");
  Evidence volume = made_evidence();
  volume.control["disk"][0]["read_only"] = true;
  EXPECT_EQ(only_cause(volume).cause, "control-plane-volume");
}

TEST(FindCauses, AControlPlaneWhoseChecksFail) {
  Evidence evidence = made_evidence();
  evidence.checks = {{.service = "control",
                      .check = {.name = "jobs", .result = CheckResult::failed, .reason = "late"}}};
  EXPECT_EQ(only_cause(evidence).cause, "control-plane-not-ready");
  evidence.control["store"] = {{"code", "store_locked"}, {"words", "database is locked"}};
  EXPECT_EQ(only_cause(evidence).cause, "store-locked");
}

TEST(FindCauses, AKeyThatEverybodyMayReadIsNoUnknownCause) {
  Evidence evidence = made_evidence();
  evidence.checks = {{.service = "control",
                      .check = {.name = "exposure-keys",
                                .result = CheckResult::failed,
                                .reason = "everybody may read the key"}}};
  const FoundCause found = only_cause(evidence);
  EXPECT_EQ(found.cause, "control-plane-exposed");
  EXPECT_THAT(found.shown, Contains("exposure-keys: everybody may read the key"));
}

TEST(FindCauses, TwoThingsThatAreBrokenAreTwoFindings) {
  Evidence evidence = made_evidence();
  agent_of(evidence, kBind).sections["processes"]["list"][0]["state"] = "T";
  agent_of(evidence, kMail).sections["processes"]["list"][0]["state"] = "T";
  EXPECT_EQ(find_causes(evidence).size(), 2U);
}

TEST(FindCauses, LongWordsAreCutAndBadEvidenceIsNoFault) {
  Evidence evidence = made_evidence();
  for (int i = 0; i < 30; ++i) {
    agent_of(evidence, kMail)
        .status.set_aside.push_back({.kind = RowKind::certificate,
                                     .key = std::to_string(i),
                                     .daemon = "dovecot",
                                     .message = std::string(600, 'x')});
  }
  const FoundCause found = only_cause(evidence);
  EXPECT_EQ(found.shown.size(), 11U);
  EXPECT_LE(found.shown[1].size(), 510U);

  Evidence odd = made_evidence();
  for (const char* name : {"exits", "processes", "disk", "memory", "files", "users", "sockets",
                           "link", "about", "clock", "checks", "direct"}) {
    for (const EvidenceJson& value :
         {EvidenceJson("text"), EvidenceJson(7), EvidenceJson::array({1, nullptr, "x"}),
          EvidenceJson(nullptr)}) {
      agent_of(odd, kMail).sections[name] = value;
      find_causes(odd);
    }
  }
}

}  // namespace
}  // namespace podplay::control
