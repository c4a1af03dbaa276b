// Use-cases of Postfix's queue: look at it, and retry, hold, release or delete messages in it. The
// mail agent reads the queue and does the work. A domain administrator sees and touches messages
// whose sender or recipient is in a domain that was granted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/context.hpp"
#include "wire/mail_queue.hpp"

namespace podplay::control {

// Which messages; what is empty is not asked for.
struct QueueChoice {
  std::vector<std::string> queue_ids{};
  // "<>": bounces.
  std::string sender{};
  std::string recipient{};
  // Also of the recipient's addresses with a detail, such as ann+lists@a.test.
  bool with_details = false;
  // Of the sender or of a recipient.
  std::string domain{};
  // deferred, active, hold or incoming
  std::string state{};
  // Minutes since the message came.
  std::optional<std::int64_t> older_than{};
  // In the reason why it waits.
  std::string reason{};
  // Every message. Without it, an action needs one of the others; only a retry is of all then.
  bool all = false;
};

enum class QueueAction { retry, hold, release, remove, bounce };

struct QueuePage {
  std::vector<wire::QueuedMessage> messages;
  // The cursor of the page after this one; empty: this is the last.
  std::string next;
};

// The oldest first. `cursor` is the `next` of the page before.
Result<QueuePage> list_mail_queue(Context& context, const Actor& actor, const QueueChoice& choice,
                                  const std::string& cursor, std::int64_t limit);
// A dry run says what would be touched.
Result<wire::QueueDone> act_on_mail_queue(Context& context, const Actor& actor, QueueAction action,
                                          const QueueChoice& choice, bool dry_run);

}  // namespace podplay::control
