// /api/jobs: what the control plane does in the background, and when.
#include "control/jobs/jobs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "api/handlers.hpp"
#include "control/jobs/kinds.hpp"
#include "wire/jobs.hpp"

namespace podplay::api {
namespace {

std::string query_text(const Request& request, const char* name) {
  const auto found = request.http.query.find(name);
  return found == request.http.query.end() ? std::string() : found->second;
}

Result<store::JobFilter> read_filter(const Request& request) {
  store::JobFilter filter{.kind = query_text(request, "kind"), .state = std::nullopt};
  std::vector<Fault> faults;
  const auto kinds = control::job_kinds();
  const auto is_named = [&](const control::JobKind& kind) { return kind.name == filter.kind; };
  if (!filter.kind.empty() && std::ranges::none_of(kinds, is_named)) {
    std::vector<std::string_view> names;
    for (const control::JobKind& kind : kinds) {
      names.push_back(kind.name);
    }
    faults.push_back({"kind", "unknown_kind",
                      fmt::format("there are no jobs of the kind '{}'", filter.kind.substr(0, 40)),
                      fmt::format("use one of: {}", fmt::join(names, ", "))});
  }
  if (const std::string state = query_text(request, "state"); !state.empty()) {
    filter.state = parse_job_state(state);
    if (!filter.state) {
      faults.push_back({"state", "unknown_state",
                        fmt::format("no job is in the state '{}'", state.substr(0, 40)),
                        "use one of: waiting, running, done, failed"});
    }
  }
  if (!faults.empty()) {
    return fail_faults(std::move(faults));
  }
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
  TRY(const auto found,
      control::get_job(context, request.parameter, std::chrono::seconds(request.wait)));
  return Answer{200, wire::to_json(found.job, found.steps), ""};
}

Result<Answer> run_job(control::Context& context, Request& request) {
  TRY(const auto found, control::run_job(context, request.actor, request.parameter));
  return Answer{202, wire::to_json(found.job, found.steps), ""};
}

}  // namespace podplay::api
