// A line in an unknown form is kept whole, as information. The lines that the agent's own probes
// cause are rated as debug.
#include "daemons/lines.hpp"

#include <optional>

#include "base/severity.hpp"

namespace podplay::daemons {
namespace {

// The width of "Nov 24 14:22:28 ".
constexpr std::size_t kTimeWidth = 16;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 3164 section 4.1.2.
std::string_view without_time(std::string_view line) {
  const bool has_time = line.size() > kTimeWidth && line[3] == ' ' && line[6] == ' ' &&
                        line[9] == ':' && line[12] == ':' && line[15] == ' ' && is_digit(line[5]) &&
                        is_digit(line[7]) && is_digit(line[14]);
  return has_time ? line.substr(kTimeWidth) : line;
}

// Takes the text before `end` off the front of `rest`, and `end` with it. Nothing when there is no
// `end`.
std::optional<std::string_view> take_until(std::string_view& rest, std::string_view end) {
  const auto at = rest.find(end);
  if (at == rest.npos) {
    return std::nullopt;
  }
  const std::string_view word = rest.substr(0, at);
  rest.remove_prefix(at + end.size());
  return word;
}

// `rated` begins with "severity: " or "program: severity: ", or names no severity.
DaemonLine with_severity(std::string_view log, std::string_view words, std::string_view rated) {
  for (int part = 0; part < 2; ++part) {
    const auto word = take_until(rated, ": ");
    if (!word) {
      break;
    }
    if (const auto level = level_of_severity(*word)) {
      return {log, *level, words};
    }
  }
  return {log, Level::info, words};
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// The agent's own probes connect every minute and mean nothing. A reader who looks for a real
// client should not have to skip them.
DaemonLine quieter(DaemonLine line, bool is_probe) {
  if (is_probe && line.level == Level::info) {
    line.level = Level::debug;
  }
  return line;
}

bool is_postfix_probe(std::string_view words) {
  if (!has(words, "from localhost[127.0.0.1]")) {
    return false;
  }
  if (has(words, "to=<podplay-probe@podplay.invalid>")) {
    return true;
  }
  return words.starts_with("connect ") || words.starts_with("disconnect ") ||
         words.starts_with("TLS SNI ") || has(words, "lost connection after ") ||
         has(words, "TLS connection established");
}

// What named calls a fault is usual here: a zone that was never changed has no journal to remove,
// and the agent keeps its control channel open between changes.
bool is_named_routine(std::string_view words) {
  const bool no_journal =
      words.starts_with("file ") && words.ends_with(".jnl not removed: file not found");
  const bool idle_channel =
      words.starts_with("invalid command from 127.0.0.1#") && words.ends_with(": timed out");
  return no_journal || idle_channel;
}

// At the level DEBUG, auth shows the token of an OAUTHBEARER login, as its answer's last field.
std::string_view without_token(std::string_view words) {
  return words.substr(0, words.find("\ttoken="));
}

// With the id of the message before these words. A Sieve script "stores" it.
bool is_delivery(std::string_view words) {
  return has(words, ": saved mail to ") || has(words, ": stored mail into mailbox ");
}

bool is_dovecot_probe(std::string_view words) {
  const bool login = has(words, "rip=127.0.0.1") &&
                     (has(words, "(no_auth_attempts)") || has(words, "(auth_process_not_ready)"));
  // A real delivery logs more than its connection.
  return login || has(words, "Connect from local") || has(words, "(state=GREETING)");
}

}  // namespace

DaemonLine read_apache_line(std::string_view line) {
  constexpr std::string_view kAccess = "access ";
  if (line.starts_with(kAccess)) {
    return quieter(
        {"access", Level::info, line.substr(kAccess.size())},
        has(line, " 127.0.0.1 \"HEAD / HTTP/1.1\" ") && line.ends_with("\"podplay-probe\""));
  }
  std::string_view rest = line;
  if (!rest.starts_with('[')) {
    return {"error", Level::info, line};
  }
  rest.remove_prefix(1);
  const auto severity = take_until(rest, "] [");
  const auto level = severity ? level_of_severity(*severity) : std::nullopt;
  if (!level) {
    return {"error", Level::info, line};
  }
  std::string_view words = rest;
  const auto module = take_until(words, "] ");
  if (!module) {
    return {"error", *level, rest};
  }
  if (*module == "ssl") {
    return {"ssl", *level, words};
  }
  const bool own_work = module->starts_with("mpm_") || *module == "core";
  return {.log = module->starts_with("auth") ? "auth" : "error",
          .level = *level,
          .message = words,
          .own_work = own_work};
}

DaemonLine read_named_line(std::string_view line) {
  std::string_view rest = line;
  const auto category = take_until(rest, ": ");
  const auto severity = category ? take_until(rest, ": ") : std::nullopt;
  const auto level = severity ? level_of_severity(*severity) : std::nullopt;
  if (!level) {
    return {"general", Level::info, line};
  }
  if (*category == "queries" || *category == "query-errors") {
    return {"queries", *level, rest};
  }
  if (is_named_routine(rest)) {
    return {"general", Level::debug, rest};
  }
  const bool security =
      *category == "security" || *category == "update-security" || *category == "rate-limit";
  const bool own_work = *category == "general" || *category == "zoneload" ||
                        *category == "config" || *category == "notify" || *category == "dnssec";
  return {.log = security ? "security" : "general",
          .level = *level,
          .message = rest,
          .own_work = own_work};
}

DaemonLine read_postfix_line(std::string_view line) {
  std::string_view words = without_time(line);
  std::string_view rest = words;
  const auto host = take_until(rest, " postfix/");
  if (!host || has(*host, " ")) {
    return with_severity("postfix", words, words);
  }
  // "smtpd[132]: severity: words"
  words = rest;
  const auto program = take_until(rest, "]: ");
  if (!program) {
    return {"postfix", Level::info, words};
  }
  DaemonLine read =
      with_severity(has(rest, "authentication failed") ? "auth" : "postfix", words, rest);
  read.own_work = words.starts_with("master[") || words.starts_with("postfix-script[");
  return quieter(read, is_postfix_probe(rest));
}

DaemonLine read_dovecot_line(std::string_view line) {
  const std::string_view words = without_token(without_time(line));
  std::string_view rest = words;
  auto process = take_until(rest, ": ");
  if (!process) {
    return {"dovecot", Level::info, words};
  }
  const std::string_view name = process->substr(0, process->find('('));
  const bool login = name.ends_with("-login") || name.starts_with("auth");
  DaemonLine read = with_severity(login ? "auth" : "dovecot", words, rest);
  read.own_work = name == "master";
  read.counted = name == "lmtp" && is_delivery(rest) ? &kDeliveries : nullptr;
  return quieter(read, is_dovecot_probe(rest));
}

}  // namespace podplay::daemons
