// Another connection writes the replica; with WAL, neither waits for the other.
#include "agent/replica/domains.hpp"

#include "agent/replica/statements.hpp"

namespace podplay::agent {

Result<std::vector<std::string>> enabled_domains(const std::string& replica) {
  Database database(replica);
  TRY(database.open(Database::Access::read_only));
  std::vector<std::string> names;
  TRY(database.query("SELECT name FROM domains",
                     [&](char** columns) { names.emplace_back(columns[0]); }));
  return names;
}

}  // namespace podplay::agent
