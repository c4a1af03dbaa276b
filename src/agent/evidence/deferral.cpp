// The words of remote servers are their own, so only usual phrases are known; their codes (RFC
// 3463) come next. What fits nothing is "other" and is shown as it is.
#include "agent/evidence/deferral.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

namespace podplay::agent {
namespace {

// In lower case. The first row that fits decides.
struct Phrase {
  std::string_view text;
  std::string_view kind;
};
constexpr auto kPhrases = std::to_array<Phrase>({
    {"delivery to other servers is turned off", "off"},
    {"/run/dovecot/lmtp", "lmtp"},
    {"private/lmtp", "lmtp"},
    {"quota exceeded", "quota"},
    {"mailbox is full", "quota"},
    {"lookup", "lookup"},
    {"host or domain name not found", "dns"},
    {"name service error", "dns"},
    {"host not found", "dns"},
    {"unable to look up host", "dns"},
    {"cannot start tls", "tls"},
    {"tls is required", "tls"},
    {"starttls", "tls"},
    {"certificate", "tls"},
    {"tls", "tls"},
    {"greylist", "greylist"},
    {"graylist", "greylist"},
    {"grey-list", "greylist"},
    {"connection refused", "refused"},
    {"connection timed out", "refused"},
    {"no route to host", "refused"},
    {"network is unreachable", "refused"},
    {"lost connection", "refused"},
    {"conversation with", "refused"},
    {"connect to ", "refused"},
    {"blocked", "policy"},
    {"blacklist", "policy"},
    {"blocklist", "policy"},
    {"reputation", "policy"},
    {"rate limit", "policy"},
    {"too many", "policy"},
    {"spam", "policy"},
    {"policy", "policy"},
    {"authentication", "policy"},
});

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

}  // namespace

Deferral read_deferral(std::string_view file) {
  Deferral last;
  while (!file.empty()) {
    const std::size_t end = std::min(file.find('\n'), file.size());
    const std::string_view line = file.substr(0, end);
    file.remove_prefix(std::min(end + 1, file.size()));
    const std::size_t equals = line.find('=');
    if (equals == line.npos) {
      continue;
    }
    const std::string_view name = line.substr(0, equals);
    const std::string_view value = line.substr(equals + 1);
    if (name == "recipient") {
      last = {.recipient = std::string(value), .status = {}, .words = {}};
    } else if (name == "status") {
      last.status = value;
    } else if (name == "reason") {
      last.words = value;
    }
  }
  return last;
}

std::string_view classify_deferral(const Deferral& deferral) {
  const std::string words = lower_case(deferral.words);
  // Our own Dovecot, which says no more than this to Postfix.
  const bool local = words.find("[/run/dovecot/lmtp]") != words.npos;
  const bool answered = words.find(" said: ") != words.npos;
  if (local && answered) {
    const bool full = words.find("quota") != words.npos || deferral.status == "4.2.2";
    return full ? "quota" : "mailbox";
  }
  for (const Phrase& phrase : kPhrases) {
    // Look-ups of another server are a matter of its own.
    const bool theirs = answered && phrase.kind == "lookup";
    if (!theirs && words.find(phrase.text) != words.npos) {
      return phrase.kind;
    }
  }
  if (deferral.status.starts_with("4.7.")) {
    return "policy";
  }
  if (deferral.status == "4.4.3") {
    return "dns";
  }
  return deferral.status.starts_with("4.4.") ? "refused" : "other";
}

}  // namespace podplay::agent
