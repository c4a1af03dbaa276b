// Turns the words that programs use for the severity of a log line into levels.
#pragma once

#include <optional>
#include <string_view>

#include "base/log.hpp"

namespace podplay {

// Knows the words of syslog (RFC 5424 section 6.2.1), Apache, BIND, Postfix and Dovecot, in any
// case. A number may follow: Apache's "trace8", BIND's "debug 3". Nothing for any other word.
std::optional<Level> level_of_severity(std::string_view word);

}  // namespace podplay
