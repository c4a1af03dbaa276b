// One list of columns serves reading and writing, so that their order cannot differ.
#include "store/certificates.hpp"

#include <algorithm>

#include "store/connection.hpp"

namespace podplay::store {
namespace {

constexpr const char* kColumns =
    "name, names, issuer, state, version, not_before, not_after, renew_at, last_error, created, "
    "updated, revision";

// Host names have no blanks, so a blank separates them.
std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : " ") + name;
  }
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    names.emplace_back(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return names;
}

std::vector<Certificate> to_certificates(const soci::rowset<soci::row>& rows) {
  std::vector<Certificate> certificates;
  for (const soci::row& row : rows) {
    certificates.push_back(
        {.name = row.get<std::string>(0),
         .names = split(row.get<std::string>(1)),
         .issuer = row.get<std::string>(2),
         .state =
             parse_certificate_state(row.get<std::string>(3)).value_or(CertificateState::wanted),
         .version = row.get<std::string>(4),
         .not_before = from_millis(row.get<long long>(5)),
         .not_after = from_millis(row.get<long long>(6)),
         .renew_at = from_millis(row.get<long long>(7)),
         .last_error = row.get<std::string>(8),
         .created = from_millis(row.get<long long>(9)),
         .updated = from_millis(row.get<long long>(10)),
         .revision = static_cast<Revision>(row.get<long long>(11))});
  }
  return certificates;
}

}  // namespace

std::optional<Certificate> find_certificate(Session& session, const std::string& name) {
  auto found = to_certificates(
      (sql_of(session).prepare << "SELECT " << kColumns << " FROM certificates WHERE name = :name",
       soci::use(name)));
  if (found.empty()) {
    return std::nullopt;
  }
  return std::move(found.front());
}

std::vector<Certificate> list_certificates(Session& session, const std::string& after,
                                           std::int64_t limit) {
  const long long most = limit;
  return to_certificates((sql_of(session).prepare
                              << "SELECT " << kColumns
                              << " FROM certificates WHERE name > :after ORDER BY name LIMIT :most",
                          soci::use(after), soci::use(most)));
}

void put_certificate(Transaction& transaction, const Certificate& certificate) {
  const std::string names = join(certificate.names);
  const std::string state(to_text(certificate.state));
  const long long not_before = to_millis(certificate.not_before);
  const long long not_after = to_millis(certificate.not_after);
  const long long renew_at = to_millis(certificate.renew_at);
  const long long created = to_millis(certificate.created);
  const long long updated = to_millis(certificate.updated);
  const auto revision = static_cast<long long>(certificate.revision);
  sql_of(transaction.session())
      << "INSERT INTO certificates (" << kColumns
      << ") VALUES (:name, :names, :issuer, :state, :version, :not_before, :not_after, :renew_at, "
         ":last_error, :created, :updated, :revision) ON CONFLICT (name) DO UPDATE SET "
         "names = excluded.names, issuer = excluded.issuer, state = excluded.state, "
         "version = excluded.version, not_before = excluded.not_before, "
         "not_after = excluded.not_after, renew_at = excluded.renew_at, "
         "last_error = excluded.last_error, updated = excluded.updated, "
         "revision = excluded.revision",
      soci::use(certificate.name), soci::use(names), soci::use(certificate.issuer),
      soci::use(state), soci::use(certificate.version), soci::use(not_before), soci::use(not_after),
      soci::use(renew_at), soci::use(certificate.last_error), soci::use(created),
      soci::use(updated), soci::use(revision);
}

void delete_certificate(Transaction& transaction, const std::string& name) {
  sql_of(transaction.session()) << "DELETE FROM certificates WHERE name = :name", soci::use(name);
}

}  // namespace podplay::store
