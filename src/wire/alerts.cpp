// What people and programs see of an alert. The webhook is named by its server only.
#include "wire/alerts.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kNoticeFields[] = {
    {.name = "way",
     .type = text,
     .required = true,
     .help = "mail or webhook",
     .example = R"("mail")"},
    {.name = "event",
     .type = text,
     .required = true,
     .help = "opened, repeated, worse or recovered",
     .example = R"("opened")"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When it was due",
     .example = R"("2026-01-01T00:02:00Z")"},
    {.name = "sent",
     .type = text,
     .required = true,
     .help = "When its receiver took it; null: not yet",
     .example = R"("2026-01-01T00:02:01Z")",
     .nullable = true},
    {.name = "words",
     .type = text,
     .required = true,
     .help = "What the receiver answered, or why it is not sent",
     .example = R"("Postfix has it")"},
};
constexpr Shape kNotice{.name = "AlertNotice",
                        .help = "A message about an alert to one receiver",
                        .fields = kNoticeFields};

constexpr FieldRow kSilencedFields[] = {
    {.name = "until",
     .type = text,
     .required = true,
     .help = "Nothing is sent before this time",
     .example = R"("2026-01-01T12:00:00Z")"},
    {.name = "reason",
     .type = text,
     .required = true,
     .help = "Why, for people",
     .example = R"("the disk is on its way")"},
    {.name = "author",
     .type = text,
     .required = true,
     .help = "Who asked for it",
     .example = R"("admin@example.com")"},
};
constexpr Shape kSilenced{
    .name = "AlertSilenced", .help = "The silence of a problem", .fields = kSilencedFields};

constexpr FieldRow kAlertFields[] = {
    {.name = "id", .type = integer, .required = true, .help = "Its number", .example = "12"},
    {.name = "key",
     .type = text,
     .required = true,
     .help = "The same whenever the same problem comes back",
     .example = R"("daemon:mail@main:postfix")"},
    {.name = "service",
     .type = text,
     .required = true,
     .help = "apache, bind, mail or control",
     .example = R"("mail")"},
    {.name = "source",
     .type = text,
     .required = true,
     .help = "Who sees the problem: an agent, or control; while it is away, the alert stays",
     .example = R"("mail@main")"},
    {.name = "severity",
     .type = text,
     .required = true,
     .help = "warning or error",
     .example = R"("error")"},
    {.name = "state",
     .type = text,
     .required = true,
     .help = "open or recovered; pending: it has not stood long enough",
     .example = R"("open")"},
    {.name = "cause",
     .type = text,
     .required = true,
     .help = "What is wrong",
     .example = R"("postfix does not run")"},
    {.name = "evidence",
     .type = text,
     .required = true,
     .help = "What shows it; lines",
     .example = R"("fatal: bad parameter")"},
    {.name = "remedy",
     .type = text,
     .required = true,
     .help = "What to do",
     .example = R"("podplay doctor")"},
    {.name = "runbook",
     .type = text,
     .required = true,
     .help = "A page that says it step by step; empty when there is none",
     .example = R"("")"},
    {.name = "since",
     .type = text,
     .required = true,
     .help = "When it was seen first",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "last_seen",
     .type = text,
     .required = true,
     .help = "When it was seen last",
     .example = R"("2026-01-01T00:10:00Z")"},
    {.name = "recovered",
     .type = text,
     .required = true,
     .help = "When it was well again; null: it is not",
     .example = "null",
     .nullable = true},
    {.name = "silence",
     .type = object,
     .required = true,
     .help = "Of the problem; null: it is not silenced",
     .example = "null",
     .of = &kSilenced,
     .nullable = true},
    {.name = "notices",
     .type = object_list,
     .required = true,
     .help = "What was sent about it, oldest first",
     .example = "[]",
     .of = &kNotice},
};

constexpr FieldRow kSilenceFields[] = {
    {.name = "until",
     .type = text,
     .help = "RFC 3339, at most 366 days from now; default: an hour from now",
     .example = R"("2027-01-01T00:00:00Z")"},
    {.name = "reason",
     .type = text,
     .help = "Why, for people; one line",
     .example = R"("the disk is on its way")"},
};

constexpr FieldRow kTryFields[] = {
    {.name = "way",
     .type = text,
     .required = true,
     .help = "mail or webhook",
     .example = R"("webhook")"},
    {.name = "receiver",
     .type = text,
     .required = true,
     .help = "The address, or the webhook's server",
     .example = R"("https://alerts.example.net")"},
    {.name = "ok", .type = boolean, .required = true, .help = "It was taken", .example = "true"},
    {.name = "answer",
     .type = text,
     .required = true,
     .help = "What the receiver answered, or why it did not take it",
     .example = R"("answered 200")"},
};
constexpr Shape kTry{
    .name = "AlertTry", .help = "A test message to one receiver", .fields = kTryFields};

constexpr FieldRow kTestedFields[] = {
    {.name = "tries",
     .type = object_list,
     .required = true,
     .help = "One for each way",
     .example = "[]",
     .of = &kTry},
};

Json time_or_nothing(WallTime time) {
  return time == WallTime{} ? Json(nullptr) : Json(to_rfc3339(time));
}

}  // namespace

const Shape kAlert{
    .name = "Alert", .help = "A problem that somebody is told of", .fields = kAlertFields};
const Shape kAlertSilence{
    .name = "AlertSilence", .help = "How long to be quiet about it", .fields = kSilenceFields};
const Shape kAlertsTested{
    .name = "AlertsTested", .help = "What became of a test", .fields = kTestedFields};

Json alert_facts(const Alert& alert) {
  return {{"id", alert.id},
          {"key", alert.key},
          {"service", alert.service},
          {"source", alert.source},
          {"severity", to_text(alert.severity)},
          {"state", to_text(alert.state)},
          {"cause", alert.text.cause},
          {"evidence", alert.text.evidence},
          {"remedy", alert.text.remedy},
          {"runbook", alert.text.runbook},
          {"since", to_rfc3339(alert.first_seen)},
          {"recovered", time_or_nothing(alert.recovered)}};
}

Json to_json(const Alert& alert, const std::optional<AlertSilence>& silence,
             const std::vector<AlertNotice>& notices) {
  Json list = Json::array();
  for (const AlertNotice& notice : notices) {
    list.push_back({{"way", notice.way},
                    {"event", notice.event},
                    {"created", to_rfc3339(notice.created)},
                    {"sent", time_or_nothing(notice.sent)},
                    {"words", notice.words}});
  }
  Json quiet = nullptr;
  if (silence) {
    quiet = {{"until", to_rfc3339(silence->until)},
             {"reason", silence->reason},
             {"author", silence->author}};
  }
  Json all = alert_facts(alert);
  all["last_seen"] = to_rfc3339(alert.last_seen);
  all["silence"] = std::move(quiet);
  all["notices"] = std::move(list);
  return all;
}

}  // namespace podplay::wire
