// The order's row goes through these states:
//
//   open, installed = 0     the authority is asked (acme::Step says how far), or the certificate is
//                           downloaded and waits to be put in use
//   open, installed = N     revision N put it in use, and the services have not all proven it
//   done                    proven
//   failed, abandoned       the authority refused it; nobody wants it any more
//
// A version that a service refuses is taken back, and the order stays open: the same certificate is
// tried again later, since another order would count against the authority's limits.
#include "control/certificates/order_run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sodium.h>

#include <algorithm>

#include "acme/problem.hpp"
#include "acme/renewal.hpp"
#include "control/certificates/accounts.hpp"
#include "control/certificates/certificates.hpp"
#include "control/certificates/limits.hpp"
#include "control/certificates/preflight.hpp"
#include "control/certificates/renewal.hpp"
#include "control/certificates/solver.hpp"
#include "control/certificates/versions.hpp"
#include "net/chain.hpp"
#include "store/certificates.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

// A longer wait is not slept through: the job waits instead, and its thread serves others.
constexpr milliseconds kLongestSleep{20'000};
// The services have 5 seconds for the proof; before it they reload.
constexpr milliseconds kProofWait{60'000};
// Ends an attempt at an order that nobody wants any more.
constexpr const char* kOutdated = "order_outdated";

// A step's name as people read it.
std::string_view step_words(acme::Step step) {
  using enum acme::Step;
  switch (step) {
    case ordering: return "order the certificate";
    case authorizing: return "ask which names are to be validated";
    case placing: return "place the challenges";
    case looking: return "look whether the challenges are shown";
    case answering: return "tell the authority to look";
    case validating: return "wait for the authority's validation";
    case finalizing: return "send the signing request";
    case clearing: return "take the challenges away";
    case downloading: return "download and check the certificate";
    case done:
    case failed: break;
  }
  return "end the order";
}

// Staging certificates that a trusted account got by mistake, such as a wrong directory.
bool is_for_tests(const acme::Chain& chain) {
  return std::ranges::any_of(chain, [](const std::string& pem) {
    const auto info = net::read_certificate(pem);
    return info && (info->issuer.contains("(STAGING)") || info->issuer.contains("Fake LE"));
  });
}

std::string refusals_of(const RevisionOutcome& outcome) {
  std::string words;
  for (const ServiceOutcome& service : outcome.services) {
    if (service.state == ApplyState::refused) {
      words += fmt::format("{}{}: {}", words.empty() ? "" : "; ", service.daemon, service.message);
    }
  }
  return words;
}

std::vector<std::string> fields_of(const Error& error) {
  std::vector<std::string> fields;
  for (const Fault& fault : error.faults) {
    if (!fault.field.empty()) {
      fields.push_back(fault.field);
    }
  }
  return fields;
}

}  // namespace

bool is_due(const Certificate& certificate, WallTime now) {
  return certificate.version.empty() || certificate.version_issuer != certificate.issuer ||
         certificate.version_names != certificate.names ||
         (certificate.renew_at != WallTime{} && certificate.renew_at <= now);
}

store::AcmeOrder new_order_row(store::Transaction& transaction, const Certificate& certificate,
                               WallTime now, bool forced) {
  return {.id = transaction.next("id"),
          .certificate = certificate.name,
          .account = certificate.issuer,
          .names = certificate.names,
          .forced = forced,
          .created = now};
}

OrderRun::OrderRun(Context& context, JobRun& run)
    : context_(context), run_(run), keys_(context.files, context.paths.state) {}

Status OrderRun::keep_order() {
  order_.issuance = acme::to_json(issuance_).dump();
  TRY(context_.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::put_order(transaction, order_);
    return true;
  }));
  return {};
}

// Only what an order changes: people may have changed the row meanwhile.
Status OrderRun::keep_certificate() {
  TRY(context_.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    auto row = store::find_certificate(transaction, certificate_.name);
    if (row) {
      row->state = certificate_.state;
      row->last_error = certificate_.last_error;
      row->renew_at = certificate_.renew_at;
      row->ask_at = certificate_.ask_at;
      store::put_certificate(transaction, *row);
    }
    return true;
  }));
  return {};
}

bool OrderRun::order_fits() const {
  return order_.account == certificate_.issuer && order_.names == certificate_.names &&
         issuance_.request.profile == certificate_.wishes.profile;
}

// RFC 9773 section 5: the authority refuses `replaces` for a certificate of other names.
bool OrderRun::shares_a_name() const {
  return std::ranges::any_of(certificate_.names, [&](const std::string& name) {
    return std::ranges::find(certificate_.version_names, name) != certificate_.version_names.end();
  });
}

// Whether the order is still for what people want. They may have changed or deleted it meanwhile.
Result<bool> OrderRun::is_still_wanted() {
  TRY(const auto row, context_.store.read<std::optional<Certificate>>([&](store::Session& session) {
    return store::find_certificate(session, certificate_.name);
  }));
  return row && order_.account == row->issuer && order_.names == row->names &&
         issuance_.request.profile == row->wishes.profile;
}

// Takes its challenges away. The authority lets an order that nobody goes on with expire.
Status OrderRun::give_up_order(store::OrderState state, const std::string& why) {
  ChallengeSolver solver(context_, certificate_.wishes.challenge);
  TRY(acme::abandon(solver, issuance_));
  order_.state = state;
  order_.error = why;
  order_.ended = context_.clock.now();
  TRY(keep_order());
  return keys_.forget_order(order_.id);
}

// Reads what is wanted, and finds the order that is open.
Status OrderRun::begin() {
  struct Found {
    std::optional<Certificate> certificate;
    std::optional<store::AcmeOrder> order;
    // People asked for a certificate that is not due, and that order failed: it is tried again.
    bool failed = false;
  };
  const std::string& name = run_.subject();
  TRY(auto found, context_.store.read_together<Found>([&](store::Session& session) {
    const auto newest = store::list_orders(session, name, 1);
    return Found{store::find_certificate(session, name), store::find_open_order(session, name),
                 !newest.empty() && newest.front().state == store::OrderState::failed};
  }));
  if (found.order) {
    order_ = std::move(*found.order);
    if (!order_.issuance.empty()) {
      TRY(issuance_, acme::issuance_from(acme::Json::parse(order_.issuance)));
    } else if (found.certificate) {
      issuance_.request.profile = found.certificate->wishes.profile;
    }
  }
  const bool wanted = found.certificate && found.certificate->issuer != kInternalIssuer &&
                      found.certificate->issuer != kFileIssuer;
  if (found.certificate) {
    certificate_ = std::move(*found.certificate);
  }
  if (order_.id != 0 && (!wanted || !order_fits())) {
    TRY(give_up_order(store::OrderState::abandoned, "something else is wanted now"));
    order_ = {};
    issuance_ = {};
  }
  if (!wanted) {
    certificate_.name.clear();
    run_.say("no authority is to sign it any more");
    return {};
  }
  if (order_.id == 0 && !found.failed && !is_due(certificate_, context_.clock.now())) {
    certificate_.name.clear();
    run_.say("it is not due");
  }
  return {};
}

// What can be known before the authority counts it: its own limits, and what the preflight sees.
Status OrderRun::check_before() {
  if (order_.forced || !order_.issuance.empty()) {
    return {};
  }
  run_.step("check what could make it fail");
  const WallTime now = context_.clock.now();
  const bool replaces = certificate_.version_issuer == certificate_.issuer;
  TRY(const auto hit,
      context_.store.read_together<std::optional<LimitHit>>([&](store::Session& session) {
        return limit_hit(session, account_, certificate_, replaces, now);
      }));
  if (hit) {
    Error error{.kind = ErrorKind::rate_limited,
                .code = "authority_limit",
                .message = hit->words,
                .remedy = fmt::format("it is ordered again at {}; podplay certificates order {} "
                                      "--force asks all the same",
                                      to_rfc3339(hit->until), certificate_.name)};
    error.retry_after = ceil<seconds>(hit->until - now);
    return std::unexpected(std::move(error));
  }
  std::vector<Fault> faults;
  std::string seen;
  for (const Finding& finding : preflight(context_, certificate_, account_)) {
    seen += (seen.empty() ? "" : "; ") + finding.message;
    if (finding.fatal) {
      faults.push_back({finding.name, finding.code, finding.message, finding.remedy});
    }
  }
  run_.say(seen.empty() ? "nothing was found" : seen);
  return no_faults(std::move(faults), "the authority would refuse the order");
}

Status OrderRun::advance_once(acme::Client& client, acme::Solver& solver) {
  const auto waited = acme::advance(client, solver, key_, issuance_);
  TRY(keep_order());
  if (!waited) {
    return std::unexpected(waited.error());
  }
  if (*waited > kLongestSleep) {
    Error error{.kind = ErrorKind::unavailable,
                .code = "acme_wait",
                .message = fmt::format("the authority asks us to wait for {} s",
                                       ceil<seconds>(*waited).count()),
                .remedy = "the order goes on by itself"};
    error.retry_after = ceil<seconds>(*waited);
    return std::unexpected(std::move(error));
  }
  if (waited->count() > 0 && !run_.pause(*waited)) {
    return JobRun::stopped();
  }
  return {};
}

// From the order to the download.
Status OrderRun::issue() {
  if (issuance_.step == acme::Step::done) {
    return {};
  }
  const bool fresh = order_.issuance.empty();
  run_.step("open the account");
  TRY(auto client, open_acme_client(context_, account_));
  run_.say(fmt::format("{} at {}", account_.name, account_.directory));
  if (fresh) {
    TRY(auto identifiers, acme::parse_identifiers(certificate_.names));
    issuance_ = {.request = {.identifiers = std::move(identifiers),
                             .profile = certificate_.wishes.profile,
                             .replaces = {}},
                 .root = certificate_.wishes.root};
    if (certificate_.version_issuer == certificate_.issuer && shares_a_name()) {
      TRY(const auto leaf, context_.versions.read_leaf({certificate_.name, certificate_.version}));
      TRY(issuance_.request.replaces, acme::certificate_id(leaf));
      order_.replaces = issuance_.request.replaces;
    }
    TRY(keep_order());
  }
  const auto kind = certificate_.wishes.key_type == KeyType::rsa ? net::KeyKind::rsa_2048
                                                                 : net::KeyKind::ecdsa_p256;
  TRY(key_, keys_.order_key(order_.id, kind));
  ChallengeSolver solver(context_, certificate_.wishes.challenge);
  std::optional<acme::Step> shown;
  while (issuance_.step != acme::Step::done && issuance_.step != acme::Step::failed) {
    if (shown != issuance_.step) {
      shown = issuance_.step;
      run_.step(std::string(step_words(*shown)));
    }
    if (run_.stopping()) {
      return JobRun::stopped();
    }
    TRY(advance_once(*client, solver));
    TRY(const bool wanted, is_still_wanted());
    if (!wanted) {
      return fail(ErrorKind::conflict, kOutdated, "something else is wanted now");
    }
    run_.progress(static_cast<int>(issuance_.step), static_cast<int>(acme::Step::done) + 3);
  }
  if (issuance_.step == acme::Step::failed) {
    const Error failure = issuance_.failure.value_or(Error{.message = "the order failed"});
    order_.failed_names = fields_of(failure);
    TRY(give_up_order(store::OrderState::failed, describe(failure)));
    return std::unexpected(failure);
  }
  if (account_.trusted && is_for_tests(issuance_.chain)) {
    const std::string why =
        fmt::format("{} signs for tests only, and no browser trusts that", account_.directory);
    TRY(give_up_order(store::OrderState::failed, why));
    return fail(ErrorKind::refused, "staging_certificate", why,
                "make an account at the authority's production directory");
  }
  return {};
}

// The new version on disk, and in the same transaction the row that names it and the order's
// revision.
Status OrderRun::install() {
  if (order_.installed != 0) {
    return {};
  }
  run_.step("put it in use");
  const auto kind = certificate_.wishes.key_type == KeyType::rsa ? net::KeyKind::rsa_2048
                                                                 : net::KeyKind::ecdsa_p256;
  TRY(key_, keys_.order_key(order_.id, kind));
  std::string chain;
  for (std::size_t i = 1; i < issuance_.chain.size(); ++i) {
    chain += issuance_.chain[i];
  }
  const std::string& leaf = issuance_.chain.front();
  TRY(const auto info, net::read_certificate(leaf));
  TRY(const auto written,
      context_.versions.write(certificate_.name, {.leaf = leaf, .chain = chain, .key = key_}));
  TRY(write_change(context_, Actor::system(), {}, [&](Change& change) -> Status {
    auto row = store::find_certificate(change.transaction(), certificate_.name);
    if (!row) {
      return fail(ErrorKind::conflict, "certificate_gone",
                  fmt::format("{} was deleted meanwhile", certificate_.name));
    }
    if (row->version != written.version) {
      order_.previous_version = row->version;
      order_.previous_issuer = row->version_issuer;
    }
    const Difference changed =
        difference({{"version_issuer", row->version_issuer}, {"version", row->version}},
                   {{"version_issuer", order_.account}, {"version", written.version}});
    row->version = written.version;
    row->version_issuer = order_.account;
    row->version_names = order_.names;
    row->not_before = info.not_before;
    row->not_after = info.not_after;
    row->renew_at = spread_renewal_time(info.not_before, info.not_after, random_share());
    put_certificate(change, *row);
    order_.installed = change.revision();
    store::put_order(change.transaction(), order_);
    change.finish("CERTIFICATE_INSTALLED", row->name,
                  fmt::format("put a certificate of {} in use for {}", order_.account, row->name),
                  changed);
    certificate_ = std::move(*row);
    return {};
  }));
  return context_.versions.use(written);
}

// Every service was asked on each of its ports by its agent; the outcome has its words.
Status OrderRun::prove() {
  run_.step("prove it on the wire");
  TRY(const auto outcome, get_revision(context_, Actor::system(), order_.installed, kProofWait));
  if (outcome.state == ApplyState::refused) {
    return take_back(refusals_of(outcome));
  }
  if (outcome.state == ApplyState::pending) {
    return fail(ErrorKind::timeout, "certificate_not_proven",
                fmt::format("not every service has shown the certificate within {} s",
                            kProofWait.count() / 1000),
                "podplay status shows which service is away; the proof goes on when it is back");
  }
  run_.say("every service shows it on all its ports");
  return {};
}

// Puts the version before in use again. The order stays open, so the same certificate is tried
// again.
Status OrderRun::take_back(const std::string& why) {
  if (order_.previous_version.empty() ||
      !context_.versions.exists({certificate_.name, order_.previous_version})) {
    return fail(ErrorKind::refused, "certificate_refused", why,
                "there is no version before that could come back");
  }
  run_.step("take it back");
  const CertificateRef before{certificate_.name, order_.previous_version};
  TRY(const auto leaf, context_.versions.read_leaf(before));
  TRY(const auto info, net::read_certificate(leaf));
  TRY(write_change(context_, Actor::system(), {}, [&](Change& change) -> Status {
    auto row = store::find_certificate(change.transaction(), certificate_.name);
    if (!row) {
      return fail(ErrorKind::conflict, "certificate_gone",
                  fmt::format("{} was deleted meanwhile", certificate_.name));
    }
    row->version = before.version;
    row->version_issuer = order_.previous_issuer;
    row->version_names = info.names;
    row->version_names.insert(row->version_names.end(), info.addresses.begin(),
                              info.addresses.end());
    std::ranges::sort(row->version_names);
    row->not_before = info.not_before;
    row->not_after = info.not_after;
    put_certificate(change, *row);
    order_.installed = 0;
    store::put_order(change.transaction(), order_);
    change.finish("CERTIFICATE_TAKEN_BACK", row->name,
                  fmt::format("take the new certificate of {} back: {}", row->name, why));
    certificate_ = std::move(*row);
    return {};
  }));
  TRY(context_.versions.use(before));
  return fail(ErrorKind::refused, "certificate_refused", why,
              "the version before is in use again; the new one is tried again later");
}

// The order has ended well: when it is renewed is kept, and its key is in the version.
Status OrderRun::settle() {
  order_.state = store::OrderState::done;
  order_.error.clear();
  order_.ended = context_.clock.now();
  certificate_.state = CertificateState::valid;
  certificate_.last_error.clear();
  TRY(keep_order());
  TRY(keep_certificate());
  TRY(keys_.forget_order(order_.id));
  context_.certificate_log.info(
      "a certificate of an authority is proven on the wire",
      {{"name", certificate_.name},
       {"issuer", certificate_.version_issuer},
       {"version", certificate_.version.substr(0, 16)},
       {"expires", to_rfc3339(certificate_.not_after)},
       {"seconds", duration_cast<seconds>(order_.ended - order_.created).count()}});
  run_.step("ask when to renew it");
  const auto asked = ask_renewal_window(context_, account_, certificate_);
  run_.say(asked ? fmt::format("it is renewed at {}", to_rfc3339(*asked))
                 : describe(asked.error()));
  return {};
}

Status OrderRun::attempt() {
  TRY(account_, get_acme_account(context_, certificate_.issuer));
  TRY(check_before());
  if (order_.id == 0) {
    TRY(context_.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
      order_ = new_order_row(transaction, certificate_, context_.clock.now(), false);
      store::put_order(transaction, order_);
      return true;
    }));
  }
  TRY(issue());
  TRY(install());
  TRY(prove());
  return settle();
}

Status OrderRun::work() {
  run_.step("look what is wanted");
  TRY(begin());
  if (certificate_.name.empty()) {
    return {};
  }
  Status outcome = attempt();
  // However it ended: begin again when something else is wanted by now. Without an order there was
  // nothing that could be outdated.
  if (order_.id != 0 && !run_.stopping()) {
    TRY(const bool wanted, is_still_wanted());
    if (!wanted) {
      certificate_ = {};
      order_ = {};
      issuance_ = {};
      return work();
    }
  }
  if (!outcome && !run_.stopping()) {
    certificate_.state = CertificateState::failed;
    certificate_.last_error = describe(outcome.error());
    if (const Status kept = keep_certificate(); !kept) {
      context_.certificate_log.error(
          "a certificate's error cannot be kept",
          {{"name", certificate_.name}, {"why", describe(kept.error())}});
    }
  }
  return outcome;
}

}  // namespace podplay::control
