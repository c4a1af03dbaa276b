// Members of an event that are empty are left out.
#include "wire/mail_trace.hpp"

#include <utility>

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kTraceEventFields[] = {
    {.name = "time",
     .type = text,
     .required = true,
     .help = "When",
     .example = R"("2026-01-01T00:00:00.000Z")"},
    {.name = "stage",
     .type = text,
     .required = true,
     .help = "accepted, identified, queued, checked, refused, delivered, filed, forwarded, "
             "deferred, bounced, tried, returned, notified, held, released, expired, deleted, "
             "requeued, removed or given_up",
     .example = R"("delivered")"},
    {.name = "queue_id",
     .type = text,
     .help = "Of the message in Postfix's queue at that time",
     .example = R"("4gGZQW3k2bzQkYp")"},
    {.name = "address", .type = text, .help = "The recipient", .example = R"("test@example.com")"},
    {.name = "via",
     .type = text,
     .help = "The alias that the message was sent to",
     .example = R"("info@example.com")"},
    {.name = "peer",
     .type = text,
     .help = "The client, or the server that it was given to",
     .example = R"("mx.example.net[192.0.2.7]:25")"},
    {.name = "login",
     .type = text,
     .help = "The account that the client had logged in to",
     .example = R"("test@example.com")"},
    {.name = "folder", .type = text, .help = "Of the mailbox", .example = R"("INBOX")"},
    {.name = "dsn", .type = text, .help = "RFC 3463", .example = R"("2.0.0")"},
    {.name = "words",
     .type = text,
     .help = "What the daemon, or the server at the other end, said",
     .example = R"("250 2.0.0 Ok")"},
    {.name = "text",
     .type = text,
     .required = true,
     .help = "The event as a sentence",
     .example = R"("delivered to test@example.com")"},
};
constexpr Shape kTraceEventShape{
    .name = "TraceEvent", .help = "What happened to a message", .fields = kTraceEventFields};

constexpr FieldRow kMailTraceFields[] = {
    {.name = "queue_ids",
     .type = text_list,
     .required = true,
     .help = "Its ids in Postfix's queue: a forwarded message gets another; none: it was refused",
     .example = R"(["4gGZQW3k2bzQkYp"])"},
    {.name = "message_id",
     .type = text,
     .required = true,
     .help = "Without angle brackets; empty: it has none",
     .example = R"("k7Qx@mail.example.com")"},
    {.name = "sender",
     .type = text,
     .required = true,
     .help = "Envelope sender; empty: a bounce, or not known",
     .example = R"("test@example.com")"},
    {.name = "recipients",
     .type = text_list,
     .required = true,
     .help = "Those that you may see",
     .example = R"(["other@example.com"])"},
    {.name = "began",
     .type = text,
     .required = true,
     .help = "Time of the first event",
     .example = R"("2026-01-01T00:00:00.000Z")"},
    {.name = "ended",
     .type = text,
     .required = true,
     .help = "Time of the last event",
     .example = R"("2026-01-01T00:00:00.100Z")"},
    {.name = "state",
     .type = text,
     .required = true,
     .help = "refused, delivered, deferred, held, bounced, deleted, partly, given_up or under_way",
     .example = R"("delivered")"},
    {.name = "verdict",
     .type = text,
     .required = true,
     .help = "What became of it, as a sentence",
     .example = R"("Delivered to test@example.com (INBOX).")"},
    {.name = "events",
     .type = object_list,
     .required = true,
     .help = "What happened, in the order of time",
     .example = "[]",
     .of = &kTraceEventShape},
};

Json event_json(const TraceEvent& event) {
  Json shown{{"time", event.time}, {"stage", event.stage}, {"text", event.text}};
  for (const auto& [name, value] :
       {std::pair<const char*, const std::string&>{"queue_id", event.queue_id},
        {"address", event.address},
        {"via", event.via},
        {"peer", event.peer},
        {"login", event.login},
        {"folder", event.folder},
        {"dsn", event.dsn},
        {"words", event.words}}) {
    if (!value.empty()) {
      shown[name] = value;
    }
  }
  return shown;
}

}  // namespace

const Shape kMailTrace{
    .name = "MailTrace", .help = "The way of one message", .fields = kMailTraceFields};

Json to_json(const MailTrace& trace) {
  Json events = Json::array();
  for (const TraceEvent& event : trace.events) {
    events.push_back(event_json(event));
  }
  return {{"queue_ids", trace.queue_ids}, {"message_id", trace.message_id},
          {"sender", trace.sender},       {"recipients", trace.recipients},
          {"began", trace.began},         {"ended", trace.ended},
          {"state", trace.state},         {"verdict", trace.verdict},
          {"events", std::move(events)}};
}

}  // namespace podplay::wire
