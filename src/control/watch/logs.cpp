// A follower looks at the files' sizes many times a second, and reads only when one has changed.
#include "control/watch/logs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "control/watch/log_view.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;

constexpr auto kLongestSearch = 2s;
// How soon a follower sees a line.
constexpr auto kLook = 40ms;
constexpr std::size_t kMostFollowed = 500;

Status check_question(const Context& context, const LogQuestion& question) {
  std::vector<Fault> faults;
  const std::string& service = question.service;
  if (!service.empty() && std::ranges::find(kLogFolders, service) == kLogFolders.end()) {
    faults.push_back({.field = "service",
                      .code = "unknown_service",
                      .message = fmt::format("'{}' has no logs", service.substr(0, 40)),
                      .remedy = fmt::format("use one of: {}", fmt::join(kLogFolders, ", "))});
  }
  constexpr std::string_view kNameOctets = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  if (question.log.find_first_not_of(kNameOctets) != std::string::npos) {
    faults.push_back(
        {.field = "log",
         .code = "bad_log",
         .message = fmt::format("'{}' is not the name of a log", question.log.substr(0, 40)),
         .remedy = "leave it out to see all logs of the service"});
  }
  const std::string here = context.settings.text("PODPLAY_HOST_ID");
  if (!question.host.empty() && question.host != here) {
    faults.push_back({.field = "host",
                      .code = "other_host",
                      .message = fmt::format("the logs of '{}' are on that machine",
                                             question.host.substr(0, 40)),
                      .remedy = fmt::format("leave it out, or use {}", here)});
  }
  return no_faults(std::move(faults));
}

// The search that answers the question for this actor.
logs::LogSearch plan_search(const Context& context, const Actor& actor,
                            const LogQuestion& question) {
  logs::LogSearch search{.root = context.paths.logs,
                         .folders = {},
                         .log = question.log,
                         .filter = question.filter,
                         .order = question.order,
                         .limit = question.lines,
                         .cursor = question.cursor,
                         .deadline = std::chrono::steady_clock::now() + kLongestSearch};
  for (const std::string_view folder : kLogFolders) {
    if (question.service.empty() || folder == question.service) {
      search.folders.emplace_back(folder);
    }
  }
  if (!actor.administers_all()) {
    search.filter.view = [domains = actor.domains()](std::string_view line) {
      return view_of_domains(line, domains);
    };
  }
  return search;
}

Status may_read_logs(const Actor& actor) { return actor.may_use(Permission::domain_admin); }

}  // namespace

Result<logs::FoundLines> search_logs(Context& context, const Actor& actor, LogQuestion question) {
  TRY(may_read_logs(actor));
  TRY(check_question(context, question));
  return logs::search(plan_search(context, actor, question));
}

Result<LogFollower> LogFollower::begin(Context& context, const Actor& actor, LogQuestion question) {
  TRY(may_read_logs(actor));
  TRY(check_question(context, question));
  // A pattern that cannot be used is refused before anything is sent.
  TRY(logs::Matcher::make(question.filter));
  question.order = logs::SearchOrder::oldest_first;
  const logs::LogSearch all = plan_search(context, actor, question);
  if (question.cursor.empty()) {
    TRY(question.cursor, logs::end_of_logs(all));
  } else {
    TRY(logs::check_cursor(question.cursor, question.order));
  }
  std::vector<std::string> folders;
  for (const std::string& folder : all.folders) {
    folders.push_back(all.root + "/" + folder);
  }
  return LogFollower(context, std::move(question), logs::LogWatch(std::move(folders), all.log));
}

Result<logs::FoundLines> LogFollower::lines_before(const Actor& actor) {
  LogQuestion before = question_;
  before.order = logs::SearchOrder::newest_first;
  before.cursor = logs::backwards_from(question_.cursor);
  TRY(auto found, search_logs(*context_, actor, std::move(before)));
  std::ranges::reverse(found.lines);
  found.cursor = question_.cursor;
  return found;
}

Result<logs::FoundLines> LogFollower::next(const Actor& actor, std::chrono::milliseconds longest) {
  const auto until = std::chrono::steady_clock::now() + longest;
  LogQuestion question = question_;
  question.lines = kMostFollowed;
  for (;;) {
    if (watch_.changed() || more_) {
      TRY(auto found, search_logs(*context_, actor, question));
      more_ = found.more || !found.lines.empty();
      if (!found.lines.empty()) {
        return found;
      }
      // Lines that others see are passed once.
      question_.cursor = question.cursor = found.cursor;
    }
    if (std::chrono::steady_clock::now() >= until || context_->hub.closed()) {
      return logs::FoundLines{.lines = {}, .cursor = question_.cursor};
    }
    context_->clock.sleep(kLook);
  }
}

}  // namespace podplay::control
