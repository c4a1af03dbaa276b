// The passwords that guessers try first: the most common ones, runs of keys, and what belongs to
// the account.
#pragma once

#include <string_view>

namespace podplay::control {

// Nothing but white space, as RFC 8265 section 4.2 and Unicode have it.
bool is_blank(std::string_view text);

// True for a common password or a word of the account, also with digits and signs around it or with
// signs for letters ("P@ssw0rd!"), for runs ("qwer1234"), and for repetitions ("abcabcabc"). Case
// does not count.
bool is_first_guess(std::string_view text, std::string_view email);

}  // namespace podplay::control
