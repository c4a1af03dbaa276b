// Lines are walked from the newest. The first line of a message that is met leads to all others of
// it. On later pages, a message whose newest line was walked already is left out. Lines are written
// meanwhile, so a cursor says with which line the walk began: newer ones were never walked. And
// since many lines have one time, it says which messages were met in the last millisecond.
#include "control/mail/trace/trace.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/ascii.hpp"
#include "base/numbers.hpp"
#include "control/identity/users.hpp"
#include "control/mail/directory.hpp"
#include "control/mail/trace/timeline.hpp"
#include "control/mail/trace/trace_loader.hpp"
#include "model/mail_way.hpp"
#include "store/domains.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;
using Kind = TraceLine::Kind;

// The walk ends then, and the next page goes on; a message that was begun is read to its end.
constexpr milliseconds kLongestWalk{3000};
constexpr milliseconds kLongestLoad{6000};
// Lines that are walked between two looks at the page.
constexpr std::size_t kStride = 100;
// Addresses that are looked up for one page.
constexpr std::size_t kMostLookUps = 2000;

// --- who may see what

// Answers for one request; the store is asked once for each address. Mail from before the account
// or the domain was created is that of an earlier owner of the name.
class OwnMail {
 public:
  static Result<OwnMail> of(Context& context, const Actor& actor) {
    TRY(auto read, context.store.read_together<Result<OwnMail>>([&](store::Session& session) {
      return OwnMail(context, actor).with_times(session);
    }));
    return read;
  }
  // Since when the person has the address.
  WallTime person_since() const { return person_since_; }
  // Nothing of a message from before is the actor's.
  WallTime since() const {
    WallTime first = person_since_;
    for (const auto& [name, since] : domains_since_) {
      first = std::min(first, since);
    }
    return first;
  }
  // The domains that the actor administers, each with its time of creation.
  const std::map<std::string, WallTime>& domains() const { return domains_since_; }

  // The answers from now on are about a message that came in at this time.
  void look_at(WallTime began) { began_ = began; }
  bool is_of_domains(const std::string& address) const {
    const std::size_t at = address.rfind('@');
    if (at == address.npos) {
      return false;
    }
    const auto domain = domains_since_.find(lower(address.substr(at + 1)));
    return domain != domains_since_.end() && began_ >= domain->second;
  }
  bool is_own(const std::string& address) {
    return is_of_domains(address) || (began_ >= person_since_ && is_mine(lower(address)));
  }
  bool is_own_end(const std::string& address) const {
    return is_of_domains(address) ||
           (began_ >= person_since_ && without_detail(lower(address)) == actor_.email());
  }
  bool is_own_login(const std::string& login) const {
    return is_of_domains(login) || (began_ >= person_since_ && same_word(login, actor_.email()));
  }

 private:
  OwnMail(Context& context, const Actor& actor)
      : context_(context), actor_(actor), roles_(role_names(context.settings)) {}

  Result<OwnMail> with_times(store::Session& session) {
    if (actor_.administers_all()) {
      return *this;
    }
    const auto person = store::find_user(session, actor_.user_id());
    if (!person) {
      return no_user(actor_.email());
    }
    person_since_ = person->created;
    for (const std::string& name : administered(actor_)) {
      if (const auto domain = store::find_domain(session, name)) {
        domains_since_.emplace(name, domain->created);
      }
    }
    return *this;
  }
  static std::set<std::string> administered(const Actor& actor) {
    return actor.role() == Role::domain_admin ? actor.domains() : std::set<std::string>{};
  }
  bool is_mine(const std::string& address) {
    if (address == actor_.email()) {
      return true;
    }
    const auto known = known_.find(address);
    if (known != known_.end()) {
      return known->second;
    }
    const bool mine = known_.size() < kMostLookUps && leads_here(address);
    known_.emplace(address, mine);
    return mine;
  }
  bool leads_here(const std::string& address) {
    const auto way = context_.store.read_together<Result<MailWay>>([&](store::Session& session) {
      StoreDirectory directory(session);
      return follow_mail(directory, roles_, address);
    });
    return way && *way && (*way)->reaches(actor_.email());
  }

  Context& context_;
  const Actor& actor_;
  const RoleNames roles_;
  WallTime person_since_{};
  std::map<std::string, WallTime> domains_since_;
  WallTime began_{};
  std::map<std::string, bool> known_;
};

// --- the question

std::string bare_id(std::string_view text) {
  if (text.starts_with('<') && text.ends_with('>') && text.size() >= 2) {
    text = text.substr(1, text.size() - 2);
  }
  return std::string(text);
}

Status check(const TraceQuestion& question) {
  std::vector<Fault> faults;
  if (!question.queue_id.empty() && !is_trace_id(question.queue_id)) {
    faults.push_back(
        {.field = "queue_id",
         .code = "bad_queue_id",
         .message = fmt::format("'{}' is no queue id", question.queue_id.substr(0, 60)),
         .remedy = "use an id as Postfix's log or `podplay mail queue list` shows it"});
  }
  struct Text {
    const char* field;
    const std::string& text;
  };
  for (const Text& one : {Text{"message_id", question.message_id}, Text{"sender", question.sender},
                          Text{"recipient", question.recipient}}) {
    if (one.text.size() > logs::kLongestFilterText) {
      faults.push_back({.field = one.field,
                        .code = "too_long",
                        .message = fmt::format("{} has {} octets", one.field, one.text.size()),
                        .remedy = fmt::format("use at most {}", logs::kLongestFilterText)});
    }
  }
  return no_faults(std::move(faults));
}

// As text: "1767225600000_ID-ID_" and the cursor of the search.
struct Place {
  // Just after the line with which the walk of the first page began; until there is one, after the
  // time at which that page was asked for.
  WallTime began{};
  // Messages that were met at the time of the last line.
  std::set<std::string> met{};
  std::string search{};
};

constexpr std::size_t kMostMet = 400;

std::string to_text(const Place& place) {
  return fmt::format("{}_{}_{}", place.began.time_since_epoch().count(), fmt::join(place.met, "-"),
                     place.search);
}

Result<Place> read_place(std::string_view cursor, WallTime now) {
  if (cursor.empty()) {
    // A line of this very moment belongs to the page.
    return Place{.began = now + seconds(1)};
  }
  const auto take = [&cursor](char end) {
    const std::string_view part = cursor.substr(0, cursor.find(end));
    cursor.remove_prefix(std::min(cursor.size(), part.size() + 1));
    return part;
  };
  const auto began = parse_number<std::int64_t>(take('_'));
  std::string_view ids = take('_');
  Place place{.search = std::string(cursor)};
  bool right = began && logs::check_cursor(place.search, logs::SearchOrder::newest_first);
  while (right && !ids.empty()) {
    const std::string_view id = ids.substr(0, ids.find('-'));
    ids.remove_prefix(std::min(ids.size(), id.size() + 1));
    right = is_trace_id(id) && place.met.size() < kMostMet;
    place.met.emplace(id);
  }
  if (!right) {
    return fail_faults({{.field = "cursor",
                         .code = "bad_cursor",
                         .message = "the cursor is not one of this list",
                         .remedy = "use `next` of the page before"}});
  }
  place.began = WallTime(milliseconds(*began));
  return place;
}

bool names(const TraceLine& line, const std::string& address) {
  return same_word(line.from, address) || same_word(line.to, address) ||
         same_word(line.via, address) || same_word(line.login, address);
}

// --- one walk through the log

class Walk {
 public:
  Walk(Context& context, const Actor& actor, OwnMail own, const TraceQuestion& question,
       Place place)
      : question_(question),
        place_(std::move(place)),
        loader_(context.paths.logs, steady_clock::now() + kLongestLoad,
                !question.queue_id.empty() || !question.message_id.empty()),
        all_(actor.administers_all()),
        own_(std::move(own)),
        wanted_(wanted_address(actor)) {
    reader_ = {
        .all = all_,
        .is_own = [this](const std::string& address) { return own_.is_own(address); },
        .is_own_end = [this](const std::string& address) { return own_.is_own_end(address); },
        .is_own_alias = [this](const std::string& alias) { return own_.is_of_domains(alias); },
        .is_own_login = [this](const std::string& login) { return own_.is_own_login(login); }};
    one_domain_ = !reader_.all && wanted_.empty() && own_.domains().size() == 1
                      ? own_.domains().begin()->first
                      : "";
  }

  Result<TracePage> go() {
    TracePage page;
    std::string cursor = place_.search;
    for (;;) {
      logs::LogSearch asked = seeds();
      asked.cursor = cursor;
      TRY(const auto found, logs::search(asked));
      if (cursor.empty() && !found.lines.empty()) {
        begin_at(found.lines.front().line);
      }
      std::size_t walked = 0;
      while (walked < found.lines.size() && !is_full(page) && (walked == 0 || !is_late())) {
        TRY(take(found.lines[walked], page));
        ++walked;
      }
      if (walked == found.lines.size()) {
        cursor = found.cursor;
        if (!found.more) {
          return page;
        }
      } else if (walked > 0) {
        // The place behind the last line that was walked.
        asked.limit = walked;
        TRY(const auto part, logs::search(asked));
        cursor = part.cursor;
      }
      if (is_full(page) || found.cut || is_late()) {
        page.next = to_text({.began = place_.began, .met = met_, .search = cursor});
        return page;
      }
    }
  }

 private:
  // The newest line that the walk of the first page meets.
  void begin_at(const logs::LogLine& newest) {
    if (const auto time = parse_rfc3339(newest.time)) {
      place_.began = std::min(place_.began, *time + milliseconds(1));
    }
  }
  bool is_first_page() const { return place_.search.empty(); }
  bool is_late() const { return steady_clock::now() >= late_; }
  bool is_full(const TracePage& page) const {
    return page.traces.size() >= static_cast<std::size_t>(question_.limit);
  }

  // Somebody who administers nothing.
  bool is_only_a_person() const { return !all_ && own_.domains().empty(); }

  // The address that lines must have; of a person who asks for nothing, the own one.
  std::string wanted_address(const Actor& actor) const {
    if (!question_.recipient.empty()) {
      return lower(question_.recipient);
    }
    if (!question_.sender.empty()) {
      return lower(question_.sender);
    }
    const bool by_id = !question_.queue_id.empty() || !question_.message_id.empty();
    return is_only_a_person() && !by_id ? actor.email() : "";
  }

  logs::LogSearch seeds() const {
    logs::LogSearch asked = loader_.search_of("postfix");
    asked.limit = kStride;
    asked.deadline = late_;
    asked.filter.queue_id = question_.queue_id;
    asked.filter.message_id = bare_id(question_.message_id);
    asked.filter.address = wanted_;
    if (!one_domain_.empty()) {
      asked.filter.text = "@" + one_domain_;
      asked.filter.ignore_case = true;
    }
    asked.filter.since = question_.since;
    if (is_only_a_person()) {
      asked.filter.since = std::max(question_.since.value_or(WallTime{}), own_.person_since());
    }
    asked.filter.until = std::min(question_.until.value_or(place_.began), place_.began);
    return asked;
  }

  // Whether the walk meets this line.
  bool is_seed(const TraceLine& line) const {
    // The agent's own probes have no other lines.
    const bool begins = line.kind == Kind::client || line.kind == Kind::cancelled;
    if (begins && wanted_.empty() && question_.queue_id.empty()) {
      return false;
    }
    const bool right_id = question_.queue_id.empty() || line.queue_id == question_.queue_id;
    const bool right_message =
        question_.message_id.empty() ||
        (line.kind == Kind::message_id && line.message_id == bare_id(question_.message_id));
    return right_id && right_message && (wanted_.empty() || names(line, wanted_));
  }

  Status take(const logs::FoundLine& found, TracePage& page) {
    const auto line = read_trace_line(found.line);
    if (!line || !is_seed(*line)) {
      return {};
    }
    if (line->queue_id.empty()) {
      add({*line}, page);
      return {};
    }
    if (line->time != met_time_) {
      met_.clear();
      met_time_ = line->time;
    }
    if (!seen_.contains(line->queue_id)) {
      TRY(meet(*line, page));
    }
    const auto& ids = messages_.at(seen_.at(line->queue_id));
    if (met_.size() + ids.size() < kMostMet) {
      met_.insert(ids.begin(), ids.end());
    }
    return {};
  }

  // The first line of a message that the walk comes to.
  Status meet(const TraceLine& line, TracePage& page) {
    std::set<std::string> ids{line.queue_id};
    const auto around = parse_rfc3339(line.time);
    // On the page before, in the same millisecond.
    bool was_walked = place_.met.contains(line.queue_id) || !around;
    // A line that was written since this walk began is no sign of an earlier one.
    const bool may_be_walked = !is_first_page();
    std::vector<TraceLine> lines;
    if (!was_walked) {
      TRY(lines, loader_.load(line.queue_id, *around));
    }
    for (const TraceLine& one : lines) {
      if (!one.queue_id.empty()) {
        ids.insert(one.queue_id);
      }
      was_walked =
          was_walked || (may_be_walked && one.time > line.time && one.time < began_text() &&
                         is_seed(one) && is_before(one, question_.until));
    }
    for (const std::string& id : ids) {
      seen_.emplace(id, messages_.size());
    }
    messages_.push_back(std::move(ids));
    if (!was_walked) {
      add(lines, page);
    }
    return {};
  }

  static WallTime time_of(const TraceLine& line) {
    return parse_rfc3339(line.time).value_or(WallTime{});
  }

  // Of the parts with one Message-ID, some may be older than all that the reader may see.
  void leave_out_earlier(std::vector<TraceLine>& lines) const {
    const std::string since = to_rfc3339(own_.since());
    std::set<std::string> earlier;
    for (const TraceLine& line : lines) {
      if (line.time < since && !line.queue_id.empty()) {
        earlier.insert(line.queue_id);
      }
    }
    std::erase_if(lines, [&](const TraceLine& line) {
      return line.time < since || earlier.contains(line.queue_id);
    });
  }

  std::string began_text() const { return to_rfc3339(place_.began); }
  static bool is_before(const TraceLine& line, const std::optional<WallTime>& until) {
    return !until || line.time < to_rfc3339(*until);
  }

  void add(std::vector<TraceLine> lines, TracePage& page) {
    if (!all_) {
      leave_out_earlier(lines);
    }
    own_.look_at(lines.empty() ? WallTime{} : time_of(lines.front()));
    wire::MailTrace trace = make_timeline(lines, reader_);
    if (trace.events.empty() || !is_asked_for(trace)) {
      return;
    }
    page.traces.push_back(std::move(trace));
  }

  // As the reader sees it: nobody finds out by asking what is not shown.
  bool is_asked_for(const wire::MailTrace& trace) const {
    if (!question_.sender.empty() && !same_word(trace.sender, question_.sender)) {
      return false;
    }
    if (question_.recipient.empty()) {
      return true;
    }
    return std::ranges::any_of(trace.events, [&](const wire::TraceEvent& event) {
      return same_word(event.address, question_.recipient) ||
             same_word(event.via, question_.recipient);
    });
  }

  const TraceQuestion& question_;
  Place place_;
  const steady_clock::time_point late_ = steady_clock::now() + kLongestWalk;
  const TraceLoader loader_;
  // Everything is the actor's to see.
  const bool all_;
  OwnMail own_;
  const std::string wanted_;
  TraceReader reader_;
  // Of a domain administrator of one domain who asks for nothing else.
  std::string one_domain_;
  // The queue ids of each message that was met, and each id's message.
  std::vector<std::set<std::string>> messages_;
  std::map<std::string, std::size_t> seen_;
  // Of the messages that were met at this time.
  std::string met_time_;
  std::set<std::string> met_;
};

}  // namespace

Result<TracePage> trace_mail(Context& context, const Actor& actor, const TraceQuestion& question) {
  TRY(check(question));
  TRY(auto place, read_place(question.cursor, context.clock.now()));
  TRY(auto own, OwnMail::of(context, actor));
  return Walk(context, actor, std::move(own), question, std::move(place)).go();
}

}  // namespace podplay::control
