// A disabled alias counts as one that does not exist, as in the replica.
#include "control/mail/directory.hpp"

#include "store/aliases.hpp"
#include "store/domains.hpp"
#include "store/users.hpp"

namespace podplay::control {

Result<MailDirectory::DomainState> StoreDirectory::domain(const std::string& name) {
  const auto found = store::find_domain(session_, name);
  if (!found) {
    return DomainState::outside;
  }
  return found->enabled ? DomainState::enabled : DomainState::disabled;
}

Result<std::optional<bool>> StoreDirectory::mailbox(const std::string& address) {
  const auto user = store::find_user(session_, address);
  return user ? std::optional(takes_mail(*user)) : std::nullopt;
}

Result<std::vector<std::string>> StoreDirectory::targets(const std::string& address) {
  const auto alias = written_ != nullptr && written_->address == address
                         ? std::optional(*written_)
                         : store::find_alias(session_, address);
  return alias && alias->enabled ? alias->targets : std::vector<std::string>{};
}

bool takes_mail(const User& user) { return user.enabled && user.offers.contains(Offer::mail); }

RoleNames role_names(const Settings& settings) {
  return {.host = settings.text("PODPLAY_MAIL_SERVER_NAME"),
          .admin = settings.text("PODPLAY_ADMIN_EMAIL")};
}

}  // namespace podplay::control
