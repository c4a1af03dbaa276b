// The kept settings are replaced as a whole.
#include "store/settings.hpp"

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kSettingColumns = "name, value";

}  // namespace

std::map<std::string, std::string> kept_settings(Session& session) {
  std::map<std::string, std::string> settings;
  const soci::rowset<soci::row> rows =
      (sql_of(session).prepare << "SELECT " << kSettingColumns << " FROM settings");
  for (const soci::row& row : rows) {
    settings.emplace(row.get<std::string>(0), row.get<std::string>(1));
  }
  return settings;
}

void keep_settings(Transaction& transaction, const std::map<std::string, std::string>& settings) {
  soci::session& sql = sql_of(transaction.session());
  sql << "DELETE FROM settings";
  for (const auto& [name, value] : settings) {
    sql << "INSERT INTO settings (" << kSettingColumns << ") VALUES (:name, :value)",
        soci::use(name), soci::use(value);
  }
}

}  // namespace podplay::store
