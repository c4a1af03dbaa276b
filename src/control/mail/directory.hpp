// The store as the rule about the ways of mail sees it (model/mail_way.hpp). With it, the API
// answers as Postfix does, which asks the mail agent's replica.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/context.hpp"
#include "model/mail_way.hpp"
#include "model/user.hpp"
#include "store/store.hpp"

namespace podplay::control {

// Lives inside one transaction.
class StoreDirectory final : public MailDirectory {
 public:
  explicit StoreDirectory(store::Session& session) : session_(session) {}
  // The same, but as if this alias had been written already.
  StoreDirectory(store::Session& session, const Alias& written)
      : session_(session), written_(&written) {}

  Result<DomainState> domain(const std::string& name) override;
  Result<std::optional<bool>> mailbox(const std::string& address) override;
  Result<std::vector<std::string>> targets(const std::string& address) override;

 private:
  store::Session& session_;
  const Alias* written_ = nullptr;
};

// Whether the user may receive and send mail, as far as the user's own row says.
bool takes_mail(const User& user);
RoleNames role_names(const Settings& settings);

}  // namespace podplay::control
