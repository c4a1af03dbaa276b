// The row and the key are kept before the authority is asked, so that a call that was cut off
// anywhere is finished by asking again: an account is its key, and the authority finds it by that.
#include "control/certificates/accounts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "acme/account.hpp"
#include "control/audit.hpp"
#include "control/certificates/keys.hpp"
#include "net/x509.hpp"
#include "store/acme.hpp"
#include "store/certificates.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kLongestName = 40;
constexpr const char* kStaging = "letsencrypt-staging";

std::unexpected<Error> no_account(const std::string& name) {
  return fail(ErrorKind::not_found, "acme_account_unknown",
              fmt::format("there is no account {}", name.substr(0, kLongestName)),
              "podplay acme list shows the accounts");
}

std::unexpected<Error> no_longer_valid(const AcmeAccount& account) {
  return fail(ErrorKind::conflict, "acme_account_not_valid",
              fmt::format("the account {} is {}", account.name, to_text(account.state)),
              account.state == AcmeAccountState::wanted
                  ? "create it again under the same name: that goes on where it was cut off"
                  : "make an account with another name");
}

AcmeKeys keys_of(Context& context) { return {context.files, context.paths.state}; }

// "letsencrypt" for the directory of that name; otherwise the host of the URL with dashes.
std::string default_name(const std::string& directory) {
  if (!directory.contains("://")) {
    return directory;
  }
  std::string host = directory.substr(directory.find("://") + 3);
  host = host.substr(0, host.find_first_of(":/"));
  std::ranges::replace(host, '.', '-');
  return host.substr(0, kLongestName);
}

void check_name(const std::string& name, std::vector<Fault>& faults) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  if (name.empty() || name.size() > kLongestName || name.find_first_not_of(kAllowed) != name.npos) {
    faults.push_back({"name", "bad_name",
                      fmt::format("'{}' is no name of an account", name.substr(0, 80)),
                      "use 1 to 40 of a-z, 0-9 and -"});
  }
  if (name == kInternalIssuer || name == kFileIssuer) {
    faults.push_back({"name", "name_taken",
                      fmt::format("{} is an issuer of its own, not an account", name),
                      "choose another name"});
  }
}

void check_external(const NewAcmeAccount& wanted, std::vector<Fault>& faults) {
  if (wanted.external_id.empty() && wanted.external_key.reveal().empty()) {
    return;
  }
  const auto parsed = acme::parse_external_account(wanted.external_id, wanted.external_key);
  if (parsed) {
    return;
  }
  for (Fault fault : parsed.error().faults) {
    fault.field = fault.field == "key_id" ? "external_id" : "external_key";
    faults.push_back(std::move(fault));
  }
}

// The row as it is wanted, without asking the authority.
Result<AcmeAccount> parse_account(const NewAcmeAccount& wanted, WallTime now) {
  std::vector<Fault> faults;
  AcmeAccount account{.name = wanted.name.empty() ? default_name(wanted.directory) : wanted.name,
                      .ca = wanted.ca,
                      .trusted = wanted.trusted && wanted.directory != kStaging,
                      .contact = wanted.contact,
                      .terms = wanted.terms,
                      .external_id = wanted.external_id,
                      .created = now,
                      .updated = now};
  const auto url = acme::directory_url(wanted.directory);
  collect(faults, url);
  check_name(account.name, faults);
  check_external(wanted, faults);
  if (!wanted.ca.empty() && !net::read_certificate(wanted.ca)) {
    faults.push_back({"ca", "bad_ca", "the CA is no certificate in PEM",
                      "give the CA that signed the authority's own HTTPS certificate"});
  }
  TRY(no_faults(std::move(faults)));
  account.directory = *url;
  account.trusted = account.trusted && *url != acme::directory_url(kStaging).value_or("");
  return account;
}

Status put_account(Context& context, const AcmeAccount& account) {
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::put_acme_account(transaction, account);
    return true;
  }));
  return {};
}

// For the audit.
nlohmann::json account_json(const AcmeAccount& account) {
  return {{"directory", account.directory},
          {"state", to_text(account.state)},
          {"contact", account.contact}};
}

// The row and the audit event of what the authority has done already.
Result<AcmeAccount> keep_account(Context& context, const Actor& actor, AcmeAccount account,
                                 const std::string& event) {
  account.updated = context.clock.now();
  auto row = audit_event(context, actor, event, account.name);
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    const auto before = store::find_acme_account(transaction, account.name);
    const Difference changed =
        difference(before ? account_json(*before) : nlohmann::json(), account_json(account));
    row.before = changed.before;
    row.after = changed.after;
    store::put_acme_account(transaction, account);
    row = store::insert_audit(transaction, row);
    return true;
  }));
  log_audit(context, row);
  return account;
}

// Another directory under a known name would be another account.
Status check_same(const AcmeAccount& known, const AcmeAccount& wanted) {
  if (known.state == AcmeAccountState::wanted && known.directory == wanted.directory) {
    return {};
  }
  return fail(ErrorKind::conflict, "acme_account_exists",
              fmt::format("the account {} exists already ({})", known.name, known.directory),
              "choose another name, or delete that account");
}

Status check_terms(const acme::Directory& directory, const std::string& accepted) {
  if (directory.terms.empty() || directory.terms == accepted) {
    return {};
  }
  return fail_faults(
      {{"terms", "terms_not_accepted",
        accepted.empty()
            ? fmt::format("the authority asks you to accept {}", directory.terms)
            : fmt::format("the authority's terms are now {}, not {}", directory.terms, accepted),
        "read that page, and give its URL as `terms` to accept them"}});
}

Result<std::unique_ptr<acme::Client>> open_directory(Context& context, const AcmeAccount& account) {
  auto client = acme::Client::open({.directory = account.directory, .ca = account.ca},
                                   context.clock, context.certificate_log);
  if (!client && context.settings.list("PODPLAY_DNS_FORWARDERS").empty()) {
    Error error = client.error();
    error.remedy += error.remedy.empty() ? "" : "; ";
    error.remedy +=
        "without PODPLAY_DNS_FORWARDERS the pod asks nobody where names outside of it are";
    return std::unexpected(std::move(error));
  }
  return client;
}

// The account's row, which can be used.
Result<AcmeAccount> get_valid(Context& context, const std::string& name) {
  TRY(auto account, get_acme_account(context, name));
  if (account.state != AcmeAccountState::valid) {
    return no_longer_valid(account);
  }
  return account;
}

Status check_unused(Context& context, const std::string& name) {
  TRY(const auto used, context.store.read<std::int64_t>([&](store::Session& session) {
    return store::count_certificates_of(session, name);
  }));
  if (used == 0) {
    return {};
  }
  return fail(ErrorKind::conflict, "acme_account_used",
              fmt::format("the account {} is the issuer of {} certificates", name, used),
              "give them another issuer first: podplay certificates change NAME --issuer internal "
              "--allow-weaker");
}

}  // namespace

Result<std::unique_ptr<acme::Client>> open_acme_client(Context& context,
                                                       const AcmeAccount& account) {
  if (account.state != AcmeAccountState::valid) {
    return no_longer_valid(account);
  }
  TRY(auto client, open_directory(context, account));
  TRY(auto key, keys_of(context).account_key(account.name));
  client->use_account({.key = std::move(key), .account = account.url});
  return client;
}

Result<AcmeAccount> create_acme_account(Context& context, const Actor& actor,
                                        const NewAcmeAccount& wanted) {
  TRY(auto account, parse_account(wanted, context.clock.now()));
  TRY(const auto known,
      context.store.read<std::optional<AcmeAccount>>([&](store::Session& session) {
        return store::find_acme_account(session, account.name);
      }));
  if (known) {
    TRY(check_same(*known, account));
    account.created = known->created;
  }
  TRY(auto client, open_directory(context, account));
  TRY(check_terms(client->directory(), wanted.terms));
  // The key is kept before the authority learns of it.
  TRY(put_account(context, account));
  TRY(const auto key, keys_of(context).account_key(account.name));
  acme::NewAccount request{.emails = account.contact, .terms_agreed = !account.terms.empty()};
  if (!account.external_id.empty()) {
    TRY(auto external, acme::parse_external_account(account.external_id, wanted.external_key));
    request.external = std::move(external);
  }
  TRY(const auto made, acme::create_account(*client, key, request));
  account.url = made.url;
  account.state = AcmeAccountState::valid;
  context.certificate_log.info(
      "made an account at a certificate authority",
      {{"account", account.name}, {"directory", account.directory}, {"url", account.url}});
  return keep_account(context, actor, std::move(account), "ACME_ACCOUNT_CREATED");
}

Result<std::vector<AcmeAccount>> list_acme_accounts(Context& context) {
  return context.store.read<std::vector<AcmeAccount>>(
      [](store::Session& session) { return store::list_acme_accounts(session); });
}

Result<AcmeAccount> get_acme_account(Context& context, const std::string& name) {
  TRY(auto found, context.store.read<std::optional<AcmeAccount>>([&](store::Session& session) {
    return store::find_acme_account(session, name);
  }));
  if (!found) {
    return no_account(name);
  }
  return std::move(*found);
}

Result<AcmeAccount> change_acme_contact(Context& context, const Actor& actor,
                                        const std::string& name,
                                        const std::vector<std::string>& contact) {
  TRY(auto account, get_valid(context, name));
  TRY(auto client, open_acme_client(context, account));
  TRY(acme::change_contact(*client, contact));
  account.contact = contact;
  return keep_account(context, actor, std::move(account), "ACME_ACCOUNT_CHANGED");
}

Result<AcmeAccount> roll_over_acme_key(Context& context, const Actor& actor,
                                       const std::string& name) {
  TRY(auto account, get_valid(context, name));
  TRY(const auto open, context.store.read<std::int64_t>([&](store::Session& session) {
    return store::count_open_orders(session, name);
  }));
  if (open > 0) {
    return fail(ErrorKind::conflict, "acme_orders_open",
                fmt::format("{} orders of the account {} are open, and their challenges name the "
                            "present key",
                            open, name),
                "wait until they have ended: podplay jobs list --kind certificate_order");
  }
  AcmeKeys keys = keys_of(context);
  const bool cut_off = keys.has_next_account_key(name);
  TRY(const auto next, keys.next_account_key(name));
  TRY(auto client, open_directory(context, account));
  // An earlier call may have been cut off after the authority had taken the key.
  if (!cut_off || !acme::find_account(*client, next)) {
    TRY(client, open_acme_client(context, account));
    TRY(acme::roll_over_key(*client, next));
  }
  TRY(keys.take_next_key(name));
  context.certificate_log.info("an account has a new key", {{"account", name}});
  return keep_account(context, actor, std::move(account), "ACME_ACCOUNT_KEY_CHANGED");
}

Result<AcmeAccount> deactivate_acme_account(Context& context, const Actor& actor,
                                            const std::string& name) {
  TRY(auto account, get_valid(context, name));
  TRY(check_unused(context, name));
  TRY(auto client, open_acme_client(context, account));
  TRY(acme::deactivate_account(*client));
  account.state = AcmeAccountState::deactivated;
  return keep_account(context, actor, std::move(account), "ACME_ACCOUNT_DEACTIVATED");
}

Status delete_acme_account(Context& context, const Actor& actor, const std::string& name) {
  TRY(const auto account, get_acme_account(context, name));
  if (account.state == AcmeAccountState::valid) {
    return fail(ErrorKind::conflict, "acme_account_valid",
                fmt::format("the account {} is still valid at the authority", name),
                fmt::format("deactivate it first: podplay acme deactivate {}", name));
  }
  TRY(check_unused(context, name));
  auto row = audit_event(context, actor, "ACME_ACCOUNT_DELETED", name,
                         difference(account_json(account), nullptr));
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::delete_acme_account(transaction, name);
    row = store::insert_audit(transaction, row);
    return true;
  }));
  log_audit(context, row);
  return keys_of(context).forget_account(name);
}

}  // namespace podplay::control
