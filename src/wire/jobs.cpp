// What a job shows to people and programs; its lease is the runner's own business.
#include "wire/jobs.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kJobStepFields[] = {
    {.name = "number", .type = integer, .required = true, .help = "From 1", .example = "1"},
    {.name = "name",
     .type = text,
     .required = true,
     .help = "What the step does",
     .example = R"("audit")"},
    {.name = "state",
     .type = text,
     .required = true,
     .help = "running, done or failed",
     .example = R"("done")"},
    {.name = "words",
     .type = text,
     .required = true,
     .help = "What came out of it, or why it failed",
     .example = R"("")"},
    {.name = "at",
     .type = text,
     .required = true,
     .help = "When it began",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "took_ms",
     .type = integer,
     .required = true,
     .help = "How long it took, in milliseconds",
     .example = "12"},
};
constexpr Shape kJobStep{
    .name = "JobStep", .help = "A part of a job's work", .fields = kJobStepFields};

constexpr FieldRow kJobFields[] = {
    {.name = "id", .type = integer, .required = true, .help = "Its number", .example = "12"},
    {.name = "kind",
     .type = text,
     .required = true,
     .help = "What it does",
     .example = R"("audit_retention")"},
    {.name = "subject",
     .type = text,
     .required = true,
     .help = "What it works on; empty when the kind needs nothing",
     .example = R"("")"},
    {.name = "state",
     .type = text,
     .required = true,
     .help = "waiting, running, done or failed",
     .example = R"("waiting")"},
    {.name = "due",
     .type = text,
     .required = true,
     .help = "The job begins no earlier; null: at once",
     .example = R"("2026-01-01T00:00:00Z")",
     .nullable = true},
    {.name = "attempts",
     .type = integer,
     .required = true,
     .help = "How many attempts were begun",
     .example = "1"},
    {.name = "last_error",
     .type = text,
     .required = true,
     .help = "Why the last attempt failed; empty when none did",
     .example = R"("")"},
    {.name = "progress", .type = integer, .required = true, .help = "Percent", .example = "100"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When it was added",
     .example = R"("2026-01-01T00:00:00Z")",
     .nullable = true},
    {.name = "started",
     .type = text,
     .required = true,
     .help = "When the last attempt began; null: none did",
     .example = R"("2026-01-01T00:00:00Z")",
     .nullable = true},
    {.name = "finished",
     .type = text,
     .required = true,
     .help = "When it ended; null: it has not",
     .example = R"("2026-01-01T00:00:00Z")",
     .nullable = true},
    {.name = "request_id",
     .type = text,
     .required = true,
     .help = "X-Request-Id of the request that added it or ran it; empty: it is periodic",
     .example = R"("k7Qx")"},
    {.name = "steps",
     .type = object_list,
     .help = "The steps so far; only where one job is shown or run",
     .example = "[]",
     .of = &kJobStep},
};

}  // namespace

const Shape kJob{.name = "Job", .help = "Work in the background", .fields = kJobFields};

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
