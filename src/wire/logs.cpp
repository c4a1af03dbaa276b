// A line has the same members whoever wrote it, and each of its facts is a text. A page says
// whether its time was over before everything was looked at.
#include "wire/logs.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kLogLineFields[] = {
    {.name = "time",
     .type = text,
     .required = true,
     .help = "RFC 3339, UTC",
     .example = R"("2026-01-31T12:00:00.123Z")"},
    {.name = "level",
     .type = text,
     .required = true,
     .help = "ERROR, WARN, INFO, DEBUG or TRACE",
     .example = R"("INFO")"},
    {.name = "log",
     .type = text,
     .required = true,
     .help = "SERVICE/NAME",
     .example = R"("mail/postfix")"},
    {.name = "host",
     .type = text,
     .required = true,
     .help = "The machine that wrote it",
     .example = R"("podplay")"},
    {.name = "component",
     .type = text,
     .required = true,
     .help = "Who wrote it: SERVICE.DAEMON, or a part of our programs",
     .example = R"("mail.postfix")"},
    {.name = "message",
     .type = text,
     .required = true,
     .help = "The sentence, or the daemon's words",
     .example = R"("the queue was flushed")"},
    {.name = "facts",
     .type = object,
     .required = true,
     .help = "What the sentence is about, by key, each a text: request, user, from, ip and so on",
     .example = R"({"request":"Jx3ZbPqW0mTn"})"},
};

constexpr FieldRow kLogPageFields[] = {
    {.name = "items",
     .type = object_list,
     .required = true,
     .help = "The lines, the newest first, or as ?sort says",
     .example = "[]",
     .of = &kLogLine},
    {.name = "next",
     .type = text,
     .required = true,
     .help = "The cursor of the lines after these; null: there are none",
     .example = "null",
     .nullable = true},
    {.name = "complete",
     .type = boolean,
     .required = true,
     .help = "False: the time was over before everything was looked at; `next` goes on there",
     .example = "true"},
    {.name = "scanned",
     .type = integer,
     .required = true,
     .help = "How many octets of lines were read",
     .example = "262144"},
};

}  // namespace

const Shape kLogLine{.name = "LogLine", .help = "A line of a log", .fields = kLogLineFields};
const Shape kLogPage{.name = "LogPage", .help = "Lines of logs", .fields = kLogPageFields};

}  // namespace podplay::wire
