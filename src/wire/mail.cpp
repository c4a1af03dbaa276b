// Messages to send, and delivery tests.
#include "wire/mail.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kMailSendFields[] = {
    {.name = "from",
     .type = text,
     .help = "The sender: an own address or alias; default: the caller's",
     .example = R"("test@example.com")"},
    {.name = "to",
     .type = text_list,
     .required = true,
     .help = "Recipients (RFC 5321 forward-paths)",
     .example = R"(["other@example.com"])"},
    {.name = "subject",
     .type = text,
     .required = true,
     .help = "One line",
     .example = R"("Hello")"},
    {.name = "text",
     .type = text,
     .required = true,
     .help = "The message's text, UTF-8",
     .example = R"("How are you?")"},
};
constexpr FieldRow kMailTestFields[] = {
    {.name = "from",
     .type = text,
     .help = "Envelope sender; default: the caller's address",
     .example = R"("admin@example.com")"},
    {.name = "to",
     .type = text,
     .required = true,
     .help = "A mailbox of this pod; the message is removed again",
     .example = R"("test@example.com")"},
};
constexpr FieldRow kMailRestoreFields[] = {
    {.name = "mailbox",
     .type = text,
     .required = true,
     .help = "The mailbox that gets the mail. Without any message it gets everything where it was; "
             "else the mail comes below the folder Restored/DATE, and nothing is overwritten",
     .example = R"("test@example.com")"},
};
constexpr FieldRow kSiteRestoreFields[] = {
    {.name = "site",
     .type = text,
     .required = true,
     .help = "The domain whose web site it becomes; it must have no pages of its own",
     .example = R"("example.com")"},
};

}  // namespace

const Shape kMailSend{.name = "MailSend", .help = "A message to send", .fields = kMailSendFields};
const Shape kMailTest{.name = "MailTest",
                      .help = "A delivery test from SMTP to the mailbox",
                      .fields = kMailTestFields};
const Shape kMailRestore{.name = "MailRestore",
                         .help = "The mailbox that gets the mail of a deleted one",
                         .fields = kMailRestoreFields};
const Shape kSiteRestore{.name = "SiteRestore",
                         .help = "The domain that gets a deleted web site",
                         .fields = kSiteRestoreFields};

}  // namespace podplay::wire
