// Every look-up is a few statements by primary key. Another connection writes the replica; with
// WAL, neither waits for the other.
#include "agent/lookups/tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "agent/forwards/forward_address.hpp"
#include "agent/replica/schema.hpp"
#include "base/ascii.hpp"
#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "daemons/postfix.hpp"

namespace podplay::agent {
namespace {

// In the order of LookupTables::Query.
constexpr const char* kSql[] = {
    "SELECT name FROM domains WHERE name = ?1",
    "SELECT name FROM disabled_domains WHERE name = ?1",
    "SELECT enabled, nearly_full, quota FROM mailboxes WHERE email = ?1",
    "SELECT target FROM routes WHERE address = ?1 AND own = 0",
    "SELECT certificate, version FROM sni WHERE name = ?1",
    // As in the passdb of dovecot.conf.
    ("SELECT email FROM mailboxes WHERE email = ?1 AND enabled = 1 AND EXISTS "
     "(SELECT 1 FROM domains WHERE name = substr(?1, instr(?1, '@') + 1))"),
};

// "a/b/c": the first part, and the rest.
std::pair<std::string_view, std::string_view> cut(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  return {text.substr(0, slash), text.substr(std::min(slash + 1, text.size()))};
}

// "HOST/ADMIN"; an address may have slashes.
RoleNames roles_of(std::string_view arguments) {
  const auto [host, admin] = cut(arguments);
  return {.host = std::string(host), .admin = lower(admin)};
}

// Whether the way ends where it began, as `kind`.
bool is_itself(const MailWay& way, MailEnd::Kind kind) {
  return way.ends.size() == 1 && way.ends.front().via.empty() && way.ends.front().kind == kind;
}

// The address is in no domain of ours.
bool is_outside(const MailWay& way) { return is_itself(way, MailEnd::Kind::outside); }

// The address is in a domain of ours, and nobody has it.
bool is_missing(const MailWay& way) { return is_itself(way, MailEnd::Kind::missing); }

// Mail that an alias sends on to others goes through the agent, which gives it a sender of ours.
std::string queue_address(const MailEnd& end) {
  if (end.kind != MailEnd::Kind::outside) {
    return end.address;
  }
  return to_address({.target = end.address, .alias = end.via});
}

// Why no end takes mail (RFC 3463).
std::string refusal(const MailWay& way) {
  if (way.too_long) {
    return "550 5.4.6 this address leads to more than 1000 others";
  }
  if (way.circular()) {
    return "550 5.4.6 the aliases of this address lead in a circle";
  }
  if (std::ranges::none_of(
          way.ends, [](const MailEnd& end) { return end.kind == MailEnd::Kind::disabled; })) {
    return "550 5.1.1 this address leads to no mailbox";
  }
  return way.ends.front().via.empty() ? "550 5.2.1 this mailbox is disabled"
                                      : "550 5.2.1 the mailbox behind this address is disabled";
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

Result<std::vector<Columns>> LookupTables::rows(Query query, std::string_view key) {
  TRY(open());
  auto found = statements_[static_cast<std::size_t>(query)]->rows(key);
  if (!found) {
    open_ = false;
  }
  return found;
}

Result<MailDirectory::DomainState> LookupTables::domain(const std::string& name) {
  TRY(const auto enabled, rows(Query::domain, name));
  if (!enabled.empty()) {
    return DomainState::enabled;
  }
  TRY(const auto disabled, rows(Query::disabled_domain, name));
  return disabled.empty() ? DomainState::outside : DomainState::disabled;
}

Result<std::optional<bool>> LookupTables::mailbox(const std::string& address) {
  TRY(const auto found, rows(Query::mailbox, address));
  return found.empty() ? std::nullopt : std::optional(found.front()[0] == "1");
}

Result<std::vector<std::string>> LookupTables::targets(const std::string& address) {
  TRY(const auto found, rows(Query::targets, address));
  std::vector<std::string> targets;
  for (const Columns& row : found) {
    targets.push_back(row.front());
  }
  return targets;
}

Result<std::optional<std::string>> LookupTables::find(std::string_view table,
                                                      std::string_view key) {
  const std::string folded = lower(key);
  const auto [name, arguments] = cut(table);
  if (name == "domains") {
    return find_domain(folded);
  }
  if (name == "mailboxes") {
    return find_mailbox(folded);
  }
  if (name == "routes") {
    return find_route(roles_of(arguments), folded);
  }
  if (name == "senders") {
    return find_senders(roles_of(arguments), folded);
  }
  if (name == "recipients") {
    return find_recipient(arguments, folded);
  }
  if (name == "ours") {
    return find_ours(arguments, folded);
  }
  if (name == "sni") {
    return find_certificate(arguments, folded);
  }
  return fail(ErrorKind::not_found, "table_unknown", fmt::format("there is no table '{}'", name));
}

Result<std::optional<std::string>> LookupTables::find_domain(std::string_view name) {
  TRY(const auto found, rows(Query::domain, name));
  return found.empty() ? std::nullopt : std::optional(found.front().front());
}

Result<std::optional<std::string>> LookupTables::find_mailbox(std::string_view address) {
  const auto parts = split_address(address);
  if (!parts) {
    return std::nullopt;
  }
  TRY(const auto takes_mail, mailbox(parts->base()));
  return takes_mail.value_or(false) ? std::optional(parts->base()) : std::nullopt;
}

// Only the ends that take mail: the others would bounce it to its sender, whom a stranger may have
// made up. When none takes mail, RCPT refuses it, and what is sent from here bounces.
Result<std::optional<std::string>> LookupTables::find_route(const RoleNames& roles,
                                                            std::string_view address) {
  TRY(const auto way, follow_mail(*this, roles, address));
  if (is_outside(way) || is_missing(way) || way.too_long) {
    return std::nullopt;
  }
  const bool any = way.takes_mail();
  std::vector<std::string> ends;
  for (const MailEnd& end : way.ends) {
    if (end.takes_mail() || !any) {
      ends.push_back(queue_address(end));
    }
  }
  return ends.empty() ? std::nullopt : std::optional(fmt::format("{}", fmt::join(ends, ", ")));
}

// Who gets the mail of an address may also send as it.
Result<std::optional<std::string>> LookupTables::find_senders(const RoleNames& roles,
                                                              std::string_view address) {
  TRY(const auto way, follow_mail(*this, roles, address));
  std::vector<std::string> logins;
  for (const MailEnd& end : way.ends) {
    if (end.kind == MailEnd::Kind::mailbox) {
      logins.push_back(end.mailbox());
    }
  }
  return logins.empty() ? std::nullopt : std::optional(fmt::format("{}", fmt::join(logins, ", ")));
}

// Every address in one of our domains or in the server's own name is ours, including postmaster,
// abuse, addresses that only a catch-all covers, and those of a disabled domain.
Result<std::optional<std::string>> LookupTables::find_ours(std::string_view host,
                                                           std::string_view address) {
  const auto parts = split_address(address);
  if (!parts) {
    return std::nullopt;
  }
  TRY(const auto state, domain(parts->domain));
  if (state == DomainState::outside && parts->domain != host) {
    return std::nullopt;
  }
  return "553 5.7.1 log in to send as this address";
}

// An address whose mail nobody can take is refused here, however many aliases lie between: else its
// mail would bounce to a sender whom a stranger may have made up (RFC 5321 section 6.2). Postfix
// also asks for parts of an address; those have no entry, and neither do addresses of other
// servers.
Result<std::optional<std::string>> LookupTables::find_recipient(std::string_view arguments,
                                                                std::string_view address) {
  const auto [small, names] = cut(arguments);
  if (!split_address(address)) {
    return std::nullopt;
  }
  TRY(const auto way, follow_mail(*this, roles_of(names), address));
  if (is_outside(way)) {
    return std::nullopt;
  }
  if (is_missing(way)) {
    return fmt::format("550 5.1.1 {}", daemons::kUserUnknown);
  }
  if (way.too_long || !way.takes_mail()) {
    return refusal(way);
  }
  TRY(const auto full, crowded_ends(way, small));
  return full.empty() ? "OK" : "ask_quota";
}

Result<std::vector<std::string>> LookupTables::crowded(std::string_view arguments,
                                                       std::string_view address) {
  const auto [small, names] = cut(arguments);
  TRY(const auto way, follow_mail(*this, roles_of(names), lower(address)));
  return crowded_ends(way, small);
}

Result<std::vector<std::string>> LookupTables::crowded_ends(const MailWay& way,
                                                            std::string_view small) {
  const std::int64_t least = parse_number<std::int64_t>(small).value_or(0);
  std::vector<std::string> mailboxes;
  for (const MailEnd& end : way.ends) {
    if (!end.takes_mail()) {
      continue;
    }
    if (end.kind == MailEnd::Kind::outside) {
      return std::vector<std::string>{};
    }
    TRY(const auto found, rows(Query::mailbox, end.mailbox()));
    const std::int64_t quota =
        found.empty() ? 0 : parse_number<std::int64_t>(found.front()[2]).value_or(0);
    const bool nearly_full = !found.empty() && found.front()[1] == "1";
    if (!nearly_full && (quota == 0 || quota >= least)) {
      return std::vector<std::string>{};
    }
    mailboxes.push_back(end.mailbox());
  }
  return mailboxes;
}

// Postfix asks for "mail.a.test" and, when there is no such entry, for ".a.test" and ".test".
Result<std::optional<std::string>> LookupTables::find_certificate(std::string_view arguments,
                                                                  std::string_view name) {
  const auto [host, version] = cut(arguments);
  if (name == host) {
    TRY(auto own, key_and_chain(host, version));
    return std::optional(std::move(own));
  }
  TRY(const auto found, rows(Query::certificate, name));
  if (found.empty()) {
    return std::nullopt;
  }
  TRY(auto text, key_and_chain(found.front()[0], found.front()[1]));
  return std::optional(std::move(text));
}

Result<std::string> LookupTables::key_and_chain(std::string_view certificate,
                                                std::string_view version) {
  const std::string folder =
      fmt::format("{}/{}/versions/{}", options_.certificates, certificate, version);
  TRY(const auto key, files_.read(folder + "/privkey.pem"));
  TRY(const auto chain, files_.read(folder + "/fullchain.pem"));
  return base64(key + chain);
}

Result<bool> LookupTables::may_log_in(std::string_view mailbox) {
  TRY(const auto found, rows(Query::login, mailbox));
  return !found.empty();
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
