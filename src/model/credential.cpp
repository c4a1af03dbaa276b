// The protocols have the words that Dovecot has for them.
#include "model/credential.hpp"

#include "model/closed_set.hpp"

namespace podplay {
namespace {

constexpr Spelling<MailProtocol> kProtocolWords[] = {
    {MailProtocol::imap, "imap"},
    {MailProtocol::pop3, "pop3"},
    {MailProtocol::smtp, "smtp"},
    {MailProtocol::sieve, "sieve"},
};

}  // namespace

std::string_view to_text(MailProtocol protocol) { return word_of(kProtocolWords, protocol); }
Result<MailProtocol> parse_mail_protocol(std::string_view text, std::string_view field) {
  return value_of(kProtocolWords, text, field);
}

}  // namespace podplay
