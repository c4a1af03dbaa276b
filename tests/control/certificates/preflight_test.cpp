// What the preflight sees: the public's DNS, web servers and an authority are the test's own.
#include "control/certificates/preflight.hpp"

#include "control/certificates/authority_checks.hpp"
#include "control/certificates/name_checks.hpp"
#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "net/http.hpp"
#include "net/name_server.hpp"
#include "net/x509.hpp"
#include "store/certificates.hpp"
#include "store/zones.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;
using Codes = std::vector<std::string>;

constexpr const char* kHere = "127.0.0.1";
// Loopback as well, so that a server can listen there.
constexpr const char* kElsewhere = "127.0.0.2";

// "points_elsewhere!": the finding is fatal.
Codes codes(const std::vector<Finding>& findings) {
  Codes found;
  for (const Finding& finding : findings) {
    EXPECT_FALSE(finding.message.empty());
    EXPECT_FALSE(finding.remedy.empty()) << finding.message;
    found.push_back(finding.code + (finding.fatal ? "!" : ""));
  }
  return found;
}

std::unique_ptr<net::HttpServer> web_server(const std::string& address, int port, int status,
                                            const std::string& name) {
  net::HttpServerOptions options{.address = address, .port = port};
  auto server = net::HttpServer::start(
      std::move(options),
      [status, name](const net::HttpRequest&) {
        return net::HttpResponse{.status = status, .headers = {{"Server", name}}};
      },
      silent_logger());
  if (!server) {
    throw std::runtime_error(describe(server.error()));
  }
  return std::move(*server);
}

class PreflightTest : public test::ControlTest {
 protected:
  PreflightTest() {
    world.authoritative = true;
    set({});
    // A port that nobody listens on until a test starts a server there.
    options.http_port = web_server(kHere, 0, 404, "Apache")->port();
    options.dns_port = world.port();
    options.caa_identities = {{"ca.test"}};
    certificate.name = "example.test";
    account.url = "https://ca.test/account/1";
  }
  void set(std::map<std::string, std::string> settings) {
    settings.insert({{"PODPLAY_DOMAIN", "example.test"},
                     {"PODPLAY_PUBLIC_IPV4", kHere},
                     {"PODPLAY_RESOLVERS", world.address()}});
    plane.settings = effective_settings(settings).value();
  }
  std::vector<Finding> look_at(const std::vector<std::string>& names) {
    certificate.names = names;
    return NameChecks(context, certificate, account, options)
        .look_at(acme::parse_identifiers(names).value());
  }
  // The world asks us for example.test.
  void delegate() {
    world.add("example.test", "NS", "ns1.example.test");
    world.add("ns1.example.test", "A", kHere);
  }

  test::NameServer world;
  Certificate certificate;
  AcmeAccount account{.name = "ca", .directory = "https://ca.test/dir"};
  NameCheckOptions options;
};

TEST_F(PreflightTest, ANameThatLeadsHereHasNoFinding) {
  const auto web = web_server(kHere, options.http_port, 404, "Apache");
  world.add("a.elsewhere.test", "A", kHere);
  EXPECT_EQ(codes(look_at({"a.elsewhere.test"})), Codes{});
  delegate();
  world.add("www.example.test", "A", kHere);
  EXPECT_EQ(codes(look_at({"*.example.test", "www.example.test"})), Codes{});
}

TEST_F(PreflightTest, AddressesThatLeadElsewhere) {
  world.add("a.test", "A", "127.0.0.2");
  const auto findings = look_at({"a.test"});
  ASSERT_EQ(codes(findings), Codes{"points_elsewhere!"});
  EXPECT_EQ(findings.front().message, "a.test points to 127.0.0.2, not to here (127.0.0.1)");
  EXPECT_EQ(findings.front().name, "a.test");
  world.add("empty.test", "TXT", "x");
  EXPECT_EQ(codes(look_at({"empty.test"})), Codes{"no_address!"});
  EXPECT_EQ(codes(look_at({"nowhere.test"})), Codes{"no_such_name!"});
}

TEST_F(PreflightTest, WhatAnswersOutweighsTheAddress) {
  world.add("a.test", "A", kElsewhere);
  const auto proxy = web_server(kElsewhere, options.http_port, 404, "Apache");
  EXPECT_EQ(codes(look_at({"a.test"})), Codes{"points_elsewhere"});
}

TEST_F(PreflightTest, AnIpv6AddressElsewhereMatters) {
  const auto web = web_server(kHere, options.http_port, 404, "Apache");
  world.add("a.test", "A", kHere);
  world.add("a.test", "AAAA", "::1");
  EXPECT_EQ(codes(look_at({"a.test"})), Codes{"ipv6_elsewhere"});
  const auto other = web_server("::1", options.http_port, 200, "nginx");
  EXPECT_EQ(codes(look_at({"a.test"})), Codes{"ipv6_elsewhere!"});
  set({{"PODPLAY_PUBLIC_IPV6", "0:0::1"}});
  EXPECT_EQ(codes(look_at({"a.test"})), Codes{"other_server"});
}

TEST_F(PreflightTest, APortThatCannotBeSeenIsNoProof) {
  world.add("a.test", "A", kHere);
  EXPECT_EQ(codes(look_at({"a.test"})), Codes{"port_not_seen"});
  const auto web = web_server(kHere, options.http_port, 404, "nginx");
  EXPECT_EQ(codes(look_at({"a.test"})), Codes{"other_server"});
}

TEST_F(PreflightTest, TheTlsPortIsOursWhenItShowsOurCertificate) {
  certificate.wishes.challenge = "tls-alpn-01";
  world.add("a.test", "A", kHere);
  const auto start = [&](const std::string& folder) {
    const auto read = [&](const std::string& file) {
      return plane.files.read(plane.paths.certificates + "/" + folder + "/" + file).value();
    };
    net::HttpServerOptions tls{
        .address = kHere,
        .tls = net::TlsIdentity{read("fullchain.pem"), Secret(read("privkey.pem"))}};
    return net::HttpServer::start(
               std::move(tls), [](const net::HttpRequest&) { return net::HttpResponse{}; },
               silent_logger())
        .value();
  };
  const auto ours = start("control.example.test");
  options.https_port = ours->port();
  EXPECT_EQ(codes(look_at({"a.test"})), Codes{});
  ASSERT_TRUE(create_domain(context, admin, "other.test", true, {}));
  const auto other = start("other.test");
  options.https_port = other->port();
  EXPECT_EQ(codes(look_at({"a.test"})), Codes{"other_server"});
}

TEST_F(PreflightTest, AddressesAsNames) {
  const auto web = web_server(kHere, options.http_port, 404, "Apache");
  EXPECT_EQ(codes(look_at({kHere})), Codes{});
  EXPECT_EQ(codes(look_at({"127.0.0.9"})), Codes{"points_elsewhere!"});
  certificate.wishes.challenge = "dns-01";
  EXPECT_EQ(codes(look_at({kHere})), Codes{"no_challenge!"});
  certificate.wishes.challenge = "http-01";
  EXPECT_EQ(codes(look_at({"*.example.test"})), Codes{"no_challenge!"});
}

TEST_F(PreflightTest, TheZoneMustBeAskedForHere) {
  certificate.wishes.challenge = "dns-01";
  world.add("example.test", "A", kHere);
  EXPECT_EQ(codes(look_at({"example.test"})), Codes{"zone_elsewhere!"}) << "it has no NS at all";
  delegate();
  EXPECT_EQ(codes(look_at({"example.test"})), Codes{});
  world.add("example.test", "NS", "ns.registrar.test");
  const auto partly = look_at({"example.test"});
  ASSERT_EQ(codes(partly), Codes{"zone_partly_elsewhere"});
  EXPECT_NE(partly.front().message.find("ns.registrar.test"), std::string::npos);
  EXPECT_EQ(codes(look_at({"a.elsewhere.test"})), Codes{"zone_not_ours!"});
  certificate.wishes.challenge.clear();
  EXPECT_EQ(codes(look_at({"*.elsewhere.test"})), Codes{"zone_not_ours!"});
}

TEST_F(PreflightTest, SecondariesMustHaveTheZone) {
  set({{"PODPLAY_DNS_SECONDARIES", "ns2.example.net=127.0.0.1,127.0.0.9"}});
  certificate.wishes.challenge = "dns-01";
  world.add("example.test", "A", kHere);
  delegate();
  world.add("example.test", "NS", "ns2.example.net");
  EXPECT_EQ(codes(look_at({"example.test"})), Codes{"secondary_without_zone"});
  const auto serial = context.store
                          .read<std::uint32_t>([](store::Session& session) {
                            return store::find_zone(session, "example.test")->serial;
                          })
                          .value();
  world.add("example.test", "SOA", std::to_string(serial - 1));
  const auto behind = look_at({"example.test"});
  ASSERT_EQ(codes(behind), Codes{"secondary_behind"});
  EXPECT_NE(behind.front().message.find(std::to_string(serial - 1)), std::string::npos);
}

TEST_F(PreflightTest, CaaRecordsOfTheNameOrAboveIt) {
  const auto web = web_server(kHere, options.http_port, 404, "Apache");
  world.add("www.a.test", "A", kHere);
  world.add("a.test", "CAA", "0 issue other.test");
  const auto findings = look_at({"www.a.test"});
  ASSERT_EQ(codes(findings), Codes{"caa_forbids!"});
  EXPECT_EQ(findings.front().message, "the CAA records of a.test allow only other.test");
  EXPECT_NE(findings.front().remedy.find("a.test CAA 0 issue \"ca.test\""), std::string::npos);
  options.caa_identities.reset();
  EXPECT_EQ(codes(look_at({"www.a.test"})), Codes{"caa_unclear"});
  options.caa_identities = {{"ca.test"}};
  world.add("www.a.test", "CAA", "0 issue ca.test; accounturi=https://ca.test/account/1");
  EXPECT_EQ(codes(look_at({"www.a.test"})), Codes{});
  world.fail("www.a.test", 2);
  EXPECT_EQ(codes(look_at({"www.a.test"})), (Codes{"not_asked", "not_asked"}));
}

TEST_F(PreflightTest, ALabAsksNobodyOutside) {
  plane.settings = effective_settings({{"PODPLAY_DOMAIN", "example.test"}}).value();
  const int before = world.questions();
  const auto findings = look_at({"a.elsewhere.test"});
  ASSERT_EQ(codes(findings), Codes{"not_asked"});
  EXPECT_NE(findings.front().message.find("the lab asks nobody outside"), std::string::npos);
  EXPECT_EQ(world.questions(), before);
}

TEST_F(PreflightTest, ResolversThatAreAwayAreOneFinding) {
  world.silent = true;
  const auto findings = look_at({"a.test", "b.test", "c.test"});
  EXPECT_EQ(codes(findings), Codes{"resolvers_silent"});
  world.silent = false;
  options.total = 0ms;
  EXPECT_EQ(codes(look_at({"a.test", "b.test"})), Codes{"time_over"});
}

// A directory over HTTPS, whose answers a test can change.
class AuthorityTest : public PreflightTest {
 protected:
  AuthorityTest() {
    const Secret key = net::make_private_key().value();
    const auto authority =
        net::make_authority("test CA", std::chrono::days(1), plane.clock.now()).value();
    net::HttpServerOptions tls{
        .address = kHere,
        .tls = net::TlsIdentity{
            net::issue_certificate(authority, key, kHere, {kHere}, 1h, plane.clock.now()).value(),
            key}};
    server = net::HttpServer::start(
                 std::move(tls),
                 [this](const net::HttpRequest&) {
                   return net::HttpResponse{.headers = {{"Date", date}}, .body = directory()};
                 },
                 silent_logger())
                 .value();
    account.directory = "https://127.0.0.1:" + std::to_string(server->port()) + "/dir";
    account.ca = authority.certificate;
  }
  std::string directory() const {
    const std::string url = "\"" + account.directory + "\"";
    return "{\"newNonce\":" + url + ",\"newAccount\":" + url + ",\"newOrder\":" + url +
           ",\"revokeCert\":" + url + ",\"keyChange\":" + url +
           ",\"meta\":{\"caaIdentities\":[\"ca.test\"],\"profiles\":{\"classic\":\"\"}}}";
  }
  Codes look(const CertificateWishes& wishes = {}) {
    return codes(check_authority(context, account, wishes).findings);
  }

  std::string date;
  std::unique_ptr<net::HttpServer> server;
};

TEST_F(AuthorityTest, ProfilesAndClock) {
  EXPECT_EQ(look({.profile = "classic"}), Codes{});
  EXPECT_EQ(check_authority(context, account, {}).caa_identities, Codes{"ca.test"});
  EXPECT_EQ(look({.profile = "shortlived"}), Codes{"profile_not_offered!"});
  date = "Sun, 06 Nov 1994 08:49:37 GMT";
  EXPECT_EQ(look(), Codes{"clock_off!"});
  plane.clock.moved = *parse_http_date(date) - plane.clock.real.now();
  EXPECT_EQ(look(), Codes{});
  plane.clock.moved += 2min;
  const auto ahead = check_authority(context, account, {}).findings;
  ASSERT_EQ(codes(ahead), Codes{"clock_off"});
  EXPECT_NE(ahead.front().message.find("ahead of"), std::string::npos) << ahead.front().message;
}

TEST_F(AuthorityTest, AnAuthorityThatIsAwayStopsNothing) {
  server->stop();
  EXPECT_EQ(look(), Codes{"authority_not_reached"});
  EXPECT_FALSE(check_authority(context, account, {}).caa_identities);
  // No resolver is asked for a name with an empty label.
  account.directory = "https://nobody..test/dir";
  EXPECT_EQ(look(), Codes{"authority_name_unknown!"});
}

TEST_F(AuthorityTest, TheWholeLook) {
  delegate();
  world.add("example.test", "A", kHere);
  certificate.names = {"*.example.test", "example.test"};
  EXPECT_EQ(codes(preflight(context, certificate, account)), Codes{});
  world.add("example.test", "CAA", "0 issuewild ;");
  EXPECT_EQ(codes(preflight(context, certificate, account)), Codes{"caa_forbids!"});
  certificate.names = {"a..test"};
  EXPECT_EQ(preflight(context, certificate, account).size(), 1U);
}

TEST(Policy, WhatLetsEncryptNeverSigns) {
  const AcmeAccount real{.directory = "https://acme-v02.api.letsencrypt.org/directory"};
  const AcmeAccount other{.directory = "https://ca.test/dir"};
  const auto found = [](const AcmeAccount& account, const std::vector<std::string>& names,
                        const std::string& profile = {}) {
    return codes(
        check_policy(account, {.profile = profile}, acme::parse_identifiers(names).value()));
  };
  EXPECT_EQ(found(real, {"a.de", "*.b.org", "contest.de"}), Codes{});
  for (const char* name : {"a.test", "nas.local", "www.example.com", "a.lan", "router.home.arpa"}) {
    EXPECT_EQ(found(real, {name}), Codes{"name_not_public!"}) << name;
    EXPECT_EQ(found(other, {name}), Codes{}) << name;
  }
  for (const char* address : {"10.1.2.3", "127.0.0.1", "172.31.0.1", "192.168.1.1", "100.127.0.1",
                              "fd00::1", "::1", "fe80::1", "2001:db8::1", "192.0.2.1"}) {
    EXPECT_EQ(found(real, {address}, "shortlived"), Codes{"name_not_public!"}) << address;
    EXPECT_EQ(found(other, {address}), Codes{}) << address;
  }
  EXPECT_EQ(found(real, {"9.9.9.9", "172.32.0.1", "2620:fe::fe"}, "shortlived"), Codes{});
  EXPECT_EQ(found(real, {"9.9.9.9"}), Codes{"profile_needed!"});
  std::vector<std::string> many;
  for (int number = 0; number < 101; ++number) {
    many.push_back(std::to_string(number) + ".a.de");
  }
  EXPECT_EQ(found(real, many), Codes{"too_many_names!"});
  EXPECT_EQ(found(other, many), Codes{"too_many_names"});
  many.resize(26);
  EXPECT_EQ(found(real, many), Codes{});
  EXPECT_EQ(found(real, many, "shortlived"), Codes{"too_many_names!"});
}

}  // namespace
}  // namespace podplay::control
