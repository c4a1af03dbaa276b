// The parts of Store::look().
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "store/store.hpp"

namespace podplay::store {

// The process that holds SQLite's lock for writing; 0 when it is one that cannot be seen from here,
// nothing when nobody is seen to hold it.
std::optional<pid_t> write_lock_holder(const std::string& path,
                                       const std::string& locks_file = "/proc/locks");
// Throws what SOCI throws: when the file is damaged, or somebody else is writing.
void look_at_sqlite(Session::Connection& connection, const std::string& path);
// "sqlite3 /data/state/podplay.db (pid 412)"
std::string process_words(pid_t pid);

}  // namespace podplay::store
