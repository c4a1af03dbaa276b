// A message in the form of RFC 5322: plain text, or the same in plain text and HTML.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"

namespace podplay::control {

struct Message {
  // An address, without a name.
  std::string from;
  std::vector<std::string> to;
  // One line, UTF-8.
  std::string subject;
  // UTF-8.
  std::string text;
  // The same for programs that show HTML, in UTF-8; empty: only text.
  std::string html{};
  // Where answers go; empty: to the sender.
  std::string reply_to{};
  // No person wrote it, so no program may answer it (RFC 3834 section 5).
  bool automatic = false;
  // Without angle brackets, unique.
  std::string id;
  WallTime date{};
};

// The message with its header, lines separated by CRLF. Text and long or foreign subjects are
// encoded, so that the result is ASCII.
std::string to_rfc5322(const Message& message);

}  // namespace podplay::control
