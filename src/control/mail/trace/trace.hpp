// The use-case: which way messages took. Reads the logs of Postfix and Dovecot; nothing is kept for
// it. A person sees the own mail, a domain administrator also that of the granted domains, an
// administrator all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "control/context.hpp"
#include "wire/mail_trace.hpp"

namespace podplay::control {

// What is empty is not asked for.
struct TraceQuestion {
  std::string queue_id{};
  // With or without angle brackets.
  std::string message_id{};
  std::string sender{};
  std::string recipient{};
  std::optional<WallTime> since{};
  std::optional<WallTime> until{};
  // The `next` of the page before.
  std::string cursor{};
  std::int64_t limit = 20;
};

struct TracePage {
  // The newest first, by the last line that was looked for.
  std::vector<wire::MailTrace> traces;
  // Empty: this is the last page. A page may be short, even empty, when the time was over.
  std::string next;
};

Result<TracePage> trace_mail(Context& context, const Actor& actor, const TraceQuestion& question);

}  // namespace podplay::control
