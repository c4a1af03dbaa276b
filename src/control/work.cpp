// The answers to agents. An agent is the one that its certificate names. A refusal is stored before
// those who wait hear of it.
#include "control/work.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "control/authority.hpp"
#include "control/change.hpp"
#include "control/feed.hpp"
#include "store/agents.hpp"
#include "wire/snapshot.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;
constexpr auto kWorkLifetime = hours(24);
constexpr std::int64_t kRowsAtOnce = 5000;
// seconds
constexpr int kLongestWait = 30;

std::string hash_path(const Context& context, const AgentName& agent) {
  return fmt::format("{}/enrolment/{}.hash", context.paths.state, to_text(agent));
}

// What the agent of this host finds in its container.
Status give_enrolment(Context& context, const AgentName& agent) {
  const std::string folder = fmt::format("{}/{}", context.paths.enrolment, to_text(agent.service));
  TRY(context.files.make_dirs(folder, 0700));
  TRY(const auto secret, make_enrolment_secret(context, agent));
  TRY(context.files.write_atomic(folder + "/secret", secret.reveal(), 0400));
  TRY(context.files.write_atomic(folder + "/ca.pem", context.authority.certificate(), 0400));
  return context.files.write_atomic(folder + "/host", agent.host, 0400);
}

Result<Enrolment> sign(Context& context, const AgentName& agent, const std::string& request) {
  const WallTime now = context.clock.now();
  TRY(auto certificate,
      net::sign_request(context.authority.keys(), request, to_text(agent), {}, kWorkLifetime, now));
  context.log.info("signed an agent's certificate",
                   {{"agent", to_text(agent)}, {"expires", to_rfc3339(now + kWorkLifetime)}});
  return Enrolment{std::move(certificate), now + kWorkLifetime};
}

// What there is to do now.
struct Work {
  wire::WorkAnswer answer;
  std::optional<FeedPage> page;

  bool empty() const { return !answer.snapshot && !page; }
};

Result<Work> find_work(Context& context, const AgentName& agent,
                       const wire::WorkQuestion& question) {
  Work work;
  work.answer.revision = context.hub.newest(agent);
  if (context.hub.wants_snapshot(agent) || question.snapshot_hash.empty()) {
    TRY(auto snapshot, context.store.read_together<Result<Snapshot>>([&](store::Session& session) {
      return make_snapshot(context, session, agent.service, work.answer.revision);
    }));
    TRY(auto made, std::move(snapshot));
    work.answer.snapshot_hash = wire::snapshot_hash(made);
    if (work.answer.snapshot_hash != question.snapshot_hash) {
      work.answer.snapshot = std::move(made);
    }
  }
  TRY(auto page, read_feed(context, agent.service, question.position, kRowsAtOnce));
  // Also when it has no rows: a replica of another generation starts again.
  if (!page.rows.empty() || page.generation != question.position.generation) {
    work.page = std::move(page);
  }
  if (!work.empty()) {
    TRY(work.answer.request, context.store.read_together<std::string>([&](store::Session& session) {
      const auto row = store::find_revision(session, work.answer.revision);
      return row ? row->request_id : std::string();
    }));
    if (work.answer.snapshot) {
      work.answer.snapshot->request = work.answer.request;
    }
  }
  return work;
}

}  // namespace

Status prepare_enrolment(Context& context) {
  for (const ServiceName service : kServices) {
    TRY(give_enrolment(context, {service, context.settings.text("PODPLAY_HOST_ID")}));
  }
  return {};
}

Result<Secret> make_enrolment_secret(Context& context, const AgentName& agent) {
  std::string secret = random_token();
  TRY(context.files.make_dirs(context.paths.state + "/enrolment", 0700));
  TRY(context.files.write_atomic(hash_path(context, agent), sha256_hex(secret), 0600));
  return Secret(std::move(secret));
}

Result<Enrolment> enrol(Context& context, const std::string& service, const std::string& host,
                        const Secret& secret, const std::string& request) {
  const std::string& own = context.settings.text("PODPLAY_HOST_ID");
  TRY(const auto agent, parse_agent_name(fmt::format("{}@{}", service, host.empty() ? own : host)));
  const auto known = context.files.read(hash_path(context, agent));
  if (!known || !equal_constant_time(*known, sha256_hex(secret.reveal()))) {
    context.log.warn("refused an enrolment: the secret is not the agent's",
                     {{"agent", to_text(agent)}});
    return fail(ErrorKind::forbidden, "secret_refused",
                fmt::format("the enrolment secret of {} is wrong", to_text(agent)),
                agent.host == own ? "each start of the pod makes a new one: start the pod again"
                                  : "this control plane makes secrets for its own host " + own +
                                        " only: set PODPLAY_HOST_ID to that");
  }
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    const auto states = store::agent_states(transaction);
    if (!states.contains(agent)) {
      store::put_agent_state(transaction, agent, {});
    }
    return true;
  }));
  context.hub.expect(agent);
  return sign(context, agent, request);
}

Result<Enrolment> renew(Context& context, const AgentName& agent, const std::string& request) {
  return sign(context, agent, request);
}

Result<std::string> give_work(Context& context, const AgentName& agent,
                              const wire::WorkQuestion& question, const HungUp& hung_up) {
  ServiceStatus status = question.status;
  // The certificate says who the agent is, whatever the status says.
  status.agent = agent;
  context.hub.seen(status);
  Result<Work> work = Work{};
  const auto longest = seconds(std::clamp(question.wait, 0, kLongestWait));
  const auto has_work = [&] {
    work = find_work(context, agent, question);
    return !work || !work->empty() || work->answer.revision > context.hub.settled(agent);
  };
  context.hub.wait_for_change(agent, longest, has_work, hung_up);
  TRY(const auto found, std::move(work));
  return wire::answer_text(found.answer, found.page);
}

std::vector<AgentCommand> give_commands(Context& context, const AgentName& agent,
                                        const wire::CommandsQuestion& question,
                                        const HungUp& hung_up) {
  std::vector<AgentCommand> commands;
  const auto longest = seconds(std::clamp(question.wait, 0, kLongestWait));
  const auto has_commands = [&] {
    commands = context.hub.take_commands(agent, question.instance);
    return !commands.empty();
  };
  context.hub.wait_for_change(agent, longest, has_commands, hung_up);
  return commands;
}

Status take_report(Context& context, const AgentName& agent, const ApplyReport& report) {
  const Revision before = context.hub.settled(agent);
  const bool refused = report.state == ApplyState::refused;
  if (refused) {
    context.log.error("an agent refused a change", {{"agent", to_text(agent)},
                                                    {"revision", report.revision},
                                                    {"stage", to_text(report.stage)},
                                                    {"daemon", report.daemon},
                                                    {"message", report.message}});
  } else {
    context.log.debug("an agent applied a change",
                      {{"agent", to_text(agent)}, {"revision", report.revision}});
  }
  for (const SetAsideRow& row : report.set_aside) {
    context.log.error("an agent set a row aside", {{"agent", to_text(agent)},
                                                   {"kind", to_text(row.kind)},
                                                   {"row", row.key},
                                                   {"revision", row.revision},
                                                   {"daemon", row.daemon},
                                                   {"message", row.message}});
  }
  // A refusal is stored before those who wait are woken, since they read it. When all is applied,
  // they are woken at once, without waiting for the disk.
  if (!refused && report.set_aside.empty()) {
    context.hub.settle(agent, report.revision);
  }
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    // What was settled before keeps its outcome: a service that starts badly says so in its status.
    if (!refused) {
      store::delete_refusals(transaction, agent, report.revision);
    } else if (report.revision > before) {
      store::insert_refusal(transaction, {.agent = agent,
                                          .first = std::min(before + 1, report.revision),
                                          .last = report.revision,
                                          .stage = std::string(to_text(report.stage)),
                                          .daemon = report.daemon,
                                          .message = report.message,
                                          .at = context.clock.now()});
    }
    for (const SetAsideRow& row : report.recovered) {
      store::delete_set_aside(transaction, agent, row);
    }
    for (const SetAsideRow& row : report.set_aside) {
      store::put_set_aside(transaction, agent, row, context.clock.now());
    }
    store::put_agent_state(
        transaction, agent,
        {.settled = std::max(before, report.revision), .running = report.running});
    return true;
  }));
  context.hub.settle(agent, report.revision);
  return {};
}

}  // namespace podplay::control
