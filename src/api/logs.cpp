// A stream is Server-Sent Events (HTML, section 9.2): `lines` with the id of where to go on, a
// comment when nothing was written for 15 seconds, so that no proxy cuts it and a client that has
// gone is noticed, and `end` with the reason. The login is asked again before lines are sent.
#include "api/logs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "api/query.hpp"
#include "base/json_text.hpp"
#include "control/watch/logs.hpp"

namespace podplay::api {
namespace {

using namespace std::chrono_literals;

constexpr auto kHeartbeat = 15s;
constexpr auto kLongestStream = 10min;
// How long a login that has ended may still wait for lines.
constexpr auto kTurn = 2s;
// The server sends at once what comes 20 ms after the piece before; what comes sooner, it sends
// with the next piece, which may be the heartbeat.
constexpr auto kBetweenPieces = 25ms;

Json line_json(const logs::FoundLine& found, const std::string& host) {
  Json facts = Json::object();
  for (const auto& [key, value] : found.line.facts) {
    facts[key] = value;
  }
  return {{"time", found.line.time},
          {"level", level_name(found.line.level)},
          {"log", found.log},
          {"host", host},
          {"component", found.line.component},
          {"message", found.line.message},
          {"facts", std::move(facts)}};
}

Json lines_json(const std::vector<logs::FoundLine>& lines, const std::string& host) {
  Json items = Json::array();
  for (const logs::FoundLine& line : lines) {
    items.push_back(line_json(line, host));
  }
  return items;
}

Result<std::optional<Level>> read_level(const Request& request) {
  const std::string text = read_text(request, "level");
  if (text.empty()) {
    return std::nullopt;
  }
  const auto level = parse_level(text);
  if (!level) {
    return fail_faults({{.field = "level",
                         .code = "bad_level",
                         .message = fmt::format("'{}' is no level", text.substr(0, 40)),
                         .remedy = "use ERROR, WARN, INFO, DEBUG or TRACE"}});
  }
  return *level;
}

Result<control::LogQuestion> read_question(const Request& request, bool follows) {
  control::LogQuestion question{.service = read_text(request, "service"),
                                .log = read_text(request, "log"),
                                .host = read_text(request, "host"),
                                .filter = {.component = read_text(request, "component"),
                                           .daemon = read_text(request, "daemon"),
                                           .request = read_text(request, "request"),
                                           .queue_id = read_text(request, "queue_id"),
                                           .message_id = read_text(request, "message_id"),
                                           .address = read_text(request, "address"),
                                           .user = read_text(request, "user"),
                                           .text = read_text(request, "text"),
                                           .pattern = read_text(request, "pattern")},
                                .cursor = read_text(request, "cursor")};
  std::vector<Fault> faults;
  const auto take = [&](auto read, auto& into) {
    if (read) {
      into = *read;
    } else {
      collect(faults, read.error());
    }
  };
  std::optional<bool> ignore_case;
  std::int64_t lines = 0;
  take(read_level(request), question.filter.level);
  take(read_time(request, "since"), question.filter.since);
  take(read_time(request, "until"), question.filter.until);
  take(read_flag(request, "ignore_case"), ignore_case);
  take(read_number(request, "lines", follows ? 0 : 100, follows ? 0 : 1, 1000), lines);
  TRY(no_faults(std::move(faults)));
  question.filter.ignore_case = ignore_case.value_or(false);
  question.lines = static_cast<std::size_t>(lines);
  if (read_text(request, "sort") == "time") {
    question.order = logs::SearchOrder::oldest_first;
  }
  return question;
}

std::unexpected<Error> too_many(std::string code, std::string_view what, int most) {
  Error error{.kind = ErrorKind::unavailable,
              .code = std::move(code),
              .message = fmt::format("{} {} at present, and no more are possible", most, what),
              .remedy = "ask again a little later"};
  error.retry_after = 10s;
  return std::unexpected(std::move(error));
}

// One stream. Used by the thread that sends it.
class Stream {
 public:
  Stream(control::Context& context, control::LogFollower follower, const Request& request,
         std::size_t lines_before, std::shared_ptr<void> slot)
      : context_(context),
        follower_(std::move(follower)),
        again_(request.again),
        actor_(request.actor),
        host_(context.settings.text("PODPLAY_HOST_ID")),
        lines_before_(lines_before),
        slot_(std::move(slot)) {}

  // The next events; empty: the stream has ended.
  Result<std::string> piece() {
    try {
      auto piece = next_piece();
      last_piece_ = std::chrono::steady_clock::now();
      return piece;
    } catch (const std::exception& error) {
      // The thread is the server's.
      return fail(ErrorKind::internal, "internal", error.what());
    }
  }

 private:
  Result<std::string> next_piece() {
    if (ended_) {
      return std::string();
    }
    std::this_thread::sleep_until(last_piece_ + kBetweenPieces);
    if (!begun_) {
      begun_ = true;
      return first_piece();
    }
    const auto silent_since = std::chrono::steady_clock::now();
    for (;;) {
      const auto now = std::chrono::steady_clock::now();
      if (now - started_ >= kLongestStream || context_.hub.closed()) {
        return end("again", "the stream has ended; go on from the last id");
      }
      if (now - silent_since >= kHeartbeat) {
        return std::string(":\n\n");
      }
      auto found = follower_.next(actor_, kTurn);
      auto actor = again_();
      if (!actor) {
        return end(actor.error().code, actor.error().message);
      }
      const bool same = actor->role() == actor_.role() && actor->domains() == actor_.domains();
      actor_ = std::move(*actor);
      if (!found) {
        return end(found.error().code, found.error().message);
      }
      // Lines that were read for who they were before are read again.
      if (same && !found->lines.empty()) {
        follower_.keep(*found);
        return lines_event(*found);
      }
    }
  }

  Result<std::string> first_piece() {
    // The connection stands: the client may show that.
    std::string text = "retry: 2000\n:\n\n";
    if (lines_before_ > 0) {
      TRY(const auto found, follower_.lines_before(actor_));
      text += lines_event(found);
    }
    return text;
  }

  std::string lines_event(const logs::FoundLines& found) const {
    return fmt::format("id: {}\nevent: lines\ndata: {}\n\n", found.cursor,
                       json_text(Json{{"items", lines_json(found.lines, host_)}}));
  }

  std::string end(const std::string& code, const std::string& message) {
    ended_ = true;
    return fmt::format("event: end\ndata: {}\n\n",
                       json_text(Json{{"code", code}, {"message", message}}));
  }

  control::Context& context_;
  control::LogFollower follower_;
  const std::function<Result<control::Actor>()> again_;
  control::Actor actor_;
  const std::string host_;
  const std::size_t lines_before_;
  const std::shared_ptr<void> slot_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_piece_ = started_;
  bool begun_ = false;
  bool ended_ = false;
};

Result<Answer> follow_logs(control::Context& context, Request& request) {
  TRY(auto question, read_question(request, true));
  // Of a client that lost the stream: where it was.
  const std::string last = request.http.header("Last-Event-ID");
  if (!last.empty()) {
    question.cursor = last;
    question.lines = 0;
  }
  auto slot = request.followers->take(request.actor);
  if (!slot) {
    return too_many("too_many_followers", "streams of logs are open", kMostFollowers);
  }
  const std::size_t lines = question.lines;
  TRY(auto follower, control::LogFollower::begin(context, request.actor, std::move(question)));
  auto stream =
      std::make_shared<Stream>(context, std::move(follower), request, lines, std::move(slot));
  Answer answer{.media_type = "text/event-stream"};
  answer.pieces = [stream] { return stream->piece(); };
  return answer;
}

}  // namespace

Result<Answer> get_logs(control::Context& context, Request& request) {
  TRY(const auto follow, read_flag(request, "follow"));
  const bool streams = request.http.header("Accept").find("text/event-stream") != std::string::npos;
  if (follow.value_or(streams)) {
    return follow_logs(context, request);
  }
  TRY(auto question, read_question(request, false));
  const auto slot = request.searches->take(request.actor);
  if (!slot) {
    return too_many("too_many_searches", "searches of logs are running", kMostSearches);
  }
  TRY(const auto found, control::search_logs(context, request.actor, std::move(question)));
  const std::string host = context.settings.text("PODPLAY_HOST_ID");
  return Answer{.body = {{"items", lines_json(found.lines, host)},
                         {"next", found.more ? Json(found.cursor) : Json()},
                         {"complete", !found.cut},
                         {"scanned", found.scanned}}};
}

}  // namespace podplay::api
