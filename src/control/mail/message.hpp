// A plain text message in the form of RFC 5322.
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
  // Without angle brackets, unique.
  std::string id;
  WallTime date{};
};

// The message with its header, lines separated by CRLF. Text and long or foreign subjects are
// encoded, so that the result is ASCII.
std::string to_rfc5322(const Message& message);

}  // namespace podplay::control
