// Names and number of the host's files are checked by control, not here.
#include "wire/support_bundle.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kHostFileFields[] = {
    {.name = "name",
     .type = text,
     .required = true,
     .help = "Its name in the bundle: small letters, digits, dots and dashes",
     .example = R"("podman-ps.txt")"},
    {.name = "text",
     .type = text,
     .required = true,
     .help = "Its content",
     .example = R"("")",
     .lines = true},
};
constexpr Shape kHostFile{
    .name = "HostFile", .help = "What the pod's host knows", .fields = kHostFileFields};

constexpr FieldRow kStartFields[] = {
    {.name = "host",
     .type = object_list,
     .help = "Files that are added to the bundle, made safe like the others: at most 40",
     .example = "[]",
     .of = &kHostFile,
     .on_null = "[]"},
};

constexpr FieldRow kBundleFields[] = {
    {.name = "state",
     .type = text,
     .required = true,
     .help = "none, waiting, running, ready or failed",
     .example = R"("ready")"},
    {.name = "percent",
     .type = integer,
     .required = true,
     .help = "How far it is",
     .example = "100"},
    {.name = "words",
     .type = text,
     .required = true,
     .help = "What is collected now, or why it failed",
     .example = R"("logs")"},
    {.name = "bytes",
     .type = integer,
     .required = true,
     .help = "Its size; 0: it is not ready",
     .example = "120000"},
    {.name = "file",
     .type = text,
     .required = true,
     .help = "Its name",
     .example = R"("podplay-support-2026-01-31T120000Z.tar.gz")"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When it was asked for",
     .example = R"("2026-01-31T12:00:00Z")",
     .nullable = true},
};

}  // namespace

const Shape kSupportBundleStart{.name = "SupportBundleStart",
                                .help = "What is added to a support bundle",
                                .fields = kStartFields};
const Shape kSupportBundle{
    .name = "SupportBundle", .help = "How far the support bundle is", .fields = kBundleFields};

}  // namespace podplay::wire
