// Nothing is returned here: Postfix does that by itself when it tries a message whose recipient is
// unknown. A retry makes it try now instead of within hours. When the address has an owner again,
// Postfix would deliver, so nothing is tried then.
#include "control/mail/waiting_mail.hpp"

#include "control/jobs/jobs.hpp"
#include "control/mail/queue.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr seconds kAppliedDeadline{20};
// Postfix returns a message within this time; a longer queue is looked at in the next attempt.
constexpr milliseconds kReturnPause{1000};

Result<bool> waits(Context& context, const QueueChoice& choice) {
  TRY(const auto page, list_mail_queue(context, Actor::system(), choice, "", 1));
  return !page.messages.empty();
}

}  // namespace

void add_waiting_mail_job(Change& change, const Actor& actor, const std::string& address) {
  add_job(
      change.context(), change.transaction(),
      {.kind = kWaitingMailJob, .subject = address, .due = {}, .request_id = actor.request_id()});
}

Status return_waiting_mail(Context& context, JobRun& run) {
  const QueueChoice choice{.recipient = run.subject()};
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
  TRY(const bool some, waits(context, choice));
  if (used || !some) {
    run.say(used ? "the address has an owner again" : "no mail waits");
    return {};
  }
  TRY(act_on_mail_queue(context, Actor::system(), QueueAction::retry, choice, false));
  if (!run.pause(kReturnPause)) {
    return JobRun::stopped();
  }
  TRY(const bool still, waits(context, choice));
  if (still) {
    return fail(ErrorKind::unavailable, "mail_waits",
                "mail still waits for the deleted mailbox " + run.subject(),
                "it is tried again by itself; podplay mail queue list shows the reason");
  }
  run.say("the mail that waited is returned");
  return {};
}

}  // namespace podplay::control
