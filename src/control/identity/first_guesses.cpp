// A guesser's rules are turned round: what they put around a word is taken off again, and what is
// left is looked up.
#include "control/identity/first_guesses.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/ascii.hpp"

namespace podplay::control {
namespace {

// The base words of the most common passwords, without what is usually put around them.
constexpr std::string_view kWords[] = {
    "abc",       "abcd",      "access",     "adm",        "admin",    "administrator", "amanda",
    "andrea",    "andrew",    "angel",      "animal",     "anthony",  "apple",         "arsenal",
    "asdf",      "asdfgh",    "ashley",     "asshole",    "azerty",   "backup",        "bailey",
    "barcelona", "baseball",  "basketball", "batman",     "bigdog",   "blink",         "boomer",
    "brandon",   "buster",    "butterfly",  "changeit",   "changeme", "charlie",       "cheese",
    "chelsea",   "chocolate", "computer",   "cookie",     "corvette", "cowboy",        "daniel",
    "default",   "demo",      "diamond",    "dragon",     "eagle",    "email",         "example",
    "falcon",    "family",    "ferrari",    "flower",     "football", "forever",       "freedom",
    "fuckme",    "fuckyou",   "gandalf",    "geheim",     "george",   "ginger",        "golfer",
    "guest",     "hallo",     "hammer",     "hannah",     "harley",   "heather",       "hello",
    "hockey",    "hunter",    "iloveu",     "iloveyou",   "internet", "jasmine",       "jennifer",
    "jessica",   "jessie",    "jesus",      "jordan",     "joshua",   "justin",        "killer",
    "kennwort",  "klaster",   "letmein",    "login",      "love",     "lovely",        "loveme",
    "mail",      "manager",   "marina",     "martin",     "master",   "matthew",       "maverick",
    "merlin",    "michael",   "michelle",   "mickey",     "monkey",   "monster",       "motdepasse",
    "mustang",   "mynoob",    "naruto",     "nicole",     "ninja",    "nothing",       "oracle",
    "orange",    "pass",      "passw",      "passwd",     "password", "passwort",      "pepper",
    "phoenix",   "podplay",   "pokemon",    "postmaster", "princess", "private",       "purple",
    "pussy",     "qazwsx",    "qwe",        "qwer",       "qwert",    "qwerty",        "qwertz",
    "ranger",    "robert",    "root",       "samantha",   "samsung",  "schatz",        "secret",
    "secure",    "server",    "shadow",     "snoopy",     "soccer",   "sommer",        "sparky",
    "spring",    "starwars",  "summer",     "sunshine",   "superman", "support",       "sysadmin",
    "system",    "taylor",    "temp",       "test",       "tester",   "testing",       "testtest",
    "thomas",    "thunder",   "tigger",     "toor",       "trustno",  "unknown",       "user",
    "username",  "webmaster", "welcome",    "whatever",   "william",  "willkommen",    "winter",
    "xxx",       "yankees",   "yellow",     "zaq",        "zxcvbn",   "zxcvbnm",
};

// Characters that follow each other in a run, in either direction.
constexpr std::string_view kTracks[] = {
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "!@#$%^&*()",
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

// "p@ssw0rd" is "password". The letter that looks like the sign or digit.
char letter_of(char c) {
  switch (c) {
    case '0': return 'o';
    case '1':
    case '!': return 'i';
    case '3': return 'e';
    case '4':
    case '@': return 'a';
    case '5':
    case '$': return 's';
    case '7': return 't';
    default: return c;
  }
}

std::string with_letters(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), letter_of);
  return result;
}

// Without blanks and signs between the letters: "pass-word" is "password".
std::string without_signs(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (is_letter(c) || (c >= '0' && c <= '9')) {
      result += c;
    }
  }
  return result;
}

// Without the digits and signs before the first letter and after the last one.
std::string_view core_of(std::string_view text) {
  while (!text.empty() && !is_letter(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && !is_letter(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

// The address, its parts, and the words in them, if they are long enough to mean something.
std::set<std::string> words_of_account(std::string_view email) {
  constexpr std::size_t kShortest = 4;
  std::set<std::string> words;
  const std::string address = lower(email);
  const std::string_view at = address;
  std::vector<std::string_view> parts{at, at.substr(0, at.find('@')),
                                      at.substr(std::min(at.find('@') + 1, at.size()))};
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= at.size(); ++i) {
    if (i == at.size() || !(is_letter(at[i]) || (at[i] >= '0' && at[i] <= '9'))) {
      parts.push_back(at.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  for (const std::string_view part : parts) {
    for (const std::string& form : {std::string(part), std::string(core_of(part))}) {
      if (form.size() >= kShortest) {
        words.insert(without_signs(form));
      }
    }
  }
  return words;
}

bool is_common(const std::string& word) {
  return std::ranges::find(kWords, word) != std::end(kWords);
}

// What a guesser may have put something around.
bool hides_a_word(const std::string& text, const std::set<std::string>& account) {
  const std::string core(core_of(text));
  for (const std::string& form : {text, core, with_letters(core), with_letters(text),
                                  std::string(core_of(with_letters(core_of(text))))}) {
    const std::string word = without_signs(form);
    const std::string letters(core_of(word));
    if (is_common(word) || is_common(letters) || account.contains(word) ||
        account.contains(letters)) {
      return true;
    }
  }
  return false;
}

// One step along a track, or the same character again.
bool follows(char before, char after) {
  if (before == after) {
    return true;
  }
  return std::ranges::any_of(kTracks, [&](std::string_view track) {
    for (std::size_t i = 1; i < track.size(); ++i) {
      if ((track[i - 1] == before && track[i] == after) ||
          (track[i - 1] == after && track[i] == before)) {
        return true;
      }
    }
    return false;
  });
}

// Made of runs of three characters on average: "qwer1234", "aaabbbcc1", "87654321".
bool is_runs(std::string_view text) {
  constexpr std::size_t kLength = 3;
  std::size_t runs = 1;
  for (std::size_t i = 1; i < text.size(); ++i) {
    runs += follows(text[i - 1], text[i]) ? 0 : 1;
  }
  return runs * kLength <= text.size();
}

// The shortest text of which `text` is a repetition.
std::string_view unit_of(std::string_view text) {
  for (std::size_t length = 1; length <= text.size() / 2; ++length) {
    if (text.substr(length) == text.substr(0, text.size() - length)) {
      return text.substr(0, length);
    }
  }
  return text;
}

}  // namespace

bool is_blank(std::string_view text) {
  constexpr std::string_view kBlanks[] = {" ",
                                          "\t",
                                          "\n",
                                          "\v",
                                          "\f",
                                          "\r",
                                          "\xc2\x85",
                                          "\xc2\xa0",
                                          "\xe1\x9a\x80",
                                          "\xe2\x80\x80",
                                          "\xe2\x80\x81",
                                          "\xe2\x80\x82",
                                          "\xe2\x80\x83",
                                          "\xe2\x80\x84",
                                          "\xe2\x80\x85",
                                          "\xe2\x80\x86",
                                          "\xe2\x80\x87",
                                          "\xe2\x80\x88",
                                          "\xe2\x80\x89",
                                          "\xe2\x80\x8a",
                                          "\xe2\x80\x8b",
                                          "\xe2\x80\xa8",
                                          "\xe2\x80\xa9",
                                          "\xe2\x80\xaf",
                                          "\xe2\x81\x9f",
                                          "\xe3\x80\x80",
                                          "\xef\xbb\xbf"};
  while (!text.empty()) {
    const auto blank =
        std::ranges::find_if(kBlanks, [&](std::string_view one) { return text.starts_with(one); });
    if (blank == std::end(kBlanks)) {
      return false;
    }
    text.remove_prefix(blank->size());
  }
  return true;
}

bool is_first_guess(std::string_view text, std::string_view email) {
  // A repetition is as easy to guess as its unit, and a short unit can be tried out.
  constexpr std::size_t kShortUnit = 4;
  const std::string guess = lower(text);
  const std::string plain = without_signs(guess);
  if (unit_of(guess).size() <= kShortUnit || is_runs(guess) || is_runs(plain)) {
    return true;
  }
  const std::set<std::string> account = words_of_account(email);
  const std::string backwards(guess.rbegin(), guess.rend());
  return hides_a_word(guess, account) || hides_a_word(std::string(unit_of(plain)), account) ||
         hides_a_word(backwards, account);
}

}  // namespace podplay::control
