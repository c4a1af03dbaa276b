// A message has parts: each queue id is one. A part is seen as a whole or in pieces, and then
// becomes events; what came of each recipient makes the verdict.
#include "control/mail/trace/timeline.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace podplay::control {
namespace {

using Kind = TraceLine::Kind;
using wire::MailTrace;
using wire::TraceEvent;

constexpr std::string_view kForwardEnd = "@forward.podplay.invalid";
// Of the words that a verdict quotes.
constexpr std::size_t kLongestQuote = 300;
constexpr std::size_t kMostNamed = 5;

// What is known of one queue id, from all of its lines.
struct Part {
  bool has_pickup = false;
  std::string login;
  std::string from;
  std::string message_id;
  // The reader sent it, so all of it is shown.
  bool sent = false;
  // The reader gets it, so what is not about others is shown.
  bool gets = false;
  // A report about another part.
  bool report = false;
};

// What came of one recipient.
struct Fate {
  // sent, deferred, bounced
  std::string status;
  std::string words;
  std::string folder;
  bool refused = false;
};

std::string in_quotes(std::string_view words) {
  const bool cut = words.size() > kLongestQuote;
  return fmt::format("\"{}{}\"", words.substr(0, kLongestQuote), cut ? "..." : "");
}

bool is_forward(const TraceLine& line) { return line.to.ends_with(kForwardEnd); }

class Timeline {
 public:
  Timeline(const std::vector<TraceLine>& lines, const TraceReader& reader)
      : lines_(lines), reader_(reader) {
    describe_parts();
  }

  MailTrace make() {
    for (const TraceLine& line : lines_) {
      if (auto event = event_of(line)) {
        event->time = line.time;
        if (event->queue_id.empty()) {
          event->queue_id = line.queue_id;
        }
        trace_.events.push_back(std::move(*event));
      }
    }
    if (trace_.events.empty()) {
      return {};
    }
    trace_.began = trace_.events.front().time;
    trace_.ended = trace_.events.back().time;
    add_heads();
    judge();
    return std::move(trace_);
  }

 private:
  bool is_own(const std::string& address) const {
    return reader_.all || (!address.empty() && reader_.is_own && reader_.is_own(address));
  }
  bool is_own_end(const std::string& address) const {
    return reader_.all || (!address.empty() && reader_.is_own_end && reader_.is_own_end(address));
  }
  bool is_own_login(const std::string& login) const {
    return reader_.all || (!login.empty() && reader_.is_own_login && reader_.is_own_login(login));
  }
  bool is_own_alias(const std::string& alias) const {
    return reader_.all || (!alias.empty() && reader_.is_own_alias && reader_.is_own_alias(alias));
  }
  bool gets(const TraceLine& line) const {
    const bool own = line.kind == Kind::delivery ? is_own_end(line.to) : is_own(line.to);
    return own || is_own_alias(line.via);
  }

  void describe_parts() {
    for (const TraceLine& line : lines_) {
      Part& part = parts_[line.queue_id];
      switch (line.kind) {
        case Kind::client: part.login = line.login; break;
        case Kind::message_id: part.message_id = line.message_id; break;
        case Kind::pickup:
          part.has_pickup = true;
          part.from = line.from;
          break;
        case Kind::queued: part.from = line.from; break;
        case Kind::notified: parts_[line.other_id].report = true; break;
        case Kind::delivery: sessions_[delivery_session(line)] = line.queue_id; break;
        default: break;
      }
    }
    // A report that a script sends on keeps its Message-ID.
    std::set<std::string> reports;
    for (const auto& [id, part] : parts_) {
      if (part.report && !part.message_id.empty()) {
        reports.insert(part.message_id);
      }
    }
    for (auto& [id, part] : parts_) {
      part.report = part.report || reports.contains(part.message_id);
      part.sent =
          is_own_login(part.login) || (part.has_pickup && is_own_login(part.from)) || reader_.all;
    }
    for (const TraceLine& line : lines_) {
      if ((line.kind == Kind::delivery || line.kind == Kind::refused) && gets(line)) {
        parts_[line.queue_id].gets = true;
      }
    }
  }

  // The queue id whose delivery Dovecot's line is about; nullptr when it is of none.
  const std::string* part_of(const TraceLine& filed) const {
    const auto found = sessions_.find(filed.session);
    return found == sessions_.end() || filed.session.empty() ? nullptr : &found->second;
  }

  std::optional<TraceEvent> event_of(const TraceLine& line) {
    const Part& part = parts_.at(line.queue_id);
    switch (line.kind) {
      case Kind::filed: return filed_event(line);
      case Kind::delivery: return delivery_event(line, part);
      case Kind::refused:
      case Kind::checked: return refusal_event(line, part);
      case Kind::said:
        if (!part.sent) {
          return std::nullopt;
        }
        return TraceEvent{
            .stage = "tried", .words = line.words, .text = "a server said: " + line.words};
      default: break;
    }
    if (!part.sent && !part.gets) {
      return std::nullopt;
    }
    return plain_event(line, part);
  }

  // What is not about one recipient.
  std::optional<TraceEvent> plain_event(const TraceLine& line, const Part& part) {
    switch (line.kind) {
      case Kind::client: return accepted_event(line, part);
      case Kind::pickup:
        return TraceEvent{.stage = "accepted",
                          .text = fmt::format("handed in on this server{}",
                                              part.sent ? " by " + name_of(line.from) : "")};
      case Kind::message_id:
        return TraceEvent{.stage = "identified",
                          .text = line.message_id.empty() ? "it has no Message-ID"
                                                          : "its Message-ID is " + line.message_id};
      case Kind::queued:
        return TraceEvent{
            .stage = "queued",
            .text = fmt::format("queued: {} bytes from {}", line.size, name_of(line.from))};
      case Kind::cancelled:
        ended_[line.queue_id] = "given_up";
        return TraceEvent{.stage = "given_up",
                          .text = "the client left before it had sent the message"};
      case Kind::returned:
        ended_[line.queue_id] = "bounced";
        return TraceEvent{.stage = "returned",
                          .words = line.status,
                          .text = line.status == "force-expired"
                                      ? "given back to its sender, as an administrator asked"
                                      : "given back to its sender, since it waited too long"};
      case Kind::notified:
        told_ = told_ || line.words.starts_with("sender non-delivery");
        return TraceEvent{
            .stage = "notified",
            .words = line.words,
            .text = fmt::format("a report was made ({}): {}", line.words, line.other_id)};
      case Kind::held: return by_hand(line, "held", "held in the queue by an administrator");
      case Kind::released: return by_hand(line, "released", "released by an administrator");
      case Kind::expired:
        return TraceEvent{.stage = "expired",
                          .text = "an administrator gave it up: its sender will be told"};
      case Kind::deleted:
        ended_[line.queue_id] = "deleted";
        return TraceEvent{.stage = "deleted", .text = "deleted from the queue by an administrator"};
      case Kind::requeued: return TraceEvent{.stage = "requeued", .text = "queued again"};
      case Kind::removed:
        return TraceEvent{.stage = "removed", .text = "done with: it left the queue"};
      default: return std::nullopt;
    }
  }

  TraceEvent by_hand(const TraceLine& line, const char* stage, const char* words) {
    ended_[line.queue_id] = stage == std::string_view("held") ? "held" : "";
    return {.stage = stage, .text = words};
  }

  static std::string name_of(const std::string& address) {
    return address.empty() ? "<> (a report)" : address;
  }

  TraceEvent accepted_event(const TraceLine& line, const Part& part) const {
    TraceEvent event{.stage = "accepted", .peer = line.peer};
    event.text = "accepted from " + line.peer;
    // Others see it neither in the message.
    if (part.sent && !line.login.empty()) {
      event.login = line.login;
      event.text += ", logged in as " + line.login;
    }
    return event;
  }

  std::optional<TraceEvent> refusal_event(const TraceLine& line, const Part& part) {
    const bool sent =
        reader_.all || is_own_login(line.login) || (part.sent && !line.queue_id.empty());
    if (!sent && !is_own(line.to)) {
      return std::nullopt;
    }
    if (!line.unclear) {
      fates_[line.to] = {.status = "refused", .words = line.words, .folder = {}, .refused = true};
      refused_from_ = line.from;
    } else {
      fates_[""] = {.status = "refused", .words = line.words, .folder = {}, .refused = true};
    }
    TraceEvent event{.stage = line.kind == Kind::checked ? "checked" : "refused",
                     .address = line.to,
                     .peer = line.peer,
                     .words = line.words};
    if (sent) {
      event.login = line.login;
    }
    event.text = fmt::format("refused at {}, from {}: {}", line.status, line.peer, line.words);
    return event;
  }

  std::optional<TraceEvent> delivery_event(const TraceLine& line, const Part& part) {
    if (!part.sent && !gets(line)) {
      return std::nullopt;
    }
    const bool masked = !part.sent && !is_own_end(line.to);
    const bool forward = is_forward(line);
    const std::string& address = (masked || forward) && !line.via.empty() ? line.via : line.to;
    TraceEvent event{.address = address,
                     .via = address == line.via ? "" : line.via,
                     .peer = masked ? "" : line.peer,
                     .dsn = line.dsn,
                     .words = masked ? "" : line.words};
    if (forward && line.status == "sent") {
      event.stage = "forwarded";
      event.text = fmt::format("the alias {} sends it on", address);
      return event;
    }
    event.stage = line.status == "sent" ? "delivered" : line.status;
    const std::string to =
        event.via.empty() ? address : fmt::format("{} (by {})", address, event.via);
    if (line.status == "sent") {
      event.text = fmt::format("delivered to {}", to);
    } else if (line.status == "deferred") {
      event.text = fmt::format("not delivered to {} yet: {}", to, event.words);
    } else {
      event.text = fmt::format("not delivered to {}: {}", to, event.words);
    }
    if (!part.report) {
      Fate& fate = fates_[address];
      fate.status = line.status;
      fate.words = event.words;
      part_of_fate_[address] = line.queue_id;
    }
    return event;
  }

  std::optional<TraceEvent> filed_event(const TraceLine& line) {
    const std::string* id = part_of(line);
    const Part* part = id == nullptr ? nullptr : &parts_.at(*id);
    // What a person's Sieve script does is for that person, not for who wrote.
    if (part == nullptr || !is_own_end(line.to)) {
      return std::nullopt;
    }
    TraceEvent event{.stage = "filed", .queue_id = *id, .address = line.to};
    const auto action = filed_action(line, part->message_id);
    event.words = action.value_or("");
    event.folder = folder_of(event.words);
    if (!event.folder.empty()) {
      event.text = fmt::format("filed in {} of {}", event.folder, line.to);
      if (!part->report) {
        fates_[line.to].folder = event.folder;
      }
    } else {
      event.text = fmt::format("the mailbox {} did with it: {}", line.to,
                               event.words.empty() ? "not known" : event.words);
    }
    return event;
  }

  static std::string folder_of(std::string_view action) {
    constexpr std::string_view kSaved = "saved mail to ";
    constexpr std::string_view kStored = "stored mail into mailbox '";
    if (action.starts_with(kSaved)) {
      return std::string(action.substr(kSaved.size()));
    }
    for (const std::string_view before : {"", "fileinto action: ", "keep action: "}) {
      if (action.starts_with(before) && action.substr(before.size()).starts_with(kStored) &&
          action.ends_with('\'')) {
        action.remove_prefix(before.size() + kStored.size());
        return std::string(action.substr(0, action.size() - 1));
      }
    }
    return {};
  }

  // The ids and the envelope, of parts that the reader sees.
  void add_heads() {
    std::set<std::string> seen;
    for (const TraceLine& line : lines_) {
      const Part& part = parts_.at(line.queue_id);
      if (line.queue_id.empty() || (!part.sent && !part.gets) ||
          !seen.insert(line.queue_id).second) {
        continue;
      }
      trace_.queue_ids.push_back(line.queue_id);
      if (part.report && trace_.queue_ids.size() > 1) {
        continue;
      }
      if (trace_.message_id.empty()) {
        trace_.message_id = part.message_id;
      }
      if (trace_.sender.empty()) {
        trace_.sender = part.from;
      }
    }
    if (trace_.queue_ids.empty()) {
      trace_.sender = refused_from_;
    }
    for (const auto& [address, fate] : fates_) {
      if (!address.empty()) {
        trace_.recipients.push_back(address);
      }
    }
  }

  // A recipient of a part that was deleted, held or given back is not waiting any more.
  std::string fate_of(const std::string& address, const Fate& fate) const {
    const auto part = part_of_fate_.find(address);
    const auto end = part == part_of_fate_.end() ? ended_.end() : ended_.find(part->second);
    if (fate.status == "deferred" && end != ended_.end() && !end->second.empty()) {
      return end->second;
    }
    return fate.status == "expired" ? "bounced" : fate.status;
  }

  static std::string list_of(const std::vector<std::string>& names) {
    std::vector<std::string> some(
        names.begin(),
        names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kMostNamed)));
    return fmt::format(
        "{}{}", fmt::join(some, ", "),
        names.size() > kMostNamed ? fmt::format(" and {} more", names.size() - kMostNamed) : "");
  }

  // The sentence about the recipients that have this fate.
  std::string sentence(const std::string& status, const std::vector<std::string>& names,
                       const std::string& words) const {
    const std::string list = list_of(names);
    if (status == "sent") {
      return fmt::format("Delivered to {}.", list);
    }
    if (status == "deferred") {
      return fmt::format("Not delivered to {} yet: {}. It is tried again.", list, in_quotes(words));
    }
    if (status == "held") {
      return fmt::format("Held in the queue by an administrator; not delivered to {} yet.", list);
    }
    if (status == "deleted") {
      return fmt::format("Deleted from the queue by an administrator; not delivered to {}.", list);
    }
    if (status == "refused") {
      return fmt::format("Refused when it was offered, from {} for {}: {}.", name_of(refused_from_),
                         list, in_quotes(words));
    }
    return fmt::format("Not delivered to {}: {}.{}", list, in_quotes(words),
                       told_ ? " The sender was told." : "");
  }

  void judge() {
    std::map<std::string, std::vector<std::string>> by_fate;
    std::map<std::string, std::string> why;
    for (const auto& [address, fate] : fates_) {
      const std::string status = fate_of(address, fate);
      const std::string name = address.empty() ? "somebody" : address;
      by_fate[status].push_back(fate.folder.empty() ? name
                                                    : fmt::format("{} ({})", name, fate.folder));
      why[status] = fate.words;
    }
    if (by_fate.empty()) {
      judge_without_fates();
      return;
    }
    // What was delivered is said first.
    const auto first = by_fate.find("sent");
    if (first != by_fate.end()) {
      trace_.verdict = sentence("sent", first->second, "");
    }
    for (const auto& [status, names] : by_fate) {
      if (status != "sent") {
        trace_.verdict += trace_.verdict.empty() ? "" : " ";
        trace_.verdict += sentence(status, names, why[status]);
      }
    }
    const std::string& only = by_fate.begin()->first;
    trace_.state = "partly";
    if (by_fate.size() == 1) {
      trace_.state = only == "sent" ? "delivered" : only;
    }
  }

  bool has_event(std::string_view stage) const {
    return std::ranges::any_of(trace_.events,
                               [&](const TraceEvent& event) { return event.stage == stage; });
  }
  bool is_held() const {
    return std::ranges::any_of(ended_, [](const auto& end) { return end.second == "held"; });
  }

  void judge_without_fates() {
    if (has_event("given_up")) {
      trace_.state = "given_up";
      trace_.verdict = "Not accepted: the client left before it had sent the message.";
    } else if (has_event("deleted")) {
      trace_.state = "deleted";
      trace_.verdict = "Deleted from the queue by an administrator.";
    } else if (is_held()) {
      trace_.state = "held";
      trace_.verdict = "Held in the queue by an administrator.";
    } else if (has_event("forwarded")) {
      trace_.state = "delivered";
      trace_.verdict = "Sent on by an alias.";
    } else if (has_event("delivered")) {
      trace_.state = "delivered";
      trace_.verdict = "A report, which was delivered.";
    } else {
      trace_.state = "under_way";
      trace_.verdict = "Accepted, and not delivered yet.";
    }
  }

  const std::vector<TraceLine>& lines_;
  const TraceReader& reader_;
  std::map<std::string, Part> parts_;
  // Of deliveries by LMTP: Dovecot's session to queue id.
  std::map<std::string, std::string> sessions_;
  // How a part ended: given_up, bounced, held, deleted; empty: it goes on.
  std::map<std::string, std::string> ended_;
  std::map<std::string, Fate> fates_;
  std::map<std::string, std::string> part_of_fate_;
  std::string refused_from_;
  // A bounce was sent.
  bool told_ = false;
  MailTrace trace_;
};

}  // namespace

MailTrace make_timeline(const std::vector<TraceLine>& lines, const TraceReader& reader) {
  return Timeline(lines, reader).make();
}

}  // namespace podplay::control
