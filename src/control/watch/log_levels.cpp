// A change is one row, one revision and one audit event. The job that ends it is added in the same
// transaction, so none is forgotten.
#include "control/watch/log_levels.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "control/jobs/jobs.hpp"
#include "control/jobs/run.hpp"
#include "store/log_levels.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr seconds kUsualTime = minutes{15};
constexpr seconds kLongestTime = hours{24};
constexpr std::string_view kAll = "all";

const LogComponent* find_component(std::string_view name) {
  const auto* found = std::ranges::find(kLogComponents, name, &LogComponent::name);
  return found == kLogComponents.end() ? nullptr : found;
}

std::string component_names() {
  std::vector<std::string_view> names{kAll};
  for (const LogComponent& component : kLogComponents) {
    names.push_back(component.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// The services whose snapshots have the level.
std::vector<ServiceName> services_of(std::string_view component) {
  if (component == "mail") {
    return {ServiceName::mail};
  }
  if (component == "dns") {
    return {ServiceName::bind};
  }
  if (component == "web") {
    return {ServiceName::apache};
  }
  if (component == "agent") {
    return {kServices.begin(), kServices.end()};
  }
  return {};
}

std::vector<LevelChange> changes_at(store::Session& session, WallTime now) {
  std::vector<LevelChange> changes = store::level_changes(session);
  std::erase_if(changes, [now](const LevelChange& change) { return change.until <= now; });
  return changes;
}

std::vector<LogLevelView> views(const Settings& settings, const std::vector<LevelChange>& changes) {
  std::vector<LogLevelView> list;
  for (const LogComponent& component : kLogComponents) {
    LogLevelView view{.component = std::string(component.name),
                      .setting = component.setting.text(),
                      .configured = settings.level(component.setting),
                      .level = settings.level(component.setting),
                      .until = {}};
    const auto change = std::ranges::find(changes, component.name, &LevelChange::component);
    if (change != changes.end()) {
      view.level = change->level;
      view.until = change->until;
    }
    list.push_back(std::move(view));
  }
  return list;
}

// What the audit event shows: {"mail": "DEBUG"}.
nlohmann::json levels_of(const std::vector<LogLevelView>& list) {
  nlohmann::json levels = nlohmann::json::object();
  for (const LogLevelView& view : list) {
    levels[view.component] = level_name(view.level);
  }
  return levels;
}

struct Wanted {
  std::vector<std::string> components;
  std::optional<Level> level;
  seconds time{0};
};

Result<Wanted> parse(const LevelInput& input) {
  std::vector<Fault> faults;
  Wanted wanted;
  if (input.component == kAll) {
    for (const LogComponent& component : kLogComponents) {
      wanted.components.emplace_back(component.name);
    }
  } else if (find_component(input.component) != nullptr) {
    wanted.components.push_back(input.component);
  } else {
    faults.push_back({.field = "component",
                      .code = "unknown_component",
                      .message = fmt::format("'{}' has no log level", input.component),
                      .remedy = fmt::format("use one of: {}", component_names())});
  }
  if (!input.level.empty()) {
    const auto level = parse_level(input.level);
    if (level) {
      wanted.level = *level;
    } else {
      faults.push_back({.field = "level",
                        .code = level.error().code,
                        .message = level.error().message,
                        .remedy = level.error().remedy});
    }
  }
  wanted.time = input.seconds == 0 ? kUsualTime : seconds(input.seconds);
  if (wanted.time < 1s || wanted.time > kLongestTime) {
    faults.push_back({.field = "seconds",
                      .code = "bad_time",
                      .message = fmt::format("{} s is not possible", input.seconds),
                      .remedy = fmt::format("use 1 to {} s; for longer, set PODPLAY_..._LOG_LEVEL "
                                            "and run: podplay up",
                                            kLongestTime.count())});
  }
  if (!faults.empty()) {
    return fail_faults(std::move(faults));
  }
  return wanted;
}

void concern(Change& change, std::string_view component) {
  for (const ServiceName service : services_of(component)) {
    change.concern_files(service);
  }
}

Status use_stored(Context& context) {
  TRY(const auto changes,
      context.store.read_together<std::vector<LevelChange>>(
          [&](store::Session& session) { return changes_at(session, context.clock.now()); }));
  context.log_levels.use(changes);
  return {};
}

}  // namespace

LogLevels::LogLevels(const Settings& settings) {
  for (const LogComponent& component : kLogComponents) {
    const Level level = settings.level(component.setting);
    levels_.emplace(component.name, share_level(level));
    configured_.emplace(component.name, level);
  }
}

SharedLevel LogLevels::shared(std::string_view component) const {
  const auto found = levels_.find(component);
  return found == levels_.end() ? share_level(Level::info) : found->second;
}

void LogLevels::use(const std::vector<LevelChange>& changes) const {
  for (const auto& [component, shared] : levels_) {
    const auto change = std::ranges::find(changes, component, &LevelChange::component);
    shared->store(change == changes.end() ? configured_.at(component) : change->level);
  }
}

Level stored_level(const Settings& settings, store::Session& session, std::string_view component) {
  for (const LevelChange& change : store::level_changes(session)) {
    if (change.component == component) {
      return change.level;
    }
  }
  const LogComponent* found = find_component(component);
  return found == nullptr ? Level::info : settings.level(found->setting);
}

Result<std::vector<LogLevelView>> list_log_levels(Context& context) {
  TRY(const auto changes,
      context.store.read_together<std::vector<LevelChange>>(
          [&](store::Session& session) { return changes_at(session, context.clock.now()); }));
  return views(context.settings, changes);
}

Result<Changed<std::vector<LogLevelView>>> set_log_levels(Context& context, const Actor& actor,
                                                          const LevelInput& input,
                                                          const WriteOptions& options) {
  TRY(const Wanted wanted, parse(input));
  auto changed = make_change<std::vector<LogLevelView>>(
      context, actor, options, [&](Change& change) -> Result<std::vector<LogLevelView>> {
        store::Transaction& transaction = change.transaction();
        const auto before = views(context.settings, changes_at(transaction, change.now()));
        const WallTime until = change.now() + wanted.time;
        for (const std::string& component : wanted.components) {
          if (wanted.level) {
            store::put_level_change(
                transaction, {.component = component, .level = *wanted.level, .until = until});
          } else {
            store::delete_level_change(transaction, component);
          }
          concern(change, component);
        }
        if (wanted.level) {
          // Each time has a job of its own, so that a later change does not move an earlier end.
          add_job(context, transaction,
                  {.kind = std::string(kLevelJob),
                   .subject = fmt::format("{} {}", input.component, to_rfc3339(until)),
                   .due = until,
                   .request_id = actor.request_id()});
        }
        auto after = views(context.settings, changes_at(transaction, change.now()));
        const std::string summary =
            wanted.level ? fmt::format("log {} at level {} until {}", input.component,
                                       level_name(*wanted.level), to_rfc3339(until))
                         : fmt::format("log {} as its setting says", input.component);
        change.finish("LOG_LEVEL_CHANGED", input.component, summary,
                      difference(levels_of(before), levels_of(after)));
        return after;
      });
  if (changed && !options.dry_run) {
    context.jobs.wake();
    TRY(use_stored(context));
  }
  return changed;
}

Status recall_log_levels(Context& context) { return use_stored(context); }

Status end_log_levels(Context& context, JobRun& run) {
  std::vector<std::string> ended;
  TRY(make_change<bool>(context, Actor::system(), {}, [&](Change& change) -> Result<bool> {
    store::Transaction& transaction = change.transaction();
    ended.clear();
    for (const LevelChange& level : store::level_changes(transaction)) {
      if (level.until <= change.now()) {
        store::delete_level_change(transaction, level.component);
        concern(change, level.component);
        ended.push_back(level.component);
      }
    }
    if (ended.empty()) {
      change.leave(0);
      return false;
    }
    change.finish("LOG_LEVEL_ENDED", fmt::format("{}", fmt::join(ended, " ")),
                  fmt::format("log {} as the settings say again", fmt::join(ended, ", ")));
    return true;
  }));
  run.say(ended.empty() ? "nothing to end"
                        : fmt::format("as their settings say again: {}", fmt::join(ended, ", ")));
  return use_stored(context);
}

}  // namespace podplay::control
