// Records whom the mail of an address belongs to, in a file on the volume of the mail itself. The
// file is lost and restored together with the mail, so that a new owner of an address never sees
// the mail of the one before, whatever happened to the store, the replica or the mail.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "agent/replica/statements.hpp"
#include "base/files.hpp"
#include "base/log.hpp"

namespace podplay::agent {

// For use by one thread at a time.
class Owners {
 public:
  explicit Owners(std::string path);

  // Makes the file when there is none; only root may read it. A damaged file is put aside
  // (".damaged") and made again.
  Status open(Files& files, const Logger& log);
  // Compares with the replica in this file, and returns how many mailboxes that may be used have
  // another owner there: then the mail or the replica was restored. These take no mail and no login
  // until their rows, which all come again, are applied. A mailbox without an owner here gets that
  // of the replica, since this file was lost.
  Result<std::int64_t> compare(const std::string& replica);
  // Fails with the code directory_damaged when the file is damaged.
  Status check() const;
  // begin() and commit() enclose the changes of one transaction of the replica, which commits after
  // this one.
  Status begin();
  Status commit();
  void roll_back();

  // 0 when no owner of this address was recorded.
  Result<std::int64_t> owner_of(const std::string& email);
  Status set_owner(const std::string& email, std::int64_t owner);

 private:
  Status connect(Files& files);

  Database database_;
  std::unique_ptr<Statement> find_;
  std::unique_ptr<Statement> put_;
};

}  // namespace podplay::agent
