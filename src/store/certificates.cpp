// One list of columns serves reading and writing, so that their order cannot differ.
#include "store/certificates.hpp"

#include "store/connection.hpp"
#include "store/words.hpp"

namespace podplay::store {
namespace {

constexpr const char* kCertificateColumns =
    "name, names, issuer, state, version, not_before, not_after, renew_at, last_error, created, "
    "updated, revision, names_chosen, challenge, key_type, profile, root, version_issuer, "
    "version_names, ask_at";

std::vector<Certificate> to_certificates(const soci::rowset<soci::row>& rows) {
  std::vector<Certificate> certificates;
  for (const soci::row& row : rows) {
    certificates.push_back(
        {.name = row.get<std::string>(0),
         .names = split_words(row.get<std::string>(1)),
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
    Certificate& one = certificates.back();
    one.names_chosen = row.get<long long>(12) != 0;
    one.wishes = {.challenge = row.get<std::string>(13),
                  .key_type = parse_key_type(row.get<std::string>(14)).value_or(KeyType::ecdsa),
                  .profile = row.get<std::string>(15),
                  .root = row.get<std::string>(16)};
    one.version_issuer = row.get<std::string>(17);
    one.version_names = split_words(row.get<std::string>(18));
    one.ask_at = from_millis(row.get<long long>(19));
  }
  return certificates;
}

}  // namespace

std::optional<Certificate> find_certificate(Session& session, const std::string& name) {
  auto found = to_certificates((sql_of(session).prepare << "SELECT " << kCertificateColumns
                                                        << " FROM certificates WHERE name = :name",
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
                              << "SELECT " << kCertificateColumns
                              << " FROM certificates WHERE name > :after ORDER BY name LIMIT :most",
                          soci::use(after), soci::use(most)));
}

std::vector<Certificate> list_due_certificates(Session& session, WallTime now) {
  const long long time = to_millis(now);
  return to_certificates((sql_of(session).prepare
                              << "SELECT " << kCertificateColumns
                              << " FROM certificates WHERE renew_at > 0 AND renew_at <= :now "
                                 "ORDER BY renew_at",
                          soci::use(time)));
}

std::vector<Certificate> list_certificates_to_ask(Session& session, WallTime now) {
  const long long time = to_millis(now);
  return to_certificates((sql_of(session).prepare
                              << "SELECT " << kCertificateColumns
                              << " FROM certificates WHERE ask_at > 0 AND ask_at <= :now "
                                 "ORDER BY ask_at",
                          soci::use(time)));
}

std::int64_t count_certificates_of(Session& session, const std::string& issuer) {
  long long count = 0;
  sql_of(session) << "SELECT COUNT(*) FROM certificates WHERE issuer = :issuer", soci::use(issuer),
      soci::into(count);
  return count;
}

void put_certificate(Transaction& transaction, const Certificate& certificate) {
  const std::string names = join_words(certificate.names);
  const std::string state(to_text(certificate.state));
  const long long not_before = to_millis(certificate.not_before);
  const long long not_after = to_millis(certificate.not_after);
  const long long renew_at = to_millis(certificate.renew_at);
  const long long created = to_millis(certificate.created);
  const long long updated = to_millis(certificate.updated);
  const auto revision = static_cast<long long>(certificate.revision);
  const long long chosen = certificate.names_chosen ? 1 : 0;
  const std::string key_type(to_text(certificate.wishes.key_type));
  const std::string version_names = join_words(certificate.version_names);
  const long long ask_at = to_millis(certificate.ask_at);
  sql_of(transaction.session())
      << "INSERT INTO certificates (" << kCertificateColumns
      << ") VALUES (:name, :names, :issuer, :state, :version, :not_before, :not_after, :renew_at, "
         ":last_error, :created, :updated, :revision, :chosen, :challenge, :key_type, :profile, "
         ":root, :version_issuer, :version_names, :ask_at) ON CONFLICT (name) DO UPDATE SET "
         "names = excluded.names, issuer = excluded.issuer, state = excluded.state, "
         "version = excluded.version, not_before = excluded.not_before, "
         "not_after = excluded.not_after, renew_at = excluded.renew_at, "
         "last_error = excluded.last_error, updated = excluded.updated, "
         "revision = excluded.revision, names_chosen = excluded.names_chosen, "
         "challenge = excluded.challenge, key_type = excluded.key_type, "
         "profile = excluded.profile, root = excluded.root, "
         "version_issuer = excluded.version_issuer, version_names = excluded.version_names, "
         "ask_at = excluded.ask_at",
      soci::use(certificate.name), soci::use(names), soci::use(certificate.issuer),
      soci::use(state), soci::use(certificate.version), soci::use(not_before), soci::use(not_after),
      soci::use(renew_at), soci::use(certificate.last_error), soci::use(created),
      soci::use(updated), soci::use(revision), soci::use(chosen),
      soci::use(certificate.wishes.challenge), soci::use(key_type),
      soci::use(certificate.wishes.profile), soci::use(certificate.wishes.root),
      soci::use(certificate.version_issuer), soci::use(version_names), soci::use(ask_at);
}

void delete_certificate(Transaction& transaction, const std::string& name) {
  sql_of(transaction.session()) << "DELETE FROM certificates WHERE name = :name", soci::use(name);
}

}  // namespace podplay::store
