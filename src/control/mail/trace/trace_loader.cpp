// Most messages are done within minutes, so a few minutes are read first. Only one that is not done
// there is looked for in all the days that it can stay in the queue.
#include "control/mail/trace/trace_loader.hpp"

#include <algorithm>
#include <deque>
#include <map>

namespace podplay::control {
namespace {

using namespace std::chrono;
using Kind = TraceLine::Kind;

// maximal_queue_lifetime, and a day for the clock and the report.
constexpr hours kLongestWay{6 * 24};
constexpr minutes kShortWay{15};
// Between two parts, mostly.
constexpr hours kNear{1};
// Of one queue id: a message with 500 recipients that is tried for days has more.
constexpr std::size_t kMostLines = 3000;
// Ids that are joined.
constexpr std::size_t kMostParts = 20;
constexpr std::size_t kMostSessions = 40;
// Dovecot writes before Postfix does.
constexpr minutes kBeforeReply{5};
constexpr seconds kAfterReply{5};

bool has_kind(const std::vector<TraceLine>& lines, std::initializer_list<Kind> kinds) {
  return std::ranges::any_of(lines, [&](const TraceLine& line) {
    return std::ranges::find(kinds, line.kind) != kinds.end();
  });
}

// From its first line to its last.
bool is_whole(const std::vector<TraceLine>& lines) {
  return has_kind(lines, {Kind::message_id, Kind::cancelled}) &&
         has_kind(lines, {Kind::removed, Kind::cancelled, Kind::deleted});
}

// "rpxRMx+ZCGu4AAAAmOgizg" of its second recipient's "rpxRMx+ZCGu4AAAAmOgizg:R2".
std::string base_of(const std::string& session) { return session.substr(0, session.find(':')); }

}  // namespace

logs::LogSearch TraceLoader::search_of(const std::string& log) const {
  return {
      .root = logs_, .folders = {"mail"}, .log = log, .limit = kMostLines, .deadline = deadline_};
}

Result<std::vector<TraceLine>> TraceLoader::read(const logs::LogSearch& asked) const {
  TRY(const auto found, logs::search(asked));
  std::vector<TraceLine> lines;
  for (const logs::FoundLine& one : found.lines) {
    if (auto line = read_trace_line(one.line)) {
      lines.push_back(std::move(*line));
    }
  }
  return lines;
}

Result<std::vector<TraceLine>> TraceLoader::lines_of(const std::string& queue_id,
                                                     WallTime around) const {
  std::vector<TraceLine> own;
  for (const milliseconds way : {milliseconds(kShortWay), milliseconds(kLongestWay)}) {
    logs::LogSearch asked = search_of("postfix");
    asked.order = logs::SearchOrder::oldest_first;
    asked.filter.queue_id = queue_id;
    asked.filter.since = around - way;
    asked.filter.until = around + way;
    TRY(own, read(asked));
    // A word of the line may be the id; its place says whether the line is about it.
    std::erase_if(own, [&](const TraceLine& line) {
      return line.queue_id != queue_id && line.other_id != queue_id;
    });
    if (is_whole(own)) {
      break;
    }
  }
  return own;
}

Result<std::vector<std::string>> TraceLoader::ids_of(const std::string& message_id, WallTime since,
                                                     WallTime until) const {
  std::vector<std::string> ids;
  if (message_id.empty() || message_id.size() > logs::kLongestFilterText) {
    return ids;
  }
  logs::LogSearch asked = search_of("postfix");
  asked.filter.message_id = message_id;
  asked.filter.since = since;
  asked.filter.until = until;
  asked.limit = 100;
  TRY(const auto lines, read(asked));
  for (const TraceLine& line : lines) {
    if (line.kind == Kind::message_id && line.message_id == message_id) {
      ids.push_back(line.queue_id);
    }
  }
  return ids;
}

Status TraceLoader::add_filings(std::vector<TraceLine>& lines) const {
  // Session to the time of its reply.
  std::map<std::string, std::string> sessions;
  for (const TraceLine& line : lines) {
    const std::string session = base_of(delivery_session(line));
    if (line.kind == Kind::delivery && !session.empty() && sessions.size() < kMostSessions) {
      sessions.emplace(session, line.time);
    }
  }
  for (const auto& [session, time] : sessions) {
    const auto replied = parse_rfc3339(time);
    if (!replied) {
      continue;
    }
    logs::LogSearch asked = search_of("dovecot");
    asked.filter.text = session;
    asked.filter.since = *replied - kBeforeReply;
    asked.filter.until = *replied + kAfterReply;
    TRY(auto filed, read(asked));
    std::erase_if(filed, [&](const TraceLine& line) {
      return line.kind != Kind::filed || base_of(line.session) != session;
    });
    // The newest came first.
    lines.insert(lines.end(), filed.rbegin(), filed.rend());
  }
  return {};
}

Result<std::vector<TraceLine>> TraceLoader::load(const std::string& queue_id,
                                                 WallTime around) const {
  std::vector<TraceLine> lines;
  std::deque<std::string> waiting{queue_id};
  std::set<std::string> seen{queue_id};
  std::set<std::string> message_ids;
  const auto add = [&](const std::string& id) {
    if (!id.empty() && seen.size() < kMostParts && seen.insert(id).second) {
      waiting.push_back(id);
    }
  };
  while (!waiting.empty()) {
    const std::string id = waiting.front();
    waiting.pop_front();
    TRY(auto own, lines_of(id, around));
    // Another part begins when this one is delivered.
    const milliseconds before = thorough_ ? milliseconds(kLongestWay) : milliseconds(kNear);
    const WallTime first = own.empty() ? around : parse_rfc3339(own.front().time).value_or(around);
    const WallTime last = own.empty() ? around : parse_rfc3339(own.back().time).value_or(around);
    for (TraceLine& line : own) {
      add(line.queue_id);
      add(line.other_id);
      const bool fresh =
          line.kind == Kind::message_id && message_ids.insert(line.message_id).second;
      if (fresh) {
        TRY(const auto others, ids_of(line.message_id, first - before, last + before));
        std::ranges::for_each(others, add);
      }
      // A report's line stands in the lines of both ids.
      if (line.queue_id == id) {
        lines.push_back(std::move(line));
      }
    }
  }
  TRY(add_filings(lines));
  // Lines of one millisecond stay in their order.
  std::multimap<std::string, TraceLine> by_time;
  for (TraceLine& line : lines) {
    std::string time = line.time;
    by_time.emplace(std::move(time), std::move(line));
  }
  lines.clear();
  for (auto& [time, line] : by_time) {
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace podplay::control
