// postsuper(1) reads the ids of many messages from its standard input. postqueue(1) takes one at a
// time, so a retry of very many messages ends at a deadline and says that there are more.
#include "daemons/mail_queue.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <map>

#include "base/json_text.hpp"
#include "daemons/queue_reading.hpp"

namespace podplay::daemons {
namespace {

using namespace std::chrono;
using Json = nlohmann::json;

constexpr std::size_t kMostListed = 500;
constexpr std::size_t kMostTouched = 10000;
// Messages that an action shows with their addresses.
constexpr std::size_t kMostShown = 100;
// For what postqueue is asked message by message.
constexpr seconds kTrying{12};

using Place = std::pair<std::int64_t, std::string>;

Place place_of(const Json& message) {
  const auto arrival = message.find("arrival_time");
  const bool known = arrival != message.end() && arrival->is_number_integer();
  return {known ? arrival->get<std::int64_t>() : 0, message.value("queue_id", std::string())};
}

struct Action {
  std::string_view name;
  // Of postsuper(1); empty: it is not called.
  std::string_view option{};
  // The states of messages that it is for; empty: any.
  std::vector<std::string_view> states{};
  // The message is tried at once.
  bool tries = false;
};

const Action* find_action(std::string_view name) {
  static const Action kActions[] = {
      {.name = "retry", .states = {"deferred"}, .tries = true},
      {.name = "hold", .option = "-h", .states = {"deferred", "active", "incoming"}},
      {.name = "release", .option = "-H", .states = {"hold"}},
      {.name = "delete", .option = "-d"},
      // Expires it, and releases it from hold; qmgr(8) then returns it at its next try.
      {.name = "bounce", .option = "-f", .tries = true},
  };
  for (const Action& action : kActions) {
    if (action.name == name) {
      return &action;
    }
  }
  return nullptr;
}

bool is_for(const Action& action, const Json& message) {
  const std::string state = message.value("queue_name", std::string());
  return action.states.empty() || std::ranges::find(action.states, state) != action.states.end();
}

// What one action found: the oldest messages that it is for.
struct Chosen {
  std::map<Place, Json> messages;
  bool more = false;
};

Result<Chosen> choose(Runner& runner, const QueuePrograms& programs, const QueueFilter& filter,
                      const Action& action) {
  Chosen chosen;
  TRY(read_queue(runner, programs.list, [&](Json&& message) {
    if (!is_for(action, message) || !filter.takes(message)) {
      return;
    }
    // A try harms nobody.
    if (action.name != "retry" && !filter.is_theirs(message)) {
      return;
    }
    filter.hide_others(message);
    const Place place = place_of(message);
    // Only what is shown needs its addresses.
    chosen.messages.emplace(place, std::move(message));
    if (chosen.messages.size() > kMostTouched) {
      chosen.messages.erase(std::prev(chosen.messages.end()));
      chosen.more = true;
    }
  }));
  return chosen;
}

// Whether the message is as the action leaves it; it is in the queue.
bool is_done(const Action& action, const Json& message) {
  const std::string state = message.value("queue_name", std::string());
  if (action.name == "delete") {
    return false;
  }
  if (action.name == "hold") {
    return state == "hold";
  }
  if (action.name == "release") {
    return state != "hold";
  }
  if (action.name == "bounce") {
    return state != "hold" && message.value("forced_expire", false);
  }
  return true;
}

// Asks the queue again.
Status prove(Runner& runner, const QueuePrograms& programs, const Action& action,
             const std::vector<std::string>& ids) {
  const QueueFilter touched{.queue_ids = {ids.begin(), ids.end()}};
  std::vector<std::string> left;
  TRY(read_queue(runner, programs.list, [&](Json&& message) {
    if (touched.takes(message) && !is_done(action, message)) {
      left.push_back(message.value("queue_id", std::string()));
    }
  }));
  if (left.empty()) {
    return {};
  }
  const std::size_t count = left.size();
  left.resize(std::min<std::size_t>(count, 10));
  return fail(ErrorKind::refused, "queue_unchanged",
              fmt::format("after '{}', {} of {} messages are not as they should be, such as {}",
                          action.name, count, ids.size(), fmt::join(left, ", ")),
              "look at the log of postfix, and try again");
}

// Has the messages tried now. Returns how many were; the others wait for their next turn.
Result<std::size_t> try_now(Runner& runner, const QueuePrograms& programs,
                            const std::vector<std::string>& ids) {
  const auto deadline = steady_clock::now() + kTrying;
  std::size_t tried = 0;
  for (const std::string& id : ids) {
    if (steady_clock::now() >= deadline) {
      break;
    }
    // Fails when the message has left the queue meanwhile.
    TRY(const auto outcome, runner.run({{programs.postqueue, "-i", id}}));
    static_cast<void>(outcome);
    ++tried;
  }
  return tried;
}

Json shown_messages(const Chosen& chosen, std::size_t most) {
  Json messages = Json::array();
  for (const auto& [place, message] : chosen.messages) {
    if (messages.size() == most) {
      break;
    }
    messages.push_back(message);
  }
  return messages;
}

}  // namespace

Result<std::string> list_queue(Runner& runner, const Json& arguments,
                               const QueuePrograms& programs) {
  const QueueFilter filter = QueueFilter::from_json(arguments.value("filter", Json::object()));
  const Json after = arguments.value("after", Json::object());
  const Place begin = after.empty() ? Place{-1, ""} : place_of(after);
  const auto limit = std::min<std::size_t>(arguments.value("limit", std::size_t{50}), kMostListed);
  std::map<Place, Json> page;
  std::size_t matched = 0;
  bool truncated = false;
  TRY(read_queue(runner, programs.list, [&](Json&& message) {
    if (!filter.takes(message)) {
      return;
    }
    ++matched;
    const Place place = place_of(message);
    const bool full = page.size() == limit;
    if (place <= begin) {
      return;
    }
    truncated = truncated || full;
    if (full && (limit == 0 || place > std::prev(page.end())->first)) {
      return;
    }
    filter.hide_others(message);
    page.emplace(place, std::move(message));
    if (page.size() > limit) {
      page.erase(std::prev(page.end()));
    }
  }));
  Json messages = Json::array();
  for (auto& [place, message] : page) {
    messages.push_back(std::move(message));
  }
  return json_text(
      Json{{"messages", std::move(messages)}, {"matched", matched}, {"truncated", truncated}});
}

Result<std::string> act_on_queue(Runner& runner, const Json& arguments,
                                 const QueuePrograms& programs) {
  const Action* action = find_action(arguments.value("action", std::string()));
  if (action == nullptr) {
    return fail(ErrorKind::invalid, "bad_message", "an action on the queue needs its name");
  }
  const QueueFilter filter = QueueFilter::from_json(arguments.value("filter", Json::object()));
  TRY(Chosen chosen, choose(runner, programs, filter, *action));
  std::vector<std::string> ids;
  std::string lines;
  for (const auto& [place, message] : chosen.messages) {
    ids.push_back(place.second);
    lines += place.second + "\n";
  }
  if (!arguments.value("dry_run", false) && !ids.empty()) {
    if (!action->option.empty()) {
      TRY(run_or_fail(runner, {{programs.postsuper, std::string(action->option), "-"}, lines}));
    }
    if (action->tries) {
      TRY(const std::size_t tried, try_now(runner, programs, ids));
      // What was expired is returned at its next turn anyway.
      if (action->option.empty() && tried < ids.size()) {
        ids.resize(tried);
        chosen.more = true;
      }
    }
    TRY(prove(runner, programs, *action, ids));
  }
  return json_text(Json{{"count", ids.size()},
                        {"queue_ids", ids},
                        {"messages", shown_messages(chosen, std::min(kMostShown, ids.size()))},
                        {"more", chosen.more}});
}

}  // namespace podplay::daemons
