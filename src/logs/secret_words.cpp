// Rather a word too many: a value that is hidden for nothing costs less than a secret in a log.
#include "logs/secret_words.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.hpp"

namespace podplay::logs {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::ranges::any_of(words, [&](std::string_view one) { return same_word(word, one); });
}

constexpr std::array<std::string_view, 4> kHeaders{"authorization", "proxy-authorization", "cookie",
                                                   "set-cookie"};
constexpr std::array<std::string_view, 8> kNames{"session_id",    "sessionid",    "api_key",
                                                 "apikey",        "api-key",      "private_key",
                                                 "code_verifier", "id_token_hint"};
// The last word of a key, after "_" or "-".
constexpr std::array<std::string_view, 8> kLastWords{"pass",  "pwd",    "resp",        "csrf",
                                                     "nonce", "ticket", "credentials", "signature"};
// What a key may end with, "newPassword" and "relay_password" among them.
constexpr std::array<std::string_view, 6> kEndings{"password", "passwd", "passphrase",
                                                   "secret",   "token",  "cookie"};
// Secrets only in the query of a URL; elsewhere these words are plain.
constexpr std::array<std::string_view, 4> kQueryNames{"code", "state", "key", "sig"};
// The pages that the links in mails open.
constexpr std::array<std::string_view, 7> kLinkPages{
    "confirm", "reset", "invitation", "recovery-address", "keep-account", "link", "links"};

}  // namespace

bool is_secret_header(std::string_view name) { return is_one_of(name, kHeaders); }
bool is_secret_in_query(std::string_view name) { return is_one_of(name, kQueryNames); }
bool is_link_page(std::string_view name) { return is_one_of(name, kLinkPages); }

bool is_secret_key(std::string_view key) {
  const std::size_t cut = key.find_last_of("_-");
  const std::string_view last = cut == key.npos ? key : key.substr(cut + 1);
  if (is_one_of(last, kLastWords) || is_one_of(key, kNames)) {
    return true;
  }
  if (same_word(last, "hash") && lower(key).find("pass") != key.npos) {
    return true;
  }
  return std::ranges::any_of(kEndings, [&](std::string_view end) {
    return key.size() >= end.size() && same_word(key.substr(key.size() - end.size()), end);
  });
}

}  // namespace podplay::logs
