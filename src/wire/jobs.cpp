// What a job shows to people and programs; its lease is the runner's own business.
#include "wire/jobs.hpp"

namespace podplay::wire {
namespace {

Json time_or_null(WallTime time) {
  return time == WallTime{} ? Json(nullptr) : Json(to_rfc3339(time));
}

}  // namespace

Json to_json(const Job& job) {
  return {{"id", job.id},
          {"kind", job.kind},
          {"subject", job.subject},
          {"state", to_text(job.state)},
          {"due", time_or_null(job.due)},
          {"attempts", job.attempts},
          {"last_error", job.last_error},
          {"progress", job.progress},
          {"created", time_or_null(job.created)},
          {"started", time_or_null(job.started)},
          {"finished", time_or_null(job.finished)},
          {"request_id", job.request_id}};
}

Json to_json(const Job& job, const std::vector<JobStep>& steps) {
  Json list = Json::array();
  for (const JobStep& step : steps) {
    list.push_back({{"number", step.number},
                    {"name", step.name},
                    {"state", to_text(step.state)},
                    {"words", step.words},
                    {"at", to_rfc3339(step.at)},
                    {"took_ms", step.took.count()}});
  }
  Json result = to_json(job);
  result["steps"] = std::move(list);
  return result;
}

}  // namespace podplay::wire
