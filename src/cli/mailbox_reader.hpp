// Reads mails by IMAP (RFC 9051) as a mail program does: just enough to follow a journey.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay::cli {

// A mail with what its links are taken from.
struct ReadMail {
  std::string subject;
  std::string from;
  // The text/plain part, decoded.
  std::string text;
  // The text/html part, decoded; empty: there is none.
  std::string html;
  // What stands behind #token= in the text; empty: there is no link.
  std::string token;
};

struct ImapServer {
  // An IP address.
  std::string address = "127.0.0.1";
  int port = 993;
};

// Succeeds when the server lets the user in.
Status try_imap_login(const ImapServer& server, const std::string& email, const Secret& password);
// The mails of the inbox, oldest first.
Result<std::vector<ReadMail>> read_inbox(const ImapServer& server, const std::string& email,
                                         const Secret& password);
// Waits for a mail number `number` (from 1) of the inbox.
Result<ReadMail> wait_for_mail(Clock& clock, const ImapServer& server, const std::string& email,
                               const Secret& password, std::size_t number,
                               std::chrono::milliseconds longest);

// For tests: takes apart what IMAP gives of one mail.
ReadMail parse_mail(const std::string& message);

}  // namespace podplay::cli
