// An address is found at its @ (or %40, =40 where it is encoded); from there the local part is read
// backwards (RFC 5322 section 3.2.3, and UTF-8 by RFC 6532).
#include "control/watch/tools/pseudonyms.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/encoding.hpp"
#include "logs/redaction.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kDigits = 10;
constexpr std::string_view kPrefix = "u-";
// A shorter word is too common to be taken for a name.
constexpr std::size_t kShortestName = 3;

// Words of ours, of the daemons and of RFC 2142, which name nobody.
constexpr std::array kCommonWords = std::to_array<std::string_view>(
    {"abuse",      "account",    "admin",         "administrator", "all",           "api",
     "apache",     "auth",       "bind",          "bounce",        "certs",         "contact",
     "daemon",     "default",    "dmarc",         "dns",           "double-bounce", "dovecot",
     "error",      "example",    "files",         "ftp",           "help",          "host",
     "hostmaster", "http",       "https",         "imap",          "info",          "inbox",
     "list",       "lmtp",       "local",         "localhost",     "log",           "login",
     "mail",       "mailbox",    "mailer-daemon", "main",          "master",        "named",
     "news",       "nobody",     "noc",           "none",          "noreply",       "no-reply",
     "null",       "office",     "pod",           "podplay",       "podplay-check", "pop3",
     "postfix",    "postmaster", "queue",         "ready",         "root",          "rspamd",
     "sales",      "security",   "server",        "service",       "sieve",         "site",
     "smtp",       "smtpd",      "spam",          "state",         "store",         "submission",
     "support",    "system",     "team",          "test",          "true",          "false",
     "user",       "users",      "vmail",         "web",           "webmaster",     "www",
     "www-data"});

// Before "=", these announce an address instead of being a part of it.
constexpr std::array kKeys = std::to_array<std::string_view>(
    {"account", "actor", "address", "email", "from", "login", "mail", "mailbox", "name", "orig_to",
     "owner", "rcpt", "recipient", "sasl_username", "sender", "subject", "to", "user", "username"});

bool is_local(char c) {
  const auto octet = static_cast<unsigned char>(c);
  const bool word = (octet | 0x20U) - 'a' < 26U || octet - '0' < 10U || octet >= 0x80;
  return word || std::string_view("!#$%&'*+-=?^_`{|}~.").find(c) != std::string_view::npos;
}

bool is_word(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return (octet | 0x20U) - 'a' < 26U || octet - '0' < 10U || octet >= 0x80 || c == '_' ||
         c == '-' || c == '.';
}

// How many octets of `text` at `at` stand for @; 0: none.
std::size_t at_sign(std::string_view text, std::size_t at) {
  if (text[at] == '@') {
    return 1;
  }
  // Octet-encoded, as in a URL and in quoted-printable.
  const std::string_view three = text.substr(at, 3);
  return three == "%40" || three == "=40" ? 3 : 0;
}

// Whether a domain can begin with this octet.
bool begins_domain(char c) { return c == '[' || (is_word(c) && c != '.' && c != '_' && c != '-'); }

bool is_pseudonym(std::string_view text) {
  return text.size() == kPrefix.size() + kDigits && text.starts_with(kPrefix) &&
         text.substr(kPrefix.size()).find_first_not_of("0123456789abcdef") == text.npos;
}

// Where the local part before `at` begins. It does not begin before `from`.
std::size_t begin_of_local(std::string_view text, std::size_t from, std::size_t at, bool encoded) {
  std::size_t begin = at;
  // A quoted local part (RFC 5321 section 4.1.2): "a b"@example.com.
  if (begin > from && text[begin - 1] == '"') {
    const std::size_t open = text.rfind('"', begin - 2);
    const bool on_this_line = open != text.npos && open >= from && begin >= 2 &&
                              text.substr(open, begin - open).find('\n') == text.npos;
    return on_this_line && begin - open <= 66 ? open : begin;
  }
  while (begin > from && is_local(text[begin - 1])) {
    const bool separates = encoded && std::string_view("=&?").find(text[begin - 1]) != text.npos;
    if (separates) {
      break;
    }
    --begin;
  }
  // Punctuation of the sentence around it.
  while (begin < at && std::string_view("'`{|*#!?&.=").find(text[begin]) != text.npos) {
    ++begin;
  }
  // user=alice@example.com
  const std::size_t equals = text.substr(begin, at - begin).find('=');
  if (equals != text.npos && equals + 1 < at - begin) {
    const std::string key = lower(text.substr(begin, equals));
    if (std::ranges::find(kKeys, key) != kKeys.end()) {
      begin += equals + 1;
    }
  }
  return begin;
}

// The value of a member as redact() shows it where it stands behind the member's name, which may
// say that it is a secret.
std::string without_secret(const std::string& name, const std::string& value) {
  const std::string before = name + "=";
  const std::string line = logs::redact(before + value);
  return line.starts_with(before) ? line.substr(before.size()) : std::string(logs::kHidden);
}

}  // namespace

Pseudonyms::Pseudonyms(Secret key, const std::set<std::string>& names) : key_(std::move(key)) {
  for (const std::string& name : names) {
    std::string folded = lower(name);
    if (folded.size() >= kShortestName &&
        std::ranges::find(kCommonWords, folded) == kCommonWords.end()) {
      names_.insert(std::move(folded));
    }
  }
}

std::string Pseudonyms::pseudonym(std::string_view name) const {
  return std::string(kPrefix) + hmac_sha256_hex(key_, lower(name)).substr(0, kDigits);
}

std::string Pseudonyms::without_addresses(std::string_view text) const {
  std::string hidden;
  // Everything before it is in `hidden`.
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t sign = at_sign(text, i);
    if (sign == 0 || i + sign >= text.size() || !begins_domain(text[i + sign])) {
      continue;
    }
    const std::size_t begin = begin_of_local(text, done, i, sign == 3);
    if (begin == i) {
      continue;
    }
    std::string_view local = text.substr(begin, i - begin);
    hidden += text.substr(done, begin - done);
    // "alice"@example.com is alice@example.com (RFC 5321 section 4.1.2).
    if (local.size() > 2 && local.front() == '"' && local.back() == '"') {
      local = local.substr(1, local.size() - 2);
    }
    // alice+news is alice.
    const std::size_t plus = local.find('+', 1);
    const std::string_view name = local.substr(0, plus);
    hidden += is_pseudonym(local) ? std::string(local) : pseudonym(name);
    if (plus != local.npos) {
      hidden += "+" + pseudonym(local.substr(plus + 1));
    }
    hidden += text.substr(i, sign);
    done = i + sign;
    i = done - 1;
  }
  return hidden.append(text.substr(done));
}

std::string Pseudonyms::without_names(std::string_view text) const {
  if (names_.empty()) {
    return std::string(text);
  }
  std::string hidden;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_word(text[i])) {
      hidden += text[i++];
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_word(text[end])) {
      ++end;
    }
    std::string_view word = text.substr(i, end - i);
    // The dot of the sentence.
    std::string_view dots = word;
    while (word.ends_with('.')) {
      word.remove_suffix(1);
    }
    dots.remove_prefix(word.size());
    if (names_.contains(lower(word))) {
      hidden += pseudonym(word);
    } else {
      hidden += word;
    }
    hidden += dots;
    i = end;
  }
  return hidden;
}

std::string Pseudonyms::hide(std::string_view text) const {
  return without_names(without_addresses(logs::redact(text)));
}

nlohmann::json Pseudonyms::hide_json(const nlohmann::json& value) const {
  if (value.is_string()) {
    return hide(value.get_ref<const std::string&>());
  }
  if (value.is_array()) {
    auto hidden = nlohmann::json::array();
    for (const auto& element : value) {
      hidden.push_back(hide_json(element));
    }
    return hidden;
  }
  if (value.is_object()) {
    auto hidden = nlohmann::json::object();
    for (const auto& [name, element] : value.items()) {
      hidden[hide(name)] =
          element.is_string()
              ? nlohmann::json(hide(without_secret(name, element.get<std::string>())))
              : hide_json(element);
    }
    return hidden;
  }
  return value;
}

}  // namespace podplay::control
