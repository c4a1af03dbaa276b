// Parses every field and collects what is wrong, so that a person fixes all of it at once.
#include "control/identity/user_input.hpp"

#include <fmt/format.h>

#include "auth/password_scheme.hpp"
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

std::set<std::string> read_domains(const std::vector<std::string>& texts,
                                   std::vector<Fault>& faults) {
  std::set<std::string> domains;
  for (const std::string& text : texts) {
    const auto domain = DomainName::parse(text, "domains");
    if (domain) {
      domains.insert(domain->text());
    } else {
      collect(faults, domain.error());
    }
  }
  return domains;
}

// `domains` alone makes a domain administrator, or one less; an administrator stays one.
void apply_grants(const UserInput& input, User& user, std::vector<Fault>& faults) {
  if (input.domains) {
    user.domains = read_domains(*input.domains, faults);
    if (user.role != Role::admin) {
      user.role = user.domains.empty() ? Role::user : Role::domain_admin;
    }
  }
  if (!input.role) {
    return;
  }
  const auto role = parse_role(*input.role);
  if (!role) {
    collect(faults, role.error());
    return;
  }
  user.role = *role;
  if (*role == Role::user && input.domains && !user.domains.empty()) {
    faults.push_back({.field = "domains",
                      .code = "role_without_domains",
                      .message = "a user with the role user administers no domain",
                      .remedy = "use the role domain-admin, or leave domains out"});
  }
  if (*role == Role::user) {
    user.domains.clear();
  }
  if (*role == Role::domain_admin && user.domains.empty()) {
    user.domains = {user.domain};
  }
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
  apply_grants(input, user, faults);
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

Result<User> build_user(const UserInput& input, PasswordChoice choice, WallTime now,
                        const HashCost& cost) {
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
    auto hash = auth::take_hash(*input.password_hash);
    if (hash) {
      user.password_hash = std::move(*hash);
    } else {
      faults.push_back({.field = "password_hash",
                        .code = hash.error().code,
                        .message = hash.error().message,
                        .remedy = hash.error().remedy});
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
    TRY(auto hash, hash_password(*input.password, cost));
    user.password_hash = std::move(hash);
  }
  user.created = now;
  user.updated = now;
  return user;
}

}  // namespace podplay::control
