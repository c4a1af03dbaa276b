// Work and reports.
#include "control/work.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "control/certificates.hpp"
#include "control/change.hpp"
#include "store/directory.hpp"
#include "wire/snapshot.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;
constexpr auto kLifetime = hours(24);
constexpr std::int64_t kRowsAtOnce = 5000;
// seconds
constexpr int kLongestWait = 30;

std::string hash_path(const Context& context, std::string_view service) {
  return fmt::format("{}/enrolment/{}.hash", context.paths.state, service);
}

Result<Enrolment> sign(Context& context, ServiceName service, const std::string& request) {
  const WallTime now = context.clock.now();
  TRY(auto certificate, net::sign_request(context.certificates.authority(), request,
                                          std::string(to_text(service)), {}, kLifetime, now));
  context.log.info("signed an agent's certificate",
                   {{"service", to_text(service)}, {"expires", to_rfc3339(now + kLifetime)}});
  return Enrolment{std::move(certificate), now + kLifetime};
}

// What there is to do now; empty when nothing.
Result<wire::WorkAnswer> find_work(Context& context, ServiceName service,
                                   const wire::WorkQuestion& question) {
  wire::WorkAnswer answer;
  answer.revision = context.hub.newest(service);
  Status problem;
  auto read = context.store.read_together<bool>([&](store::Session& session) {
    if (context.hub.wants_snapshot(service) || question.snapshot_hash.empty()) {
      Snapshot snapshot = make_snapshot(context, session, service, answer.revision, problem);
      std::string hash = wire::snapshot_hash(snapshot);
      if (problem && hash != question.snapshot_hash) {
        answer.snapshot = std::move(snapshot);
      }
      answer.snapshot_hash = std::move(hash);
    }
    if (service == ServiceName::mail) {
      DirectoryBatch batch = store::read_directory(session, question.directory_seq, kRowsAtOnce);
      // A replica that is ahead of the store belongs to another store: start again.
      if (batch.rows.empty() && store::newest_sequence(session) < question.directory_seq) {
        batch = store::read_directory(session, 0, kRowsAtOnce);
      }
      if (!batch.rows.empty()) {
        answer.directory = std::move(batch);
      }
    }
    return true;
  });
  if (!read) {
    return std::unexpected(read.error());
  }
  if (!problem) {
    return std::unexpected(problem.error());
  }
  answer.commands = context.hub.take_commands(service, question.instance);
  return answer;
}

}  // namespace

Status prepare_enrolment(Context& context) {
  Status done = context.files.make_dirs(context.paths.state + "/enrolment", 0700);
  for (const ServiceName service : kServices) {
    const std::string secret = random_token();
    const std::string folder = fmt::format("{}/{}", context.paths.enrolment, to_text(service));
    if (done) {
      done = context.files.make_dirs(folder, 0700);
    }
    if (done) {
      done = context.files.write_atomic(folder + "/secret", secret, 0400);
    }
    if (done) {
      done = context.files.write_atomic(hash_path(context, to_text(service)), sha256_hex(secret),
                                        0600);
    }
  }
  return done;
}

Result<Enrolment> enrol(Context& context, const std::string& name, const Secret& secret,
                        const std::string& request) {
  TRY(const auto service, parse_service(name));
  const auto known = context.files.read(hash_path(context, name));
  if (!known || !equal_constant_time(*known, sha256_hex(secret.reveal()))) {
    context.log.warn("refused an enrolment: the secret is not the one of the service",
                     {{"service", name}});
    return fail(ErrorKind::forbidden, "secret_refused",
                fmt::format("the enrolment secret of {} is not right", name),
                "it is written anew each time the pod is started: start the pod again");
  }
  return sign(context, service, request);
}

Result<Enrolment> renew(Context& context, ServiceName service, const std::string& request) {
  return sign(context, service, request);
}

Result<wire::WorkAnswer> give_work(Context& context, ServiceName service,
                                   const wire::WorkQuestion& question) {
  ServiceStatus status = question.status;
  // whatever it says: it is who its certificate says
  status.service = service;
  context.hub.seen(status);
  Result<wire::WorkAnswer> answer = wire::WorkAnswer{};
  const auto longest = seconds(std::clamp(question.wait, 0, kLongestWait));
  context.hub.wait_for_change(service, longest, [&] {
    answer = find_work(context, service, question);
    return !answer || answer->snapshot || answer->directory || !answer->commands.empty() ||
           answer->revision > context.hub.settled(service);
  });
  return answer;
}

Status take_report(Context& context, ServiceName service, const ApplyReport& report) {
  const Revision before = context.hub.settled(service);
  const std::string name(to_text(service));
  if (report.state == ApplyState::refused) {
    context.log.error("a service refused a change", {{"service", name},
                                                     {"revision", report.revision},
                                                     {"stage", to_text(report.stage)},
                                                     {"daemon", report.daemon},
                                                     {"message", report.message}});
  } else {
    context.log.debug("a service applied a change",
                      {{"service", name}, {"revision", report.revision}});
  }
  const auto keep = [&] {
    return context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
      // What was settled before stays what it was: a service that starts badly says so in its
      // status.
      if (report.state == ApplyState::applied) {
        // it was tried again
        store::delete_refusals(transaction, service, report.revision);
      } else if (report.revision > before) {
        store::insert_refusal(transaction, {service, std::min(before + 1, report.revision),
                                            report.revision, std::string(to_text(report.stage)),
                                            report.daemon, report.message, context.clock.now()});
      }
      store::put_service_state(transaction, service,
                               {std::max(before, report.revision), report.running});
      return true;
    });
  };
  // A refusal is written before those who wait hear of it, since they read it; good news do not
  // wait for the disk.
  if (report.state == ApplyState::applied) {
    context.hub.settle(service, report.revision);
  }
  TRY(keep());
  context.hub.settle(service, report.revision);
  return {};
}

}  // namespace podplay::control
