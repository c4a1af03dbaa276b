// Private keys of accounts and of orders that wait: files of the state volume with mode 0600, since
// the store's backups are shown to more people. A certificate's own key is in its version.
#pragma once

#include <cstdint>
#include <string>

#include "base/files.hpp"
#include "base/secret.hpp"
#include "net/signing_key.hpp"

namespace podplay::control {

class AcmeKeys {
 public:
  AcmeKeys(Files& files, std::string state_folder)
      : files_(files), folder_(std::move(state_folder) + "/acme") {}

  // The key that is kept, or a new one, which is on disk when this returns.
  Result<Secret> account_key(const std::string& account);
  // A second key of the account, for a roll-over: it becomes the account's with take_next_key().
  Result<Secret> next_account_key(const std::string& account);
  bool has_next_account_key(const std::string& account) const;
  Status take_next_key(const std::string& account);
  Status forget_account(const std::string& account);

  Result<Secret> order_key(std::int64_t order, net::KeyKind kind);
  Status forget_order(std::int64_t order);

 private:
  Result<Secret> read_or_make(const std::string& path, net::KeyKind kind);

  // Constant after construction.
  Files& files_;
  const std::string folder_;
};

}  // namespace podplay::control
