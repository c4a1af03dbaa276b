// Lines of the mail daemons that say something for a diagnosis.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace podplay::agent {

struct EvidenceTools;

enum class MailLineKind {
  // A user's message was taken on a submission port.
  sent_by,
  // A user's message was put off: too many within the hour.
  limited,
  // Mail was refused, since the mailbox is full.
  full,
  // Mail could not be delivered and goes back.
  bounced,
  // The same, because it went round in a circle.
  loop,
  // Dovecot may not use a file of a mailbox.
  denied,
  // Dovecot finds the directory damaged.
  damaged,
  other,
};
std::string_view to_text(MailLineKind kind);

struct MailLine {
  MailLineKind kind = MailLineKind::other;
  // The user or recipient.
  std::string who{};
  // RFC 3463, of a bounce.
  std::string status{};
};
// `message`: a daemon's words, as our log line has them.
MailLine read_mail_line(std::string_view message);

struct MailLineGroup {
  std::int64_t count = 0;
  std::map<std::string, std::int64_t> people{};
  // The newest first, with their times.
  std::vector<std::string> examples{};
  std::string newest{};
};
struct MailLines {
  std::map<MailLineKind, MailLineGroup> groups{};
  // There are more lines than were read.
  bool cut = false;
};
// Of the last 15 minutes before `now`.
MailLines read_mail_lines(WallTime now, const std::string& root = "/data/logs");

// The same, read again only after a second: several sections ask for it at the same time.
MailLines recent_mail_lines(const EvidenceTools& tools);

}  // namespace podplay::agent
