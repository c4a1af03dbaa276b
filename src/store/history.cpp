// Generation, epochs and counters are small tables, because they are read with every page of the
// feed. A counter only grows.
#include "store/history.hpp"

#include <limits>

#include "store/connection.hpp"

namespace podplay::store {
namespace {

long long counter(Session& session, const std::string& name) {
  long long value = 0;
  sql_of(session) << "SELECT value FROM counters WHERE name = :name", soci::use(name),
      soci::into(value);
  return value;
}

void raise_counter(Transaction& transaction, const std::string& name, long long least) {
  sql_of(transaction.session())
      << "UPDATE counters SET value = :least WHERE name = :name AND value < :least2",
      soci::use(least), soci::use(name), soci::use(least);
}

// The sequence with which the epoch after this one begins; the largest number for the last one.
long long end_of(Session& session, long long epoch) {
  long long end = 0;
  soci::indicator found = soci::i_null;
  sql_of(session) << "SELECT MIN(first_seq) FROM epochs WHERE number > :number", soci::use(epoch),
      soci::into(end, found);
  return found == soci::i_ok ? end : std::numeric_limits<long long>::max();
}

}  // namespace

std::string find_generation(Session& session) {
  std::string generation;
  sql_of(session) << "SELECT COALESCE(MAX(generation), '') FROM history", soci::into(generation);
  return generation;
}

void raise_numbers(Transaction& transaction, const NumberMarks& marks, std::uint64_t seq) {
  raise_counter(transaction, "revision", static_cast<long long>(marks.revision));
  raise_counter(transaction, "id", marks.id);
  raise_counter(transaction, "feed", static_cast<long long>(seq));
}

void begin_generation(Transaction& transaction, const std::string& id) {
  soci::session& sql = sql_of(transaction.session());
  sql << "DELETE FROM history";
  sql << "INSERT INTO history (generation) VALUES (:id)", soci::use(id);
}

void begin_epoch(Transaction& transaction, const std::string& id) {
  const long long number = transaction.next("epoch");
  const long long first = counter(transaction, "feed") + 1;
  sql_of(transaction.session())
      << "INSERT INTO epochs (number, id, first_seq) VALUES (:number, :id, :first)",
      soci::use(number), soci::use(id), soci::use(first);
}

std::string current_epoch(Session& session) {
  std::string id;
  sql_of(session) << "SELECT COALESCE(MAX(id), '') FROM epochs WHERE number = "
                     "(SELECT MAX(number) FROM epochs)",
      soci::into(id);
  return id;
}

bool knows_position(Session& session, const FeedPosition& position) {
  if (position.seq == 0) {
    return true;
  }
  long long number = 0;
  sql_of(session) << "SELECT COALESCE(MAX(number), 0) FROM epochs WHERE id = :id",
      soci::use(position.epoch), soci::into(number);
  const long long seq = static_cast<long long>(position.seq);
  return number > 0 && seq < end_of(session, number) && seq <= counter(session, "feed");
}

NumberMarks number_marks(Session& session) {
  return {.revision = static_cast<Revision>(counter(session, "revision")),
          .id = counter(session, "id")};
}

}  // namespace podplay::store
