// Choosing an issuer is a row and, when the version in use does not fit it, a job; both are in one
// transaction. Nothing here waits for an authority, except for a revocation.
#include "control/certificates/orders.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "acme/client.hpp"
#include "acme/identifier.hpp"
#include "control/certificates/accounts.hpp"
#include "control/certificates/certificates.hpp"
#include "control/certificates/jobs.hpp"
#include "control/certificates/order_run.hpp"
#include "control/certificates/rank.hpp"
#include "control/certificates/versions.hpp"
#include "model/names.hpp"
#include "store/certificates.hpp"
#include "store/jobs.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr std::size_t kMostOrderNames = 100;
constexpr std::int64_t kOrdersShown = 10;

bool is_of_authority(const std::string& issuer) {
  return issuer != kInternalIssuer && issuer != kFileIssuer;
}

// A name's administrator is that of the domain; a host's or a further certificate's is one of all.
Status may_change(const Actor& actor, const std::string& name) {
  return actor.administers_all() ? Status{} : actor.may_administer(name);
}

void check_names(const std::vector<std::string>& names, const std::string& challenge,
                 std::vector<Fault>& faults) {
  const auto parsed = acme::parse_identifiers(names);
  collect(faults, parsed);
  if (names.size() > kMostOrderNames) {
    faults.push_back({"names", "too_many_names",
                      fmt::format("{} names are more than {}", names.size(), kMostOrderNames),
                      "make several certificates"});
  }
  if (!parsed || challenge.empty()) {
    return;
  }
  const auto type = acme::parse_challenge_type(challenge);
  for (const acme::Identifier& identifier : *parsed) {
    if (type && !acme::is_possible(*type, identifier)) {
      faults.push_back({"challenge", "challenge_impossible",
                        fmt::format("{} cannot be validated by {}", identifier.text(), challenge),
                        identifier.ip() ? "an address needs http-01 or tls-alpn-01"
                                        : "a wildcard needs dns-01"});
    }
  }
}

void check_challenge(const std::string& challenge, std::vector<Fault>& faults) {
  if (!challenge.empty() && !acme::parse_challenge_type(challenge)) {
    faults.push_back({"challenge", "unknown_challenge",
                      fmt::format("'{}' is no challenge", challenge.substr(0, 40)),
                      "use dns-01, http-01 or tls-alpn-01, or leave it empty"});
  }
}

// The row as `wanted` makes it. Only looks at the words; whether the issuer exists is asked later.
Result<Certificate> apply(Certificate row, const CertificateChange& wanted) {
  std::vector<Fault> faults;
  row.issuer = wanted.issuer.value_or(row.issuer);
  row.wishes.challenge = wanted.challenge.value_or(row.wishes.challenge);
  row.wishes.key_type = wanted.key_type.value_or(row.wishes.key_type);
  row.wishes.profile = wanted.profile.value_or(row.wishes.profile);
  row.wishes.root = wanted.root.value_or(row.wishes.root);
  check_challenge(row.wishes.challenge, faults);
  if (wanted.names && wanted.wildcard.value_or(false)) {
    faults.push_back({"wildcard", "names_and_wildcard", "give names or wildcard, not both",
                      "add *.NAME to the names"});
  } else if (wanted.wildcard) {
    row.names_chosen = *wanted.wildcard;
    row.names = *wanted.wildcard ? std::vector<std::string>{"*." + row.name, row.name}
                                 : certificate_names(row.name);
  } else if (wanted.names) {
    row.names_chosen = !wanted.names->empty();
    row.names = row.names_chosen ? *wanted.names : certificate_names(row.name);
  }
  check_names(row.names, row.wishes.challenge, faults);
  TRY(no_faults(std::move(faults)));
  TRY(const auto identifiers, acme::parse_identifiers(row.names));
  row.names = acme::texts_of(identifiers);
  std::ranges::sort(row.names);
  return row;
}

Status check_new_issuer(Context& context, const Certificate& before, const Certificate& after,
                        bool allow_weaker) {
  if (after.issuer == kFileIssuer && before.issuer != kFileIssuer) {
    return fail_faults(
        {{"issuer", "file_is_uploaded", "a certificate of your own is uploaded, not chosen",
          fmt::format("podplay certificates upload {}", after.name)}});
  }
  if (is_of_authority(after.issuer)) {
    const auto account = get_acme_account(context, after.issuer);
    if (!account || account->state != AcmeAccountState::valid) {
      return fail_faults(
          {{"issuer", "unknown_issuer",
            account ? fmt::format("the account {} is {}", after.issuer, to_text(account->state))
                    : fmt::format("there is no account {}", after.issuer),
            "podplay acme create makes one; podplay acme list shows them"}});
    }
  }
  TRY(const bool weaker, context.store.read_together<bool>([&](store::Session& session) {
    return trust_rank(session, after.issuer) < trust_rank_in_use(context, session, before);
  }));
  if (weaker && !allow_weaker && before.issuer != after.issuer) {
    return fail(ErrorKind::conflict, "weaker_issuer",
                fmt::format("browsers trust {} less than the certificate of {} that is in use",
                            after.issuer, before.version_issuer),
                "say allow_weaker (--allow-weaker) if that is what you want");
  }
  return {};
}

// What is wanted of a certificate, for the audit.
nlohmann::json wanted_json(const Certificate& row) {
  return {{"issuer", row.issuer},
          {"names", row.names},
          {"challenge", row.wishes.challenge},
          {"key_type", to_text(row.wishes.key_type)},
          {"profile", row.wishes.profile},
          {"root", row.wishes.root}};
}

// What the audit says of asking for a certificate.
struct Event {
  std::string name;
  Difference changed{};
};

// Stores the row, and in the same transaction the order and its job.
Result<CertificateAsked> begin_order(Context& context, const Actor& actor, Certificate row,
                                     bool order, bool forced, const Event& event) {
  auto audit = audit_event(context, actor, event.name, row.name, event.changed);
  CertificateAsked asked;
  row.updated = context.clock.now();
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::put_certificate(transaction, row);
    if (order && !store::find_open_order(transaction, row.name)) {
      store::put_order(transaction, new_order_row(transaction, row, row.updated, forced));
    } else if (order && forced) {
      auto open = *store::find_open_order(transaction, row.name);
      open.forced = true;
      store::put_order(transaction, open);
    }
    if (order) {
      asked.job = add_job(
          context, transaction,
          {.kind = kOrderJob, .subject = row.name, .due = {}, .request_id = actor.request_id()});
    }
    audit = store::insert_audit(transaction, audit);
    return true;
  }));
  log_audit(context, audit);
  context.jobs.wake();
  asked.certificate = std::move(row);
  return asked;
}

// What is wanted is known; whoever is to sign it does, or is asked to.
Result<CertificateAsked> ask_for(Context& context, const Actor& actor, Certificate row, bool always,
                                 bool forced, const Event& event) {
  const bool due = always || is_due(row, context.clock.now());
  if (row.issuer == kInternalIssuer && due) {
    TRY(auto issued, issue_now(context, actor, std::move(row), event.name, event.changed));
    return CertificateAsked{.certificate = std::move(issued)};
  }
  if (!due) {
    // The version in use is what is wanted, whatever failed before.
    row.state = CertificateState::valid;
    row.last_error.clear();
  }
  return begin_order(context, actor, std::move(row), due && row.issuer != kFileIssuer, forced,
                     event);
}

Status check_account(Context& context, const Certificate& row) {
  TRY(const auto account, get_acme_account(context, row.issuer));
  if (account.state == AcmeAccountState::valid) {
    return {};
  }
  return fail(ErrorKind::conflict, "acme_account_not_valid",
              fmt::format("the account {} is {}", account.name, to_text(account.state)),
              "choose another issuer");
}

// The pod's own authority signs whatever it is asked for.
Result<std::vector<Finding>> findings_for(Context& context, const Certificate& row) {
  if (!is_of_authority(row.issuer)) {
    return std::vector<Finding>{};
  }
  TRY(const auto account, get_acme_account(context, row.issuer));
  return preflight(context, row, account);
}

// The row of a further certificate, before and after what is wanted of it.
struct FurtherCertificate {
  Certificate fresh;
  Certificate row;
};

Result<FurtherCertificate> further_certificate(Context& context, const Actor& actor,
                                               const std::string& name,
                                               const CertificateChange& wanted) {
  TRY(actor.may_use(Permission::admin));
  TRY(const auto parsed, DomainName::parse(name, "name"));
  const auto known = get_certificate(context, parsed.text());
  if (known) {
    return fail(ErrorKind::conflict, "certificate_exists",
                fmt::format("there is a certificate {} already", parsed.text()),
                "change that one, or choose another name");
  }
  const WallTime now = context.clock.now();
  Certificate fresh{.name = parsed.text(),
                    .names = {parsed.text()},
                    .names_chosen = true,
                    .created = now,
                    .updated = now};
  fresh.issuer = context.settings.text("PODPLAY_CERTIFICATE_ISSUER");
  TRY(auto row, apply(fresh, wanted));
  row.names_chosen = true;
  if (wanted.names && wanted.names->empty()) {
    row.names = {row.name};
  }
  TRY(check_new_issuer(context, fresh, row, true));
  return FurtherCertificate{std::move(fresh), std::move(row)};
}

}  // namespace

Result<CertificateAsked> change_certificate(Context& context, const Actor& actor,
                                            const std::string& name,
                                            const CertificateChange& wanted) {
  TRY(may_change(actor, name));
  TRY(const auto before, get_certificate(context, name));
  TRY(auto after, apply(before, wanted));
  TRY(check_new_issuer(context, before, after, wanted.allow_weaker));
  // Another key or profile needs another version, too.
  const bool other =
      after.wishes != before.wishes && after.wishes.challenge == before.wishes.challenge;
  const Event event{"CERTIFICATE_CHANGED", difference(wanted_json(before), wanted_json(after))};
  return ask_for(context, actor, std::move(after), other, wanted.force, event);
}

Result<CertificateAsked> create_certificate(Context& context, const Actor& actor,
                                            const std::string& name,
                                            const CertificateChange& wanted) {
  TRY(auto made, further_certificate(context, actor, name, wanted));
  const Event event{"CERTIFICATE_CREATED", difference(nullptr, wanted_json(made.row))};
  return ask_for(context, actor, std::move(made.row), true, wanted.force, event);
}

Result<std::vector<Finding>> try_new_certificate(Context& context, const Actor& actor,
                                                 const std::string& name,
                                                 const CertificateChange& wanted) {
  TRY(const auto made, further_certificate(context, actor, name, wanted));
  return findings_for(context, made.row);
}

Result<Changed<std::string>> delete_certificate(Context& context, const Actor& actor,
                                                const std::string& name,
                                                const WriteOptions& options) {
  TRY(actor.may_use(Permission::admin));
  return make_change<std::string>(
      context, actor, options, [&](Change& change) -> Result<std::string> {
        const auto row = store::find_certificate(change.transaction(), name);
        if (!row) {
          return fail(ErrorKind::not_found, "certificate_unknown",
                      fmt::format("there is no certificate {}", name.substr(0, 253)),
                      "podplay certificates list shows the certificates");
        }
        TRY(check_match(options, row->revision));
        if (belongs_to_pod(change.context(), change.transaction(), name)) {
          return fail(ErrorKind::conflict, "certificate_needed",
                      fmt::format("{} needs its certificate as long as it exists", name),
                      "delete the domain, or choose another issuer");
        }
        remove_certificate(change, name);
        change.finish("CERTIFICATE_DELETED", name, "delete the certificate " + name,
                      difference(wanted_json(*row), nullptr));
        return name;
      });
}

Result<CertificateAsked> order_certificate(Context& context, const Actor& actor,
                                           const std::string& name, bool force) {
  TRY(may_change(actor, name));
  TRY(auto row, get_certificate(context, name));
  if (row.issuer == kFileIssuer) {
    return fail(ErrorKind::conflict, "file_is_uploaded",
                fmt::format("{} has a certificate of yours, which only you can renew", name),
                fmt::format("podplay certificates upload {}", name));
  }
  if (is_of_authority(row.issuer)) {
    TRY(check_account(context, row));
  }
  return ask_for(context, actor, std::move(row), true, force, {.name = "CERTIFICATE_ORDERED"});
}

Result<std::vector<Finding>> try_certificate(Context& context, const std::string& name,
                                             const CertificateChange& wanted) {
  TRY(const auto before, get_certificate(context, name));
  TRY(const auto after, apply(before, wanted));
  TRY(check_new_issuer(context, before, after, wanted.allow_weaker));
  return findings_for(context, after);
}

Result<CertificateAsked> revoke_certificate(Context& context, const Actor& actor,
                                            const std::string& name, const Revocation& how) {
  TRY(may_change(actor, name));
  TRY(auto row, get_certificate(context, name));
  if (!is_of_authority(row.version_issuer)) {
    return fail(ErrorKind::conflict, "not_revocable",
                fmt::format("the certificate of {} is not an authority's", name),
                row.version_issuer == kFileIssuer ? "revoke it where you got it"
                                                  : "podplay certificates renew replaces it");
  }
  const CertificateRef version{name, row.version};
  TRY(const auto leaf, context.versions.read_leaf(version));
  TRY(const auto account, get_acme_account(context, row.version_issuer));
  TRY(auto client, open_acme_client(context, account));
  if (how.with_key) {
    TRY(const auto key, context.versions.read_key(version));
    TRY(acme::revoke_with_key(*client, leaf, key, how.reason));
  } else {
    TRY(acme::revoke_certificate(*client, leaf, how.reason));
  }
  context.certificate_log.warn("a certificate was revoked",
                               {{"name", name},
                                {"version", row.version.substr(0, 16)},
                                {"reason", acme::to_text(how.reason)}});
  // It is no longer good, so nothing may take it for the one that is wanted.
  row.renew_at = context.clock.now();
  row.ask_at = {};
  return ask_for(context, actor, std::move(row), true, false, {.name = "CERTIFICATE_REVOKED"});
}

Result<CertificateDetails> get_certificate_details(Context& context, const std::string& name) {
  CertificateDetails details;
  TRY(details.certificate, get_certificate(context, name));
  details.versions = context.versions.list(name).value_or(std::vector<std::string>{});
  TRY(details.orders,
      context.store.read<std::vector<store::AcmeOrder>>([&](store::Session& session) {
        return store::list_orders(session, name, kOrdersShown);
      }));
  TRY(details.job, context.store.read_together<std::optional<JobDetails>>(
                       [&](store::Session& session) -> std::optional<JobDetails> {
                         auto job = store::find_newest_job(session, kOrderJob, name);
                         if (!job) {
                           return std::nullopt;
                         }
                         auto steps = store::list_job_steps(session, job->id);
                         return JobDetails{.job = std::move(*job), .steps = std::move(steps)};
                       }));
  return details;
}

std::string_view to_text(CertificateAlert alert) {
  switch (alert) {
    case CertificateAlert::none: return "none";
    case CertificateAlert::notice: return "notice";
    case CertificateAlert::warning: return "warning";
    case CertificateAlert::error: return "error";
  }
  return "";
}

CertificateAlert alert_of(const Certificate& certificate, WallTime now) {
  if (certificate.version.empty()) {
    return CertificateAlert::error;
  }
  const auto left = certificate.not_after - now;
  const auto life = certificate.not_after - certificate.not_before;
  // What lives shorter than that anyway is judged by its sixth.
  if (left <= milliseconds(0) || (left < days(3) && life >= days(18))) {
    return CertificateAlert::error;
  }
  if (left < life / 6) {
    return CertificateAlert::warning;
  }
  return left < life / 3 ? CertificateAlert::notice : CertificateAlert::none;
}

std::string next_step(const Certificate& certificate, const std::optional<Job>& job) {
  if (job && job->state == JobState::running) {
    return fmt::format("the order runs (podplay jobs show {})", job->id);
  }
  if (job && job->state == JobState::waiting && job->attempts > 0) {
    return fmt::format("the order is tried again at {}", to_rfc3339(job->due));
  }
  if (job && job->state == JobState::waiting) {
    return "the order begins";
  }
  if (certificate.renew_at == WallTime{}) {
    return fmt::format("upload the next one before {}", to_rfc3339(certificate.not_after));
  }
  return fmt::format("renewed at {}", to_rfc3339(certificate.renew_at));
}

}  // namespace podplay::control
