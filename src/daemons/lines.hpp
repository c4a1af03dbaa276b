// Reads the daemons' own log lines (ProcessSpec::read_line): finds the log that a line belongs to,
// its severity, and its words without the parts that the agent's own log line has already. A line
// in no known form is kept whole.
#pragma once

#include <string_view>

#include "base/metrics.hpp"
#include "base/process.hpp"

namespace podplay::daemons {

// Logs "access", "error", "ssl" and "auth". Reads what apache2.conf.tmpl sets: "access ..." and
// "[severity] [module] words".
DaemonLine read_apache_line(std::string_view line);
// Logs "general", "queries" and "security". Reads "category: severity: words".
DaemonLine read_named_line(std::string_view line);
// Logs "postfix" and, for logins, "auth". Reads "Nov 24 14:22:28 host postfix/smtpd[132]: severity:
// words".
DaemonLine read_postfix_line(std::string_view line);
// Logs "dovecot" and, for logins, "auth". Reads "Nov 24 14:22:28 imap-login: Severity: words".
DaemonLine read_dovecot_line(std::string_view line);
// The lines of read_dovecot_line() about mail that came by LMTP.
inline constexpr MetricFamily kDeliveries{
    .name = "podplay_dovecot_deliveries_total",
    .help = "Copies of messages that Dovecot has put into mailboxes"};

}  // namespace podplay::daemons
