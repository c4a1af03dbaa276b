// Every look-up is a few statements by primary key. Another connection writes the replica; with
// WAL, neither waits for the other.
#include "agent/lookups/tables.hpp"

#include <fmt/format.h>

#include "agent/replica/schema.hpp"
#include "base/ascii.hpp"
#include "base/encoding.hpp"
#include "base/numbers.hpp"

namespace podplay::agent {
namespace {

// In the order of LookupTables::Query.
constexpr const char* kSql[] = {
    "SELECT name FROM domains WHERE name = ?1",
    "SELECT email FROM mailboxes WHERE email = ?1 AND enabled = 1",
    "SELECT target FROM routes WHERE address = ?1",
    "SELECT enabled, nearly_full, quota FROM mailboxes WHERE email = ?1",
    "SELECT certificate, version FROM sni WHERE name = ?1",
    // As in the passdb of dovecot.conf.
    ("SELECT email FROM mailboxes WHERE email = ?1 AND enabled = 1 AND EXISTS "
     "(SELECT 1 FROM domains WHERE name = substr(?1, instr(?1, '@') + 1))"),
};

// An address in its parts; `extension` begins with '+'.
struct Parts {
  std::string_view user;
  std::string_view extension;
  std::string_view domain;

  std::string base() const { return fmt::format("{}@{}", user, domain); }
};

std::optional<Parts> split(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == address.npos || at == 0) {
    return std::nullopt;
  }
  const std::string_view local = address.substr(0, at);
  const std::size_t plus = local.find('+', 1);
  Parts parts{.user = local.substr(0, plus), .extension = {}, .domain = address.substr(at + 1)};
  if (plus != local.npos) {
    parts.extension = local.substr(plus);
  }
  return parts;
}

bool is_role(std::string_view user) { return user == "postmaster" || user == "abuse"; }

// "ann@a.test" and "+lists" make "ann+lists@a.test"; a target with an extension keeps its own.
std::string with_extension(const std::string& target, std::string_view extension) {
  const auto parts = split(target);
  if (!parts || extension.empty() || !parts->extension.empty()) {
    return target;
  }
  return fmt::format("{}{}@{}", parts->user, extension, parts->domain);
}

std::string join(const std::vector<std::vector<std::string>>& rows, std::string_view extension) {
  std::string text;
  for (const auto& row : rows) {
    text += (text.empty() ? "" : ", ") + with_extension(row.front(), extension);
  }
  return text;
}

// "a/b/c": the first part, and the rest.
std::pair<std::string_view, std::string_view> cut(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  return {text.substr(0, slash), text.substr(std::min(slash + 1, text.size()))};
}

}  // namespace

LookupTables::LookupTables(LookupOptions options, Files& files)
    : options_(std::move(options)), files_(files), database_(options_.replica) {}

Status LookupTables::open() {
  if (open_) {
    return {};
  }
  for (auto& statement : statements_) {
    statement.reset();
  }
  TRY(database_.open(Database::Access::read_only));
  for (std::size_t i = 0; i < kQueries; ++i) {
    statements_[i] = std::make_unique<Statement>(database_, kSql[i]);
    if (!statements_[i]->valid()) {
      return database_.error("prepare for");
    }
  }
  open_ = true;
  return {};
}

Result<std::vector<std::vector<std::string>>> LookupTables::rows(Query query,
                                                                 std::string_view key) {
  TRY(open());
  auto found = statements_[static_cast<std::size_t>(query)]->rows(key);
  if (!found) {
    open_ = false;
  }
  return found;
}

Result<std::optional<std::string>> LookupTables::first(Query query, std::string_view key) {
  TRY(const auto found, rows(query, key));
  return found.empty() ? std::nullopt : std::optional(found.front().front());
}

Result<std::optional<std::string>> LookupTables::find(std::string_view table,
                                                      std::string_view key) {
  const std::string folded = lower(key);
  const auto [name, arguments] = cut(table);
  if (name == "domains") {
    return first(Query::domain, folded);
  }
  if (name == "mailboxes") {
    return find_mailbox(folded);
  }
  if (name == "routes") {
    return find_route(folded);
  }
  if (name == "recipients") {
    return find_recipient(folded, arguments);
  }
  if (name == "ours") {
    return find_ours(folded, arguments);
  }
  if (name == "postmaster") {
    const auto [host, admin] = cut(arguments);
    return find_postmaster(folded, host, admin);
  }
  if (name == "sni") {
    return find_certificate(folded);
  }
  return fail(ErrorKind::not_found, "table_unknown", fmt::format("there is no table '{}'", name));
}

Result<std::optional<std::string>> LookupTables::find_mailbox(std::string_view address) {
  const auto parts = split(address);
  if (!parts) {
    return std::nullopt;
  }
  return first(Query::mailbox, parts->base());
}

Result<std::optional<std::string>> LookupTables::find_route(std::string_view address) {
  TRY(const auto exact, rows(Query::targets, address));
  if (!exact.empty()) {
    return join(exact, {});
  }
  const auto parts = split(address);
  if (!parts) {
    return std::nullopt;
  }
  if (!parts->extension.empty()) {
    TRY(const auto base, rows(Query::targets, parts->base()));
    if (!base.empty()) {
      return join(base, parts->extension);
    }
  }
  TRY(const auto catch_all, rows(Query::targets, fmt::format("@{}", parts->domain)));
  if (catch_all.empty()) {
    return std::nullopt;
  }
  return join(catch_all, {});
}

Result<bool> LookupTables::has_route(std::string_view address) {
  TRY(const auto found, rows(Query::targets, address));
  return !found.empty();
}

// Whether the address is postmaster or abuse of the server's own name or of one of our domains.
Result<bool> LookupTables::is_role_of_ours(std::string_view address, std::string_view host) {
  const auto parts = split(address);
  if (!parts || !is_role(parts->user)) {
    return false;
  }
  if (parts->domain == host) {
    return true;
  }
  TRY(const auto domain, first(Query::domain, parts->domain));
  return domain.has_value();
}

Result<std::optional<std::string>> LookupTables::find_postmaster(std::string_view address,
                                                                 std::string_view host,
                                                                 std::string_view admin) {
  TRY(const bool role, is_role_of_ours(address, host));
  if (!role) {
    return std::nullopt;
  }
  const auto parts = split(address);
  TRY(const bool taken, has_route(parts->base()));
  TRY(const bool caught, has_route(fmt::format("@{}", parts->domain)));
  if (taken || caught) {
    return std::nullopt;
  }
  return std::string(admin);
}

// Every address in one of our domains or in the server's own name is ours, including postmaster,
// abuse and addresses that only a catch-all covers. In a disabled domain, an address is ours when
// it has a mailbox, an alias or a catch-all.
Result<std::optional<std::string>> LookupTables::find_ours(std::string_view address,
                                                           std::string_view host) {
  const auto parts = split(address);
  if (!parts) {
    return std::nullopt;
  }
  bool ours = parts->domain == host;
  if (!ours) {
    TRY(const auto domain, first(Query::domain, parts->domain));
    ours = domain.has_value();
  }
  if (!ours) {
    TRY(const auto route, find_route(address));
    ours = route.has_value();
  }
  if (!ours) {
    return std::nullopt;
  }
  return "553 5.7.1 log in to send as this address";
}

Result<std::optional<std::string>> LookupTables::find_recipient(std::string_view address,
                                                                std::string_view small) {
  const auto parts = split(address);
  if (!parts) {
    return std::nullopt;
  }
  TRY(const auto found, rows(Query::recipient, parts->base()));
  if (found.empty()) {
    return std::nullopt;
  }
  const auto& mailbox = found.front();
  if (mailbox[0] == "0") {
    // RFC 3463: 5.2.1.
    return "550 5.2.1 this mailbox is disabled";
  }
  const std::int64_t quota = parse_number<std::int64_t>(mailbox[2]).value_or(0);
  const std::int64_t least = parse_number<std::int64_t>(small).value_or(0);
  if (mailbox[1] == "1" || (quota > 0 && quota < least)) {
    return "ask_quota";
  }
  return "OK";
}

Result<std::optional<std::string>> LookupTables::find_certificate(std::string_view name) {
  TRY(const auto found, rows(Query::certificate, name));
  if (found.empty()) {
    return std::nullopt;
  }
  const std::string folder =
      fmt::format("{}/{}/versions/{}", options_.certificates, found.front()[0], found.front()[1]);
  TRY(const auto key, files_.read(folder + "/privkey.pem"));
  TRY(const auto chain, files_.read(folder + "/fullchain.pem"));
  return base64(key + chain);
}

Result<bool> LookupTables::may_log_in(std::string_view mailbox) {
  TRY(const auto found, first(Query::login, mailbox));
  return found.has_value();
}

Status LookupTables::mark_nearly_full(std::string_view mailbox, bool full) {
  Database database(options_.replica);
  TRY(database.open(Database::Access::read_write));
  Statement mark(database, sql_of(full ? Sql::put_full : Sql::drop_full));
  if (!mark.valid() || !mark.run(mailbox)) {
    return database.error("write");
  }
  return {};
}

}  // namespace podplay::agent
