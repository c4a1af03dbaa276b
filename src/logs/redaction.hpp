// Hides secrets in text that others wrote: lines of daemons, output of commands, errors that quote
// what they were given. Our own code hides by type (base/secret.hpp); this is the net below it.
// Every program passes its lines through it before any sink.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"

namespace podplay::logs {

// What stands in the place of a secret.
inline constexpr std::string_view kHidden = "[hidden]";

// Hides, in one pass:
//   the values of keys like password, token, secret, cookie, session_id, resp, in the forms
//   key=value, key: value, "key": "value" (also escaped, within JSON)
//   the headers Authorization, Proxy-Authorization, Cookie and Set-Cookie, to the end of the value
//   what follows Bearer, Basic, AUTH PLAIN, AUTHENTICATE PLAIN, IMAP's LOGIN and POP3's PASS
//   the password in a URL (smtp://name:password@host), and code= or state= in a query
//   tokens of ours (pp_...) and those in the links of mails
//   {SCHEME}hash and $6$..., $argon2id$... hashes
//   keys in PEM, and lines that are nothing but base64
// Costs about a look at each octet when there is nothing to hide.
std::string redact(std::string_view text);
// Appends the redacted text to `out`. False, and nothing is appended, when there is nothing to
// hide: the caller uses the text itself.
bool redact_into(std::string_view text, std::string& out);

// Passes each line on to every one of `sinks`, redacted once.
std::shared_ptr<LogSink> make_redacting_sink(std::vector<std::shared_ptr<LogSink>> sinks);

}  // namespace podplay::logs
