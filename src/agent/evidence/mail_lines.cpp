// What the mail daemons logged in the last minutes, counted. Only what stands where the daemons
// themselves put it is believed: a sender chooses the rest of a line.
#include "agent/evidence/mail_lines.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <vector>

#include "agent/evidence/sections.hpp"
#include "logs/search.hpp"

namespace podplay::agent {
namespace {

using namespace std::chrono;
using Json = nlohmann::json;

constexpr minutes kWindow{15};
constexpr std::size_t kMostLines = 2000;
constexpr milliseconds kDeadline{1200};
constexpr std::size_t kMostLineExamples = 5;
constexpr std::size_t kMostPeople = 20;
constexpr const char* kPattern =
    R"(status=bounced|sasl_username=|Permission denied|mailbox is full|)"
    R"(database disk image|Data command rejected|hops|550 5\.4\.6)";

// The text between `begin` and the next `end` after it; empty when one of both is missing.
std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  const std::size_t from = text.find(begin);
  if (from == text.npos) {
    return {};
  }
  const std::size_t start = from + begin.size();
  const std::size_t to = text.find(end, start);
  return to == text.npos ? std::string_view{} : text.substr(start, to - start);
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// "smtp" of "smtp[123]: words" and of "submission/smtpd[123]: words".
std::string_view program_of(std::string_view message) {
  const std::string_view name = message.substr(0, message.find('['));
  const std::size_t slash = name.rfind('/');
  return slash == name.npos ? name : name.substr(slash + 1);
}

// What follows "program[123]: ".
std::string_view words_of(std::string_view message) {
  const std::size_t end = message.find("]: ");
  return end == message.npos ? std::string_view{} : message.substr(end + 3);
}

}  // namespace

MailLine read_mail_line(std::string_view message) {
  MailLine read;
  const std::string_view program = program_of(message);
  const std::string_view words = words_of(message);
  if (program == "smtpd") {
    // "QUEUEID: client=host[1.2.3.4], sasl_method=PLAIN, sasl_username=ann@example.com"
    const std::size_t client = words.find(": client=");
    const std::size_t name = words.rfind(", sasl_username=");
    if (client != words.npos && client < 20 && name != words.npos) {
      read.kind = MailLineKind::sent_by;
      read.who = words.substr(name + 16);
      return read;
    }
    // The client's address ends with the first "]: "; what it says itself comes later.
    const std::string_view reply = words.substr(std::min(words.find("]: "), words.size()));
    if (words.starts_with("NOQUEUE: reject: RCPT from ")) {
      if (reply.starts_with("]: 552 5.2.2 <")) {
        read.kind = MailLineKind::full;
      } else if (reply.starts_with("]: 550 5.4.6 <")) {
        read.kind = MailLineKind::loop;
      }
      read.who = read.kind == MailLineKind::other ? "" : between(reply, " <", ">");
      return read;
    }
    if (has(words.substr(0, 40), ": reject: DATA from ") && reply.starts_with("]: 450 4.7.1 <")) {
      const std::size_t user = words.rfind(" sasl_username=<");
      read.kind = MailLineKind::limited;
      read.who = user != words.npos ? between(words.substr(user), "=<", ">")
                                    : between(words, "; from=<", ">");
    }
    return read;
  }
  constexpr std::array kDelivering{std::string_view("smtp"),  std::string_view("lmtp"),
                                   std::string_view("error"), std::string_view("retry"),
                                   std::string_view("relay"), std::string_view("cleanup")};
  if (std::ranges::find(kDelivering, program) != kDelivering.end()) {
    // "QUEUEID: to=<a>, relay=b, delay=1, delays=0/0/0/1, dsn=5.4.6, status=bounced (words)"
    const std::size_t facts = words.find(">, ");
    const std::size_t state = words.find(", status=bounced (", facts);
    // "QUEUEID: to=<": a message id, which the sender chooses, begins otherwise.
    const std::size_t begin = std::min(words.find(": "), words.size());
    if (!words.substr(begin).starts_with(": to=<") || facts == words.npos || state == words.npos) {
      return read;
    }
    read.who = between(words, ": to=<", ">");
    const std::size_t code = words.rfind("dsn=", state);
    read.status =
        code == words.npos ? std::string_view{} : words.substr(code + 4, state - code - 4);
    const std::string_view why = words.substr(state);
    const bool loops = read.status == "5.4.6" || has(why, "mail forwarding loop") ||
                       has(why, "too many hops") || has(why, "loops back to myself");
    read.kind = loops ? MailLineKind::loop : MailLineKind::bounced;
    return read;
  }
  // Dovecot: "imap(ann@example.com)<12><x>: Error: ..."
  if (has(message, ": Error: ") && has(message, "Permission denied")) {
    read.kind = MailLineKind::denied;
    read.who = between(message, "(", ")");
  } else if (message.starts_with("auth") && has(message, "database disk image is malformed")) {
    read.kind = MailLineKind::damaged;
  }
  return read;
}

MailLines read_mail_lines(WallTime now, const std::string& root) {
  MailLines lines;
  logs::LogSearch asked{.root = root, .folders = {"mail"}, .limit = kMostLines};
  asked.filter.since = now - kWindow;
  asked.filter.pattern = kPattern;
  asked.deadline = steady_clock::now() + kDeadline;
  const auto found = logs::search(asked);
  if (!found) {
    return lines;
  }
  lines.cut = found->more;
  for (const logs::FoundLine& one : found->lines) {
    const MailLine read = read_mail_line(one.line.message);
    if (read.kind == MailLineKind::other) {
      continue;
    }
    MailLineGroup& group = lines.groups[read.kind];
    ++group.count;
    if (group.examples.size() < kMostLineExamples) {
      group.examples.push_back(one.line.time + " " + one.line.message);
    }
    if (!read.who.empty() && (group.people.contains(read.who) || group.people.size() < 1000)) {
      ++group.people[read.who];
    }
    if (group.newest.empty()) {
      group.newest = one.line.time;
    }
  }
  return lines;
}

MailLines recent_mail_lines(const EvidenceTools& tools) {
  KeptMailLines& kept = tools.kept.mail_lines;
  const std::scoped_lock lock(kept.mutex);
  if (kept.read_at == SteadyTime{} || tools.clock.steady() - kept.read_at > seconds{1}) {
    kept.last = read_mail_lines(tools.clock.now());
    kept.read_at = tools.clock.steady();
  }
  return kept.last;
}

std::string_view to_text(MailLineKind kind) {
  switch (kind) {
    case MailLineKind::sent_by: return "sent_by";
    case MailLineKind::limited: return "limited";
    case MailLineKind::full: return "full";
    case MailLineKind::bounced: return "bounced";
    case MailLineKind::loop: return "loop";
    case MailLineKind::denied: return "denied";
    case MailLineKind::damaged: return "damaged";
    case MailLineKind::other: break;
  }
  return "other";
}

nlohmann::json collect_mail_lines(const EvidenceTools& tools) {
  if (tools.service.service != ServiceName::mail) {
    return nullptr;
  }
  const WallTime now = tools.clock.now();
  const MailLines lines = recent_mail_lines(tools);
  Json all = Json::object();
  for (const auto& [kind, group] : lines.groups) {
    // Those with the most lines first.
    std::vector<std::pair<std::int64_t, std::string>> people;
    for (const auto& [who, count] : group.people) {
      people.emplace_back(count, who);
    }
    std::ranges::sort(people, std::greater{});
    people.resize(std::min(people.size(), kMostPeople));
    Json who = Json::array();
    for (const auto& [count, name] : people) {
      who.push_back({{"who", name}, {"count", count}});
    }
    const auto newest = parse_rfc3339(group.newest);
    all[std::string(to_text(kind))] = {
        {"count", group.count},
        {"people", std::move(who)},
        {"examples", group.examples},
        {"age_ms", newest ? to_millis(now) - to_millis(*newest) : 0}};
  }
  return {{"minutes", kWindow.count()}, {"cut", lines.cut}, {"kinds", std::move(all)}};
}

}  // namespace podplay::agent
