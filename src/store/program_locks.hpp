// Locks that programs on one database share. PostgreSQL's belong to a connection (13.3.5, "Advisory
// Locks"), so they are free again when the program that holds them is gone. SQLite serves one
// program, which gets every lock.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "store/store.hpp"

namespace podplay::store {

// Used by one thread at a time.
class ProgramLocks {
 public:
  // `url` as that of Store::open(); it is connected to when it is first needed.
  explicit ProgramLocks(std::string url) : url_(std::move(url)) {}

  // Takes the lock unless another program has it. True while it is ours; a connection that was lost
  // took its locks with it. An Error: the database does not answer, and no lock is ours.
  Result<bool> hold(std::int64_t lock);
  Status release(std::int64_t lock);

 private:
  // Lets go of the connection; without it, all locks are free.
  std::unexpected<Error> lose();

  // Constant after construction.
  const std::string url_;

  std::unique_ptr<Session> session_;
  std::set<std::int64_t> held_;
};

}  // namespace podplay::store
