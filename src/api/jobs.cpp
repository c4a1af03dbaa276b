// Jobs come newest first. A filter that names nothing is a fault, not an empty page.
#include "api/jobs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "api/answers.hpp"
#include "control/jobs/jobs.hpp"
#include "control/jobs/kinds.hpp"
#include "wire/jobs.hpp"

namespace podplay::api {
namespace {

Result<store::JobFilter> read_filter(const Request& request) {
  store::JobFilter filter{.kind = read_text(request, "kind"), .state = std::nullopt};
  std::vector<Fault> faults;
  const auto kinds = control::job_kinds();
  const auto is_named = [&](const control::JobKind& kind) { return kind.name == filter.kind; };
  if (!filter.kind.empty() && std::ranges::none_of(kinds, is_named)) {
    std::vector<std::string_view> names;
    for (const control::JobKind& kind : kinds) {
      names.push_back(kind.name);
    }
    faults.push_back(
        {.field = "kind",
         .code = "unknown_kind",
         .message = fmt::format("there are no jobs of the kind '{}'", filter.kind.substr(0, 40)),
         .remedy = fmt::format("use one of: {}", fmt::join(names, ", "))});
  }
  if (const std::string state = read_text(request, "state"); !state.empty()) {
    filter.state = parse_job_state(state);
    if (!filter.state) {
      faults.push_back({.field = "state",
                        .code = "unknown_state",
                        .message = fmt::format("no job is in the state '{}'", state.substr(0, 40)),
                        .remedy = "use one of: waiting, running, done, failed"});
    }
  }
  TRY(no_faults(std::move(faults)));
  return filter;
}

}  // namespace

Result<Answer> list_jobs(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
  TRY(const auto filter, read_filter(request));
  TRY(const auto jobs, control::list_jobs(context, filter, page.after, page.limit));
  return page_answer<Job>(
      jobs, page, [](const Job& job) { return wire::to_json(job); },
      [](const Job& job) { return job.id; });
}

Result<Answer> get_job(control::Context& context, Request& request) {
  TRY(const auto found, control::get_job(context, request.actor, request.parameter,
                                         std::chrono::seconds(request.wait)));
  return Answer{.body = wire::to_json(found.job, found.steps)};
}

Result<Answer> run_job(control::Context& context, Request& request) {
  TRY(const auto found, control::run_job(context, request.actor, request.parameter));
  return Answer{.body = wire::to_json(found.job, found.steps)};
}

}  // namespace podplay::api
