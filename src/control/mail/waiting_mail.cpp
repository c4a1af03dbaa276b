// Postfix returns a message by itself when it tries one whose recipient is unknown, so a retry
// makes it do so now instead of within hours. When the address has an owner again, Postfix would
// deliver: then messages from before the deletion are returned by their ids.
#include "control/mail/waiting_mail.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "control/jobs/jobs.hpp"
#include "control/mail/queue.hpp"
#include "model/mail_way.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

// The thread is another job's meanwhile.
constexpr milliseconds kAppliedDeadline{1000};
// Postfix returns a message within this time; a longer queue is looked at in the next attempt.
constexpr milliseconds kReturnPause{1000};
constexpr std::int64_t kMostAtOnce = 500;

struct Waiting {
  std::vector<std::string> ids;
  // On hold, or for others as well, so that they cannot be returned for one.
  std::size_t left = 0;
};

// `used`: the address has an owner again, so what came later is theirs.
Result<Waiting> find_waiting(Context& context, const Job& job, bool used) {
  TRY(const auto page,
      list_mail_queue(context, Actor::system(), {.recipient = job.subject, .with_details = true},
                      "", kMostAtOnce));
  const std::int64_t deleted = duration_cast<seconds>(job.created.time_since_epoch()).count();
  Waiting waiting;
  for (const wire::QueuedMessage& message : page.messages) {
    if (used && message.arrival_time > deleted) {
      continue;
    }
    const bool alone = std::ranges::all_of(message.recipients, [&](const auto& recipient) {
      return without_detail(lower(recipient.address)) == job.subject;
    });
    if (message.queue_name == "hold" || (used && !alone)) {
      ++waiting.left;
    } else {
      waiting.ids.push_back(message.queue_id);
    }
  }
  return waiting;
}

}  // namespace

void add_waiting_mail_job(Change& change, const Actor& actor, const std::string& address) {
  add_job(
      change.context(), change.transaction(),
      {.kind = kWaitingMailJob, .subject = address, .due = {}, .request_id = actor.request_id()});
}

Status return_waiting_mail(Context& context, JobRun& run) {
  run.step("wait until the mailbox is gone");
  const Revision newest = context.hub.newest({ServiceName::mail});
  if (!context.hub.wait_settled({ServiceName::mail}, newest, kAppliedDeadline)) {
    return fail(ErrorKind::unavailable, "agent_behind",
                "the mail service has not removed the mailbox yet", "it is tried again by itself");
  }
  run.step("return the mail that waits");
  TRY(const bool used, context.store.read<bool>([&](store::Session& session) {
    return store::find_user(session, run.subject()).has_value();
  }));
  TRY(const auto before, find_waiting(context, run.job(), used));
  if (!before.ids.empty()) {
    TRY(act_on_mail_queue(context, Actor::system(), used ? QueueAction::bounce : QueueAction::retry,
                          {.queue_ids = before.ids}, false));
    if (!run.pause(kReturnPause)) {
      return JobRun::stopped();
    }
    TRY(const auto after, find_waiting(context, run.job(), used));
    if (!after.ids.empty()) {
      return fail(ErrorKind::unavailable, "mail_waits",
                  "mail still waits for the deleted mailbox " + run.subject(),
                  "it is tried again by itself; podplay mail queue list shows the reason");
    }
  }
  run.say(fmt::format("{} messages returned; {} on hold, or for others as well", before.ids.size(),
                      before.left));
  return {};
}

}  // namespace podplay::control
