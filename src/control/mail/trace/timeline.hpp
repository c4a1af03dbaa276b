// Makes the lines about one message a timeline with a verdict, as its reader may see it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "control/mail/trace/trace_line.hpp"
#include "wire/mail_trace.hpp"

namespace podplay::control {

// Who reads a trace.
struct TraceReader {
  // An administrator: everything.
  bool all = false;
  // Whether mail for this address is the reader's to see: one of the person's own addresses, or one
  // of the domain administrator's domains.
  std::function<bool(const std::string& address)> is_own{};
  // The same of an address where mail ends: the person's own one, or one of the domains. An alias
  // that leads to the person today may have been somebody's mailbox.
  std::function<bool(const std::string& address)> is_own_end{};
  // The same of an alias whose targets are not: an alias of the domains. A person has none, since
  // an alias has targets that others need not know.
  std::function<bool(const std::string& alias)> is_own_alias{};
  // Whether this account's doing is the reader's to see: the person, or a user of the domains.
  std::function<bool(const std::string& login)> is_own_login{};
};

// The lines of all queue ids that one message had, and of Dovecot, in the order of time. Nothing of
// a part that the reader may not see: a trace without events is not the reader's.
//
// Whoever sent a part sees all of it. Whoever gets it sees the tries for the own address only. A
// sender's address proves nothing when the client had not logged in.
wire::MailTrace make_timeline(const std::vector<TraceLine>& lines, const TraceReader& reader);

}  // namespace podplay::control
