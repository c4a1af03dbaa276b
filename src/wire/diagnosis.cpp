// Reading takes what is there: a missing member is empty, and a severity that is not known counts
// as broken. An answer is well only when everything could be looked at.
#include "wire/diagnosis.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kFoundCauseFields[] = {
    {.name = "cause",
     .type = text,
     .required = true,
     .help = "The cause's id; docs/diagnosis.md lists them",
     .example = R"("daemon-port-taken")"},
    {.name = "severity",
     .type = text,
     .required = true,
     .help = "broken: something does not work; warning: it will not stay well",
     .example = R"("broken")"},
    {.name = "service",
     .type = text,
     .required = true,
     .help = "apache, bind, mail, api or host",
     .example = R"("mail")"},
    {.name = "host",
     .type = text,
     .required = true,
     .help = "The machine's PODPLAY_HOST_ID; empty: the whole pod",
     .example = R"("main")"},
    {.name = "subject",
     .type = text,
     .required = true,
     .help = "What is meant, such as the daemon or the domain; empty: the service",
     .example = R"("postfix")"},
    {.name = "title",
     .type = text,
     .required = true,
     .help = "The cause in one sentence",
     .example = R"("postfix does not start: another process has its port")"},
    {.name = "shown",
     .type = text_list,
     .required = true,
     .help = "Lines, values and files that show it",
     .example = R"(["tcp port 25 belongs to nc -l 25, pid 91 of the container mail"])"},
    {.name = "follows",
     .type = text_list,
     .required = true,
     .help = "What follows from it",
     .example = "[]"},
    {.name = "remedy",
     .type = text,
     .required = true,
     .help = "What to do",
     .example = R"("end that process")"},
    {.name = "runbook",
     .type = text,
     .required = true,
     .help = "The page that explains it step by step",
     .example = R"("docs/runbooks/daemons.md#daemon-port-taken")"},
};
constexpr Shape kFoundCauseShape{.name = "FoundCause",
                                 .help = "A cause that the diagnosis has found",
                                 .fields = kFoundCauseFields};

constexpr FieldRow kDiagnosisFields[] = {
    {.name = "well",
     .type = boolean,
     .required = true,
     .help = "Nothing is known to be wrong, and everything could be looked at",
     .example = "false"},
    {.name = "findings",
     .type = object_list,
     .required = true,
     .help = "The causes, the most important first; what follows from one is part of it",
     .example = "[]",
     .of = &kFoundCauseShape},
    {.name = "unseen",
     .type = text_list,
     .required = true,
     .help = "What could not be looked at, and why",
     .example = "[]"},
    {.name = "took_ms",
     .type = integer,
     .required = true,
     .help = "How long the diagnosis took, in milliseconds",
     .example = "140"},
};

std::vector<std::string> texts_of(const Json& value, const char* name) {
  std::vector<std::string> texts;
  if (value.is_object() && value.contains(name) && value[name].is_array()) {
    for (const Json& item : value[name]) {
      if (item.is_string()) {
        texts.push_back(item.get<std::string>());
      }
    }
  }
  return texts;
}

}  // namespace

const Shape kDiagnosis{
    .name = "Diagnosis", .help = "What is wrong with the pod, and why", .fields = kDiagnosisFields};

Json to_json(const FoundCause& found) {
  return {{"cause", found.cause},     {"severity", to_text(found.severity)},
          {"service", found.service}, {"host", found.host},
          {"subject", found.subject}, {"title", found.title},
          {"shown", found.shown},     {"follows", found.follows},
          {"remedy", found.remedy},   {"runbook", found.runbook}};
}

FoundCause found_cause_from_json(const Json& value) {
  return {.cause = text_or(value, "cause"),
          .severity = text_or(value, "severity") == to_text(CauseSeverity::warning)
                          ? CauseSeverity::warning
                          : CauseSeverity::broken,
          .service = text_or(value, "service"),
          .host = text_or(value, "host"),
          .subject = text_or(value, "subject"),
          .title = text_or(value, "title"),
          .shown = texts_of(value, "shown"),
          .follows = texts_of(value, "follows"),
          .remedy = text_or(value, "remedy"),
          .runbook = text_or(value, "runbook")};
}

}  // namespace podplay::wire
