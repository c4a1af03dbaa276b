// The ACME client against Pebble, which checks every signature and refuses nonces at random.
#include <gtest/gtest.h>

#include <mutex>

#include "acme/account.hpp"
#include "acme/issuance.hpp"
#include "acme/renewal.hpp"
#include "acme/revocation.hpp"
#include "contract/pebble_server.hpp"
#include "net/line_client.hpp"
#include "net/signing_request.hpp"

namespace podplay::acme {
namespace {

using namespace std::chrono_literals;
using test::PebbleServer;
using test::value_of;

// Answers challenges where Pebble looks: a web server, Pebble's name server, and OpenSSL's server
// for tls-alpn-01.
class RealSolver final : public Solver {
 public:
  RealSolver(PebbleServer& pebble, std::vector<ChallengeType> types)
      : pebble_(pebble), types_(std::move(types)) {
    web_ = value_of(net::HttpServer::start(
        {.port = pebble.http_port},
        [this](const net::HttpRequest& request) {
          const std::scoped_lock lock(mutex_);
          const auto found = files_.find(request.path);
          return found == files_.end() ? net::HttpResponse{404}
                                       : net::HttpResponse{200, {}, found->second};
        },
        silent_logger()));
  }

  std::vector<ChallengeType> types_for(const Identifier&) override { return types_; }

  Status place(const Placement& placement) override {
    switch (placement.type) {
      case ChallengeType::http_01: {
        const std::scoped_lock lock(mutex_);
        files_[http_path(placement)] = placement.key_authorization;
        break;
      }
      case ChallengeType::dns_01: pebble_.add_txt(txt_name(placement), txt_value(placement)); break;
      case ChallengeType::tls_alpn_01: TRY(serve_certificate(placement)); break;
    }
    ++placed;
    return {};
  }

  Result<bool> is_visible(const Placement& placement) override {
    if (placement.type == ChallengeType::dns_01) {
      TRY(const auto answer,
          net::dns_query("127.0.0.1", pebble_.dns_port, txt_name(placement), "TXT", false, 1000ms));
      return std::ranges::find_if(answer.data, [&](const std::string& text) {
               return text.find(txt_value(placement)) != text.npos;
             }) != answer.data.end();
    }
    if (placement.type == ChallengeType::tls_alpn_01) {
      return net::LineClient::connect("127.0.0.1", pebble_.tls_port, 1000ms).has_value();
    }
    TRY(auto client, net::HttpClient::make(
                         {.base_url = "http://127.0.0.1:" + std::to_string(pebble_.http_port)}));
    TRY(const auto answer, client->send({.path = http_path(placement)}));
    return answer.body == placement.key_authorization;
  }

  Status remove(const Placement& placement) override {
    const std::scoped_lock lock(mutex_);
    files_.erase(http_path(placement));
    if (placement.type == ChallengeType::dns_01) {
      pebble_.clear_txt(txt_name(placement));
    }
    tls_.reset();
    return {};
  }

  int placed = 0;
  // Answers of the web server, by path.
  std::map<std::string, std::string>& files() { return files_; }

 private:
  Status serve_certificate(const Placement& placement) {
    RealFiles files;
    TRY(const Secret key, net::make_private_key());
    TRY(const auto certificate, alpn_certificate(placement, key, SystemClock().now()));
    const std::string both = folder_.path() + "/alpn.pem";
    TRY(files.write_atomic(both, certificate + key.reveal(), 0600, {}));
    tls_.reset();
    tls_ = std::make_unique<test::Child>(
        ChildSpec{.argv = {"openssl", "s_server", "-quiet", "-accept",
                           "127.0.0.1:" + std::to_string(pebble_.tls_port), "-alpn", "acme-tls/1",
                           "-cert", both, "-key", both},
                  .error = pebble_.log_file()});
    return {};
  }

  PebbleServer& pebble_;
  std::vector<ChallengeType> types_;
  test::TestFolder folder_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, std::string> files_;
  std::unique_ptr<test::Child> tls_;
  std::unique_ptr<net::HttpServer> web_;
};

class AcmePebble : public testing::Test {
 protected:
  void start(const test::PebbleOptions& options = {}) {
    pebble = std::make_unique<PebbleServer>(options);
    client = value_of(Client::open(pebble->client_options(), clock, silent_logger()));
  }
  void make_account() {
    account_key = value_of(net::make_private_key());
    value_of(
        create_account(*client, account_key, {.emails = {"admin@a.test"}, .terms_agreed = true}));
  }
  static Issuance wanted(const std::vector<std::string>& names) {
    return {.request = {.identifiers = value_of(parse_identifiers(names))}};
  }
  // Makes steps until the issuance is over, and gives its error if it failed.
  Status run(Solver& solver, const Secret& key, Issuance& issuance) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (issuance.step != Step::done && issuance.step != Step::failed) {
      TRY(const auto wait, advance(*client, solver, key, issuance));
      if (std::chrono::steady_clock::now() > deadline) {
        return fail(ErrorKind::timeout, "late", std::string(to_text(issuance.step)));
      }
      clock.sleep(std::min<std::chrono::milliseconds>(wait, 3s));
    }
    if (issuance.failure) {
      return std::unexpected(*issuance.failure);
    }
    return {};
  }
  Result<Chain> issue(const std::vector<std::string>& names, ChallengeType type,
                      const Secret& key) {
    RealSolver solver(*pebble, {type});
    Issuance issuance = wanted(names);
    TRY(run(solver, key, issuance));
    placed = solver.placed;
    EXPECT_TRUE(solver.files().empty()) << "a challenge was left behind";
    return issuance.chain;
  }
  Result<net::CertificateInfo> issued(const std::vector<std::string>& names, ChallengeType type,
                                      net::KeyKind kind = net::KeyKind::ecdsa_p256) {
    TRY(const auto chain, issue(names, type, value_of(net::make_private_key(kind))));
    return net::read_certificate(chain.front());
  }

  SystemClock clock;
  std::unique_ptr<PebbleServer> pebble;
  std::unique_ptr<Client> client;
  Secret account_key;
  int placed = 0;
};

using Texts = std::vector<std::string>;

TEST_F(AcmePebble, AllChallengesForNamesWildcardsAndAddresses) {
  // Half of all nonces are refused.
  start({.environment = {{"PEBBLE_WFE_NONCEREJECT", "50"}, {"PEBBLE_AUTHZREUSE", "0"}}});
  make_account();
  const auto http = issued({"a.test", "www.a.test"}, ChallengeType::http_01);
  ASSERT_TRUE(http) << describe(http.error()) << pebble->log();
  EXPECT_EQ(http->names, (Texts{"a.test", "www.a.test"}));
  EXPECT_EQ(placed, 2);

  // The apex and its wildcard need two values at one name.
  const auto dns = issued({"a.test", "*.a.test"}, ChallengeType::dns_01);
  ASSERT_TRUE(dns) << describe(dns.error()) << pebble->log();
  EXPECT_EQ(dns->names, (Texts{"*.a.test", "a.test"}));

  const auto alpn = issued({"b.test"}, ChallengeType::tls_alpn_01);
  ASSERT_TRUE(alpn) << describe(alpn.error()) << pebble->log();
  EXPECT_EQ(alpn->names, Texts{"b.test"});

  const auto address = issued({"127.0.0.1"}, ChallengeType::http_01);
  ASSERT_TRUE(address) << describe(address.error()) << pebble->log();
  EXPECT_EQ(address->addresses, Texts{"127.0.0.1"});
  EXPECT_EQ(address->names, Texts{});
  EXPECT_EQ(address->common_name.find("127.0.0.1"), std::string::npos);

  const auto alpn_address = issued({"127.0.0.1"}, ChallengeType::tls_alpn_01);
  ASSERT_TRUE(alpn_address) << describe(alpn_address.error()) << pebble->log();

  const auto rsa = issued({"c.test"}, ChallengeType::http_01, net::KeyKind::rsa_2048);
  ASSERT_TRUE(rsa) << describe(rsa.error()) << pebble->log();
}

TEST_F(AcmePebble, GoesOnAfterACrashInEveryStep) {
  start({.environment = {{"PEBBLE_AUTHZREUSE", "0"}},
         .configuration = {{"retryAfter", {{"authz", 1}, {"order", 1}}}}});
  make_account();
  RealSolver solver(*pebble, {ChallengeType::http_01});
  const Secret key = value_of(net::make_private_key());
  Issuance issuance = wanted({"a.test"});
  std::string order;
  for (int i = 0; i < 40 && issuance.step != Step::done && issuance.step != Step::failed; ++i) {
    const Json kept = to_json(issuance);
    for (const bool killed : {true, false}) {
      issuance = value_of(issuance_from(kept));
      // A program that is started again has nothing but what was kept.
      client = value_of(Client::open(pebble->client_options(), clock, silent_logger()));
      value_of(find_account(*client, account_key));
      const auto waited = advance(*client, solver, key, issuance);
      ASSERT_TRUE(waited) << describe(waited.error());
      clock.sleep(killed ? 0ms : std::min<std::chrono::milliseconds>(*waited, 1500ms));
    }
    if (!order.empty()) {
      EXPECT_EQ(issuance.order_url, order) << "nothing is ordered twice";
    }
    order = issuance.order_url;
  }
  ASSERT_EQ(issuance.step, Step::done)
      << (issuance.failure ? describe(*issuance.failure) : "") << pebble->log();
  EXPECT_TRUE(solver.files().empty());
}

TEST_F(AcmePebble, AuthorizationsAreReused) {
  start({.environment = {{"PEBBLE_AUTHZREUSE", "100"}}});
  make_account();
  ASSERT_TRUE(issued({"a.test"}, ChallengeType::http_01));
  EXPECT_EQ(placed, 1);
  ASSERT_TRUE(issued({"a.test"}, ChallengeType::http_01));
  EXPECT_EQ(placed, 0) << "the name is believed already";
}

TEST_F(AcmePebble, ExternalAccounts) {
  start({.configuration = {
             {"externalAccountBindingRequired", true},
             {"externalAccountMACKeys",
              {{"kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"}}}}});
  const Secret key = value_of(net::make_private_key());
  EXPECT_TRUE(client->directory().external_account_required);
  NewAccount request{.terms_agreed = true};
  EXPECT_EQ(create_account(*client, key, request).error().code, "external_account_missing");
  request.external = value_of(parse_external_account(
      "kid-1", Secret("zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12X")));
  EXPECT_FALSE(create_account(*client, key, request)) << "the HMAC key is another";
  request.external = value_of(parse_external_account(
      "kid-1", Secret("zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W")));
  const auto made = create_account(*client, key, request);
  ASSERT_TRUE(made) << describe(made.error()) << pebble->log();
  ASSERT_TRUE(issued({"a.test"}, ChallengeType::http_01));
}

TEST_F(AcmePebble, AnAccountFromItsBeginningToItsEnd) {
  start();
  EXPECT_NE(client->directory().terms, "");
  const Secret first = value_of(net::make_private_key());
  EXPECT_EQ(find_account(*client, first).error().code, "acme_account_does_not_exist");
  EXPECT_EQ(create_account(*client, first, {}).error().code, "terms_not_agreed");
  const auto made = value_of(create_account(*client, first, {.terms_agreed = true}));
  EXPECT_EQ(value_of(find_account(*client, first)).url, made.url);
  EXPECT_EQ(value_of(change_contact(*client, {"new@a.test"})).contact, Texts{"mailto:new@a.test"});
  EXPECT_EQ(value_of(get_account(*client)).contact, Texts{"mailto:new@a.test"});

  // From ECDSA to RSA, and the account stays the same.
  const Secret second = value_of(net::make_private_key(net::KeyKind::rsa_2048));
  const auto rolled = roll_over_key(*client, second);
  ASSERT_TRUE(rolled) << describe(rolled.error()) << pebble->log();
  EXPECT_EQ(value_of(get_account(*client)).url, made.url);
  EXPECT_EQ(value_of(find_account(*client, second)).url, made.url);
  EXPECT_FALSE(find_account(*client, first));
  value_of(find_account(*client, second));
  ASSERT_TRUE(issued({"a.test"}, ChallengeType::http_01));

  value_of(deactivate_account(*client));
  EXPECT_FALSE(find_account(*client, second));
}

TEST_F(AcmePebble, TheRootCanBeChosen) {
  start({.environment = {{"PEBBLE_ALTERNATE_ROOTS", "2"}, {"PEBBLE_CHAIN_LENGTH", "2"}}});
  make_account();
  const std::string other = value_of(net::read_certificate(pebble->root(1))).common_name;
  EXPECT_NE(other, value_of(net::read_certificate(pebble->root(0))).common_name);
  for (const std::string& root : {std::string(), other}) {
    RealSolver solver(*pebble, {ChallengeType::http_01});
    Issuance issuance = wanted({"a.test"});
    issuance.root = root;
    const auto done = run(solver, value_of(net::make_private_key()), issuance);
    ASSERT_TRUE(done) << describe(done.error());
    EXPECT_EQ(issuance.chain.size(), 3U) << "the leaf and two intermediates";
    const auto last = value_of(net::read_certificate(issuance.chain.back()));
    EXPECT_EQ(last.issuer == other, !root.empty());
  }
}

TEST_F(AcmePebble, RenewalIsSuggestedAndReplacesOnce) {
  start();
  make_account();
  ASSERT_NE(client->directory().renewal_info, "");
  const Secret key = value_of(net::make_private_key());
  const auto chain = value_of(issue({"a.test"}, ChallengeType::http_01, key));
  const std::string id = value_of(certificate_id(chain.front()));
  const auto window = get_renewal_window(*client, id);
  ASSERT_TRUE(window) << describe(window.error()) << pebble->log();
  const auto info = value_of(net::read_certificate(chain.front()));
  EXPECT_GT(window->start, info.not_before);
  EXPECT_LT(window->end, info.not_after);
  EXPECT_EQ(window->ask_again, 6h);

  const OrderRequest request{.identifiers = value_of(parse_identifiers({"a.test"})),
                             .replaces = id};
  // Pebble marks the certificate as replaced when the new order is made.
  ASSERT_TRUE(new_order(*client, request));
  const auto again = new_order(*client, request);
  ASSERT_TRUE(again) << describe(again.error()) << pebble->log();
  const auto unknown = new_order(*client, {.identifiers = request.identifiers,
                                           .replaces = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"});
  ASSERT_TRUE(unknown) << describe(unknown.error()) << pebble->log();

  value_of(revoke_certificate(*client, chain.front(), RevocationReason::superseded));
  const auto moved = value_of(get_renewal_window(*client, id));
  EXPECT_LT(moved.end, clock.now()) << "a revoked certificate is to be renewed at once";
  EXPECT_LE(choose_renewal_time(moved, window->start, clock.now(), 0.5), clock.now());
}

TEST_F(AcmePebble, BothKeysRevoke) {
  start();
  make_account();
  const Secret key = value_of(net::make_private_key());
  const auto first = value_of(issue({"a.test"}, ChallengeType::http_01, key));
  ASSERT_FALSE(revoke_with_key(*client, first.front(), value_of(net::make_private_key()),
                               RevocationReason::key_compromise))
      << "some other key";
  const auto by_key =
      revoke_with_key(*client, first.front(), key, RevocationReason::key_compromise);
  ASSERT_TRUE(by_key) << describe(by_key.error()) << pebble->log();
  ASSERT_TRUE(revoke_with_key(*client, first.front(), key, RevocationReason::key_compromise))
      << "it is revoked already";

  const auto second = value_of(issue({"a.test"}, ChallengeType::http_01, key));
  const auto by_account =
      revoke_certificate(*client, second.front(), RevocationReason::cessation_of_operation);
  ASSERT_TRUE(by_account) << describe(by_account.error()) << pebble->log();
}

// A web server that has something else at the challenge's path.
class WrongSolver final : public Solver {
 public:
  explicit WrongSolver(PebbleServer& pebble) : inner_(pebble, {ChallengeType::http_01}) {}
  std::vector<ChallengeType> types_for(const Identifier& name) override {
    return inner_.types_for(name);
  }
  Status place(const Placement& placement) override {
    TRY(inner_.place(placement));
    inner_.files()[http_path(placement)] = "It works!";
    return {};
  }
  Result<bool> is_visible(const Placement&) override { return true; }
  Status remove(const Placement& placement) override { return inner_.remove(placement); }
  RealSolver& inner() { return inner_; }

 private:
  RealSolver inner_;
};

TEST_F(AcmePebble, FailuresSayWhatWasWrong) {
  start({.environment = {{"PEBBLE_AUTHZREUSE", "0"}},
         .configuration = {{"domainBlocklist", {"blocked.test"}}}});
  make_account();
  const Secret key = value_of(net::make_private_key());

  Issuance issuance = wanted({"a.test"});
  {
    // Two web servers on one port would share the requests, so this one ends here.
    WrongSolver wrong(*pebble);
    const auto unauthorized = run(wrong, key, issuance);
    ASSERT_FALSE(unauthorized);
    EXPECT_EQ(unauthorized.error().code, "acme_unauthorized") << describe(unauthorized.error());
    EXPECT_EQ(unauthorized.error().faults.at(0).field, "a.test");
    EXPECT_TRUE(wrong.inner().files().empty()) << "a challenge was left behind";
  }

  const auto blocked = issued({"www.blocked.test"}, ChallengeType::http_01);
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().code, "acme_rejected_identifier") << describe(blocked.error());

  const auto wildcard = issued({"*.a.test"}, ChallengeType::http_01);
  ASSERT_FALSE(wildcard);
  EXPECT_EQ(wildcard.error().code, "acme_no_challenge") << describe(wildcard.error());

  // A signing request for another name, and one that is none.
  RealSolver solver(*pebble, {ChallengeType::http_01});
  issuance = wanted({"b.test"});
  while (issuance.step != Step::finalizing && issuance.step != Step::failed) {
    clock.sleep(value_of(advance(*client, solver, key, issuance)));
  }
  ASSERT_EQ(issuance.step, Step::finalizing)
      << (issuance.failure ? describe(*issuance.failure) : "");
  const auto order = value_of(get_order(*client, issuance.order_url));
  const auto other = value_of(net::make_server_request(key, {"c.test"}));
  const auto refused = finalize_order(*client, order, other);
  ASSERT_FALSE(refused);
  EXPECT_FALSE(is_passing(refused.error())) << describe(refused.error());
  const auto nonsense = finalize_order(*client, order, "nonsense");
  ASSERT_FALSE(nonsense);
  EXPECT_FALSE(is_passing(nonsense.error())) << describe(nonsense.error());
  const auto still = run(solver, key, issuance);
  EXPECT_TRUE(still) << describe(still.error());
}

}  // namespace
}  // namespace podplay::acme
