// Parses every field and collects what is wrong, so that a person fixes all of it at once.
#include "control/identity/user_input.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "model/names.hpp"

namespace podplay::control {
namespace {

// "info" of info@example.com, made long enough for a user name.
std::string derive_username(const std::string& local) {
  std::string name;
  for (const char c : local) {
    name += UserName::parse(std::string(3, c)) ? c : '_';
  }
  while (name.size() < 3) {
    name += '_';
  }
  return name.substr(0, 64);
}

}  // namespace

void apply_input(const UserInput& input, User& user, std::vector<Fault>& faults) {
  if (input.username) {
    const auto name = UserName::parse(*input.username);
    if (name) {
      user.username = name->text();
    } else {
      collect(faults, name.error());
    }
  }
  if (input.role) {
    const auto role = parse_role(*input.role);
    if (role) {
      user.role = *role;
    } else {
      collect(faults, role.error());
    }
  }
  if (input.quota) {
    if (*input.quota >= 0) {
      user.quota = *input.quota;
    } else {
      faults.push_back({.field = "quota",
                        .code = "bad_quota",
                        .message = fmt::format("a quota of {} bytes is not possible", *input.quota),
                        .remedy = "use 0 for unlimited, or a number of bytes"});
    }
  }
  if (input.services) {
    user.offers.clear();
    for (const std::string& text : *input.services) {
      const auto offer = parse_offer(text);
      if (offer) {
        user.offers.insert(*offer);
      } else {
        collect(faults, offer.error());
      }
    }
  }
  if (input.enabled) {
    user.enabled = *input.enabled;
  }
}

Result<User> build_user(const UserInput& input, PasswordChoice choice, WallTime now) {
  std::vector<Fault> faults;
  User user;
  const auto email = EmailAddress::parse_own(input.email);
  if (email) {
    user.email = email->text();
    user.domain = email->domain();
    user.username = derive_username(email->local());
  } else {
    collect(faults, email.error());
  }
  apply_input(input, user, faults);
  if (input.password_hash) {
    if (is_password_hash(*input.password_hash)) {
      user.password_hash = *input.password_hash;
    } else {
      faults.push_back({.field = "password_hash",
                        .code = "bad_hash",
                        .message = "the password hash is no Argon2id hash, or verifying it would "
                                   "need too much memory or time",
                        .remedy = fmt::format(
                            "give $argon2id$v=19$m=...,t=...,p=...$SALT$KEY with {}; or a password",
                            kHashLimits)});
    }
  } else if (input.password) {
    check_password(*input.password, choice, user.email, faults);
  } else {
    faults.push_back({.field = "password",
                      .code = "missing",
                      .message = "a password is missing",
                      .remedy = "give at least 8 characters"});
  }
  TRY(no_faults(std::move(faults)));
  if (!input.password_hash) {
    TRY(auto hash, hash_password(*input.password));
    user.password_hash = std::move(hash);
  }
  user.created = now;
  user.updated = now;
  return user;
}

}  // namespace podplay::control
