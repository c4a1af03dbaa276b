// The chosen time is kept: a new random choice at each question would move it on and on.
#include "control/certificates/renewal.hpp"

#include <sodium.h>

#include <map>
#include <memory>

#include "acme/renewal.hpp"
#include "control/certificates/accounts.hpp"
#include "control/certificates/versions.hpp"
#include "store/certificates.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr hours kAskAgain{1};
// An authority without renewal information may offer it one day.
constexpr hours kOffered{24};

// Only what a question changes: an order may have written the row meanwhile.
Status keep_window(Context& context, const Certificate& asked) {
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    auto row = store::find_certificate(transaction, asked.name);
    if (row && row->version == asked.version) {
      row->renew_at = asked.renew_at;
      row->ask_at = asked.ask_at;
      store::put_certificate(transaction, *row);
    }
    return true;
  }));
  return {};
}

Result<acme::RenewalWindow> read_window(Context& context, acme::Client& client,
                                        const Certificate& certificate) {
  TRY(const auto leaf, context.versions.read_leaf({certificate.name, certificate.version}));
  TRY(const auto id, acme::certificate_id(leaf));
  return acme::get_renewal_window(client, id);
}

Result<WallTime> ask_window(Context& context, acme::Client& client, Certificate certificate) {
  const WallTime now = context.clock.now();
  const auto window = read_window(context, client, certificate);
  if (!window) {
    const bool offered = window.error().code != "no_renewal_info";
    certificate.ask_at =
        now + (offered ? std::max<seconds>(kAskAgain, window.error().retry_after) : kOffered);
    TRY(keep_window(context, certificate));
    if (offered) {
      return std::unexpected(window.error());
    }
    return certificate.renew_at;
  }
  certificate.renew_at =
      acme::choose_renewal_time(*window, certificate.renew_at, now, random_share());
  certificate.ask_at = now + window->ask_again;
  TRY(keep_window(context, certificate));
  context.certificate_log.debug("the authority gave a renewal window",
                                {{"name", certificate.name},
                                 {"from", to_rfc3339(window->start)},
                                 {"to", to_rfc3339(window->end)},
                                 {"chosen", to_rfc3339(certificate.renew_at)},
                                 {"why", window->explanation}});
  return certificate.renew_at;
}

}  // namespace

double random_share() { return static_cast<double>(::randombytes_uniform(1'000'000)) / 1e6; }

WallTime spread_renewal_time(WallTime not_before, WallTime not_after, double share) {
  const auto tenth = static_cast<double>((not_after - not_before).count()) / 10;
  return acme::default_renewal_time(not_before, not_after) -
         milliseconds(static_cast<std::int64_t>(tenth * share));
}

Result<WallTime> ask_renewal_window(Context& context, const AcmeAccount& account,
                                    const Certificate& certificate) {
  TRY(const auto client, open_acme_client(context, account));
  return ask_window(context, *client, certificate);
}

Result<int> ask_renewal_windows(Context& context) {
  const WallTime now = context.clock.now();
  TRY(const auto due, context.store.read<std::vector<Certificate>>([&](store::Session& session) {
    return store::list_certificates_to_ask(session, now);
  }));
  // One client for each account; nothing when it cannot be opened now.
  std::map<std::string, std::unique_ptr<acme::Client>> clients;
  int asked = 0;
  for (const Certificate& certificate : due) {
    const std::string& issuer = certificate.version_issuer;
    if (!clients.contains(issuer)) {
      const auto account = get_acme_account(context, issuer);
      auto client = account
                        ? open_acme_client(context, *account)
                        : Result<std::unique_ptr<acme::Client>>(std::unexpected(account.error()));
      if (!client) {
        context.certificate_log.warn("an authority cannot be asked for renewal windows",
                                     {{"account", issuer}, {"why", describe(client.error())}});
      }
      clients[issuer] = client ? std::move(*client) : nullptr;
    }
    acme::Client* const client = clients[issuer].get();
    if (client == nullptr) {
      Certificate later = certificate;
      later.ask_at = now + kAskAgain;
      TRY(keep_window(context, later));
      continue;
    }
    if (const auto answer = ask_window(context, *client, certificate); !answer) {
      context.certificate_log.warn("an authority did not give a renewal window",
                                   {{"name", certificate.name}, {"why", describe(answer.error())}});
    }
    ++asked;
  }
  return asked;
}

}  // namespace podplay::control
