// A look at the database that neither waits for its writers nor disturbs them. SQLite's lock for
// writing is a lock of the file -shm (sqlite.org/wal.html); /proc/locks says who has it, and the
// file must not be opened for that: closing it would drop our own locks.
#include "store/health.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/numbers.hpp"
#include "base/process_table.hpp"
#include "store/connection.hpp"

namespace podplay::store {
namespace {

// Byte 120 of the file is WAL_WRITE_LOCK.
constexpr std::string_view kWriteLock = "120";
// A larger file is not read as a whole at each look.
constexpr std::uintmax_t kMostChecked = 16U << 20;

}  // namespace

std::optional<pid_t> write_lock_holder(const std::string& path, const std::string& locks_file) {
  struct stat info{};
  if (::stat((path + "-shm").c_str(), &info) != 0) {
    return std::nullopt;
  }
  // "1: POSIX  ADVISORY  WRITE 412 fe:00:1315 120 120"
  std::ifstream locks(locks_file);
  for (std::string line; std::getline(locks, line);) {
    std::istringstream fields(line);
    std::string number, kind, mode, access, pid, place, first;
    if (!(fields >> number >> kind >> mode >> access >> pid >> place >> first) ||
        access != "WRITE" || first != kWriteLock) {
      continue;
    }
    const std::string inode = place.substr(place.rfind(':') + 1);
    if (inode == std::to_string(info.st_ino)) {
      return parse_number<pid_t>(pid).value_or(0);
    }
  }
  return std::nullopt;
}

void look_at_sqlite(Session::Connection& connection, const std::string& path) {
  soci::session& sql = connection.sql;
  sql << "PRAGMA busy_timeout=300";
  std::error_code error;
  if (std::filesystem::file_size(path, error) <= kMostChecked && !error) {
    std::string verdict;
    sql << "PRAGMA quick_check(1)", soci::into(verdict);
    if (verdict != "ok") {
      throw soci::soci_error("database disk image is malformed: " + verdict);
    }
  }
  sql << "BEGIN IMMEDIATE";
  sql << "ROLLBACK";
}

std::string process_words(pid_t pid) {
  if (pid == 0) {
    return {};
  }
  std::string command = read_command_line(pid);
  return fmt::format("{} (pid {})", command.empty() ? "a process" : command, pid);
}

}  // namespace podplay::store
