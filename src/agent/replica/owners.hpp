// Records whom the mail of an address belongs to, in a file on the volume of the mail itself. The
// file is lost and restored together with the mail, so that a new owner of an address never sees
// the mail of the one before, whatever happened to the store or the replica.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "agent/replica/statements.hpp"
#include "base/files.hpp"

namespace podplay::agent {

// For use by one thread at a time.
class Owners {
 public:
  explicit Owners(std::string path);

  // Makes the file when there is none; only root may read it.
  Status open(Files& files);
  // begin() and commit() enclose the changes of one transaction of the replica, which commits after
  // this one.
  Status begin();
  Status commit();
  void roll_back();

  // 0 when no owner of this address was recorded.
  Result<std::int64_t> owner_of(const std::string& email);
  Status set_owner(const std::string& email, std::int64_t owner);

 private:
  Database database_;
  std::unique_ptr<Statement> find_;
  std::unique_ptr<Statement> put_;
};

}  // namespace podplay::agent
