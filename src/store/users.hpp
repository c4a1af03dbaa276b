// Users in the store; model/user.hpp describes their fields.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/user.hpp"
#include "store/store.hpp"

namespace podplay::store {

std::optional<User> find_user(Session& session, std::int64_t id);
std::optional<User> find_user(Session& session, const std::string& email);
// Users in order of id, after the id `after`. An empty `domain` means all domains.
std::vector<User> list_users(Session& session, const std::string& domain, std::int64_t after,
                             std::int64_t limit);
std::int64_t count_users(Session& session, const std::string& domain);
std::int64_t count_enabled_admins(Session& session);
// In order of id, at most `limit`.
std::vector<User> list_enabled_admins(Session& session, std::int64_t limit);

// With the grants.
void insert_user(Transaction& transaction, const User& user);
void update_user(Transaction& transaction, const User& user);
void delete_user(Transaction& transaction, std::int64_t id);

// One prepared statement for many rows of users without a grant.
class UserInserter {
 public:
  explicit UserInserter(Transaction& transaction);
  ~UserInserter();
  void insert(const User& user);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace podplay::store
