// One pass over the text. A secret is announced by an octet that stands before it ('=', ':', a
// blank ...); at each of these the text on both sides is looked at, and at nothing else.
#include "logs/redaction.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "logs/octets.hpp"
#include "logs/secret_words.hpp"

namespace podplay::logs {
namespace {

// Octets. A longer word before "=" is no key.
constexpr std::size_t kLongestKey = 48;
// How far before a URL "webhook" may stand.
constexpr std::size_t kWebhookWithin = 32;

constexpr std::array<bool, 256> octets(std::string_view wanted) {
  std::array<bool, 256> table{};
  for (const char c : wanted) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> kTriggers = octets("=: \t{$-/_J");

class Redaction {
 public:
  Redaction(std::string_view text, std::string& out) : text_(text), out_(out) {}

  bool run() {
    // A line of a key, or of a SASL answer, that stands alone.
    if (text_.size() >= 40 && is_base64(text_) && looks_random(text_)) {
      hide(0, text_.size());
      return true;
    }
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (kTriggers[static_cast<unsigned char>(text_[i])]) {
        look(i);
        // What was hidden is not looked at again.
        i = std::max(i + 1, copied_) - 1;
      }
    }
    if (copied_ == 0 && !hidden_) {
      return false;
    }
    out_.append(text_.substr(copied_));
    return true;
  }

 private:
  void hide(std::size_t begin, std::size_t end) {
    if (begin >= end || begin < copied_) {
      return;
    }
    const std::string_view value = text_.substr(begin);
    if (value.starts_with(kHidden) || value.starts_with("<hidden>")) {
      return;
    }
    out_.append(text_.substr(copied_, begin - copied_)).append(kHidden);
    copied_ = end;
    hidden_ = true;
  }

  void look(std::size_t i) {
    switch (text_[i]) {
      case '=': return key_before(i);
      case ':': return colon(i);
      case ' ':
      case '\t': return word_before(i);
      case '{': return scheme(i);
      case '$': return hash(i);
      case '-': return pem(i);
      case '/': return link(i);
      case '_': return own_token(i);
      default: return jwt(i);
    }
  }

  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  char before(std::size_t i) const { return i > 0 ? text_[i - 1] : '\0'; }

  // The word that ends before `end`.
  std::string_view word_to(std::size_t end) const {
    std::size_t begin = end;
    while (begin > 0 && end - begin <= kLongestKey && is_word(text_[begin - 1])) {
      --begin;
    }
    return end - begin > kLongestKey ? std::string_view() : text_.substr(begin, end - begin);
  }
  std::size_t begin_of(std::string_view word) const {
    return static_cast<std::size_t>(word.data() - text_.data());
  }
  std::size_t skip_blanks(std::size_t i) const {
    while (i < text_.size() && (text_[i] == ' ' || text_[i] == '\t')) {
      ++i;
    }
    return i;
  }
  // The first octet from `i` on for which `is_part` is false.
  template <class Part>
  std::size_t skip(std::size_t i, Part is_part) const {
    while (i < text_.size() && is_part(text_[i])) {
      ++i;
    }
    return i;
  }
  bool is_escape(std::size_t i) const {
    const char next = at(i + 1);
    return text_[i] == '\\' && (next == 'n' || next == 'r' || next == 't' || next == '"');
  }

  // Hides the value at `begin`: between quotes, or up to a blank.
  void hide_value(std::size_t begin, bool query) {
    const bool escaped = at(begin) == '\\' && at(begin + 1) == '"';
    const char quote = escaped ? '"' : at(begin);
    if (quote != '"' && quote != '\'') {
      std::size_t end = begin;
      while (end < text_.size() && !is_blank(text_[end]) && text_[end] != '"' && !is_escape(end) &&
             !(query && text_[end] == '&')) {
        ++end;
      }
      return hide(begin, end);
    }
    begin += escaped ? 2 : 1;
    std::size_t end = begin;
    while (end < text_.size()) {
      if (escaped ? text_.substr(end, 2) == "\\\"" : text_[end] == quote) {
        break;
      }
      end += !escaped && text_[end] == '\\' ? 2 : 1;
    }
    hide(begin, std::min(end, text_.size()));
  }

  // Hides up to the end of the line, or of the text in quotes.
  void hide_rest(std::size_t begin) {
    if (at(begin) == '"' || (at(begin) == '\\' && at(begin + 1) == '"')) {
      return hide_value(begin, false);
    }
    std::size_t end = begin;
    while (end < text_.size() && text_[end] != '"' && text_[end] != '\n' && text_[end] != '\r' &&
           !is_escape(end)) {
      ++end;
    }
    hide(begin, end);
  }

  void hide_token(std::size_t begin) {
    const std::size_t end = skip(begin, [](char c) { return is_base64(c); });
    hide(begin, end);
  }

  // key=value, key = value
  void key_before(std::size_t i) {
    std::size_t end = i;
    while (end > 0 && text_[end - 1] == ' ') {
      --end;
    }
    const std::string_view key = word_to(end);
    if (key.empty()) {
      return;
    }
    const char lead = before(begin_of(key));
    const bool query = lead == '?' || lead == '&' || lead == '#';
    if (is_secret_header(key)) {
      hide_rest(skip_blanks(i + 1));
    } else if (is_secret_key(key) || (query && is_secret_in_query(key))) {
      hide_value(skip_blanks(i + 1), query);
    }
  }

  // "key": "value", key: value, Header: value, scheme://user:password@host, < name[ip]: base64
  void colon(std::size_t i) {
    if (at(i + 1) == '/' && at(i + 2) == '/') {
      return url(i + 3);
    }
    std::size_t end = i;
    const bool quoted = before(end) == '"' || before(end) == '\'';
    if (quoted) {
      end -= before(end - 1) == '\\' ? 2 : 1;
    }
    if (before(i) == ']' && at(i + 1) == ' ') {
      return sasl_answer(i + 2);
    }
    const std::string_view key = word_to(end);
    const std::size_t value = skip_blanks(i + 1);
    if (key.empty() || value == text_.size()) {
      return;
    }
    if (is_secret_header(key)) {
      return hide_rest(value);
    }
    if (!is_secret_key(key)) {
      return;
    }
    // "wrong password: look at ..." is a sentence; Dovecot's "(given password: x)" is none.
    const std::size_t begin = begin_of(key);
    const bool sentence = !quoted && at(value) != '"' && at(value) != '\'' && value > i + 1 &&
                          begin >= 2 && text_[begin - 1] == ' ' && is_letter(text_[begin - 2]) &&
                          !same_word(word_to(begin - 1), "given");
    if (!sentence) {
      hide_value(value, false);
    }
  }

  void url(std::size_t begin) {
    const std::size_t end = skip(begin, [](char c) {
      return c != '/' && c != '?' && c != '#' && c != '"' && c != '<' && c != '>' && c != '\\' &&
             !is_blank(c);
    });
    const std::string_view authority = text_.substr(begin, end - begin);
    const std::size_t host = authority.rfind('@');
    if (host != authority.npos) {
      const std::size_t name = authority.find(':');
      const bool has_name = name < host;
      hide(begin + (has_name ? name + 1 : 0), begin + host);
    }
    const std::size_t from = begin > kWebhookWithin ? begin - kWebhookWithin : 0;
    if (at(end) == '/' &&
        lower(text_.substr(from, begin - from)).find("webhook") != std::string::npos) {
      hide_value(end + 1, false);
    }
  }

  // What a verbose smtpd says: "< name[192.0.2.1]: AGFsaWNlAHNlY3JldA=="
  void sasl_answer(std::size_t begin) {
    const std::string_view rest = text_.substr(begin);
    if (rest.size() >= 8 && is_base64(rest) && looks_random(rest) &&
        text_.substr(0, begin).find("< ") != text_.npos) {
      hide(begin, text_.size());
    }
  }

  // Bearer TOKEN, AUTH PLAIN BASE64, PASS PASSWORD, secret "VALUE"
  void word_before(std::size_t i) {
    const char last = before(i);
    if (at(i + 1) == '"' && (last == 't' || last == 'd')) {
      const std::string_view word = word_to(i);
      if (same_word(word, "secret") || same_word(word, "password")) {
        hide_value(i + 1, false);
      }
      return;
    }
    if (hides_option(i)) {
      return;
    }
    if (last != 'r' && last != 'c' && last != 'N' && last != 'R' && last != 'S' && last != '2') {
      return;
    }
    const std::string_view word = word_to(i);
    const std::size_t begin = begin_of(word);
    if (same_word(word, "bearer") || same_word(word, "basic")) {
      const std::size_t end = skip(i + 1, [](char c) { return is_base64(c) || c == '.'; });
      const std::string_view token = text_.substr(i + 1, end - i - 1);
      if (token.size() >= 8 && looks_random(token)) {
        hide(i + 1, end);
      }
    } else if (word == "PASS") {
      if (begin == 0 || before(begin) == '"' ||
          (begin >= 2 && before(begin) == ' ' &&
           (text_[begin - 2] == ':' || text_[begin - 2] == '<'))) {
        hide_rest(i + 1);
      }
    } else if (is_mechanism(word) && begin > 0) {
      const std::string_view verb = word_to(begin - 1);
      if (same_word(verb, "auth") || same_word(verb, "authenticate")) {
        hide_sasl(i + 1);
      } else if (word == "LOGIN" && verb != "SASL") {
        imap_login(i + 1);
      }
    }
  }
  // --password VALUE, in the arguments of a command.
  bool hides_option(std::size_t i) {
    const char last = before(i);
    if (last != 'd' && last != 't' && last != 'n' && last != 'e') {
      return false;
    }
    const std::string_view option = word_to(i);
    if (!option.starts_with("--") || !is_secret_key(option) || at(i + 1) == '-') {
      return false;
    }
    hide_value(i + 1, false);
    return true;
  }
  static bool is_mechanism(std::string_view word) {
    return word == "PLAIN" || word == "LOGIN" || word == "OAUTHBEARER" || word == "XOAUTH2";
  }
  void hide_sasl(std::size_t begin) {
    const std::size_t end = skip(begin, [](char c) { return is_base64(c); });
    if (end - begin >= 4 && (end == text_.size() || !is_letter(text_[end])) &&
        looks_random(text_.substr(begin, end - begin))) {
      hide(begin, end);
    }
  }
  // The second of exactly two words (RFC 9051 section 6.2.3).
  void imap_login(std::size_t begin) {
    const std::size_t name_end = text_.find(' ', begin);
    if (name_end == text_.npos || name_end == begin) {
      return;
    }
    const std::size_t password = name_end + 1;
    if (at(password) == '"' || text_.find(' ', password) == text_.npos) {
      hide_value(password, false);
    }
  }

  // {ARGON2ID}$argon2id$..., {PLAIN}secret
  void scheme(std::size_t i) {
    const std::size_t end =
        skip(i + 1, [](char c) { return is_upper(c) || is_digit(c) || c == '-' || c == '.'; });
    const bool closed = at(end) == '}' && end - i > 3 && end - i < 28;
    if (closed && end + 1 < text_.size() && !is_blank(text_[end + 1]) && text_[end + 1] != '}') {
      hide_value(end + 1, false);
    }
  }

  // $6$salt$hash, $2y$..., $argon2id$...
  void hash(std::size_t i) {
    const std::size_t end = skip(
        i + 1, [&](char c) { return (is_letter(c) && !is_upper(c)) || is_digit(c) || c == '-'; });
    if (at(end) != '$' || end == i + 1 || end - i > 14 || text_.size() - end < 9) {
      return;
    }
    const std::size_t last = skip(
        end, [&](char c) { return !is_blank(c) && c != '"' && c != ':' && c != ')' && c != '\\'; });
    if (last - end > 8) {
      hide(i, last);
    }
  }

  void pem(std::size_t i) {
    const std::string_view rest = text_.substr(i);
    constexpr std::string_view kBegin = "-----BEGIN ";
    if (!rest.starts_with(kBegin)) {
      return;
    }
    const std::size_t label_end = rest.find("-----", kBegin.size());
    if (label_end == rest.npos || rest.substr(0, label_end).find("PRIVATE KEY") == rest.npos) {
      return;
    }
    const std::size_t body = label_end + 5;
    const std::size_t end = rest.find("-----END", body);
    hide(i + body, i + (end == rest.npos ? rest.size() : end));
  }

  // /reset/TOKEN
  void link(std::size_t i) {
    if (!is_base64(at(i + 1)) || !is_link_page(word_to(i))) {
      return;
    }
    const std::size_t end = skip(i + 1, [](char c) { return is_word(c); });
    if (end - i > 16) {
      hide(i + 1, end);
    }
  }

  // pp_TOKEN
  void own_token(std::size_t i) {
    if (i < 2 || text_.substr(i - 2, 2) != "pp" || (i > 2 && is_word(text_[i - 3]))) {
      return;
    }
    const std::size_t end = skip(i + 1, [](char c) { return is_word(c); });
    if (end - i > 16) {
      hide(i + 1, end);
    }
  }

  // eyJ...: a token in JSON (RFC 7519).
  void jwt(std::size_t i) {
    if (i < 2 || text_.substr(i - 2, 2) != "ey" || (i > 2 && is_word(text_[i - 3]))) {
      return;
    }
    const std::size_t end = skip(i, [](char c) { return is_word(c) || c == '.'; });
    if (end - i > 20) {
      hide(i - 2, end);
    }
  }

  const std::string_view text_;
  std::string& out_;
  // Octets of text_ that are in out_ or were hidden.
  std::size_t copied_ = 0;
  bool hidden_ = false;
};

}  // namespace

bool redact_into(std::string_view text, std::string& out) { return Redaction(text, out).run(); }

std::string redact(std::string_view text) {
  std::string out;
  return redact_into(text, out) ? out : std::string(text);
}

}  // namespace podplay::logs
