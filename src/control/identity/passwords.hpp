// The rules for new passwords, and their hashes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "model/settings.hpp"

namespace podplay::control {

inline constexpr std::size_t kShortestPassword = 8;

// Whose choice a password is.
enum class PasswordChoice {
  // An administrator's, for somebody else in a lab: "password123" is good enough to be changed
  // soon.
  given,
  // That of the person who will use it: it must also resist the first guesses.
  own,
};

// Adds a fault when the password is not acceptable. `email` is the account's address.
void check_password(const Secret& password, PasswordChoice choice, std::string_view email,
                    std::vector<Fault>& faults);
// Adds a warning when an administrator chose one of the first guesses for somebody else.
void warn_of_guesses(const Secret& password, std::string_view email,
                     std::vector<std::string>& warnings);
// What an administrator may choose for others: in a lab nearly anything, else nothing that is among
// the first guesses.
PasswordChoice choice_for_others(const Settings& settings);
// The Argon2id hash of a password that passes the check, at hash_cost() (control/identity/rehash).
// Takes about 22 ms: call it before a transaction, not while others wait for the store.
Result<std::string> check_and_hash(const Secret& password, PasswordChoice choice,
                                   std::string_view email, const HashCost& cost = {});

}  // namespace podplay::control
