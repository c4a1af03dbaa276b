// Passwords that a person sets by a link: one that was forgotten, and the first one of an account
// that an administrator made.
#pragma once

#include <string>

#include "base/secret.hpp"
#include "control/change.hpp"
#include "control/context.hpp"
#include "model/journey.hpp"

namespace podplay::control {

// Sends a link to the recovery address of the account, when there are such an account and address.
// The answer and its time are the same when there are none.
Result<std::string> request_password_reset(Context& context, const Actor& asking,
                                           const std::string& email, const std::string& language);

struct PasswordSet {
  std::string email;
  LinkPurpose purpose = LinkPurpose::password_reset;
};
// For a link of a reset or an invitation. Ends all logins of the account, and a lock after wrong
// passwords: who has the link is the owner. A second factor stays.
Result<Changed<PasswordSet>> set_password_by_link(Context& context, const Actor& asking,
                                                  const Secret& token, const Secret& password,
                                                  const WriteOptions& options);

struct Invitation {
  std::string email;
  // Where the link goes.
  std::string sent_to;
};
// `address`: where the person is reached, which becomes the recovery address; empty: the recovery
// address that the account has.
Result<Invitation> invite_user(Context& context, const Actor& actor, const std::string& key,
                               const std::string& address, const std::string& language);

}  // namespace podplay::control
