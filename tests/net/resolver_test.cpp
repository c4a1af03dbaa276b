// The resolver against name servers of the test.
#include "net/resolver.hpp"

#include <gtest/gtest.h>

#include "net/name_server.hpp"

namespace podplay::net {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

Resolver resolver_of(std::vector<const test::NameServer*> servers,
                     std::chrono::milliseconds timeout = 1000ms) {
  ResolverOptions options{.servers = {}, .timeout = timeout};
  for (const test::NameServer* server : servers) {
    options.servers.push_back({.address = "127.0.0.1", .port = server->port()});
  }
  return Resolver(std::move(options));
}

TEST(Resolver, ReadsTheUsualTypes) {
  test::NameServer server;
  server.add("a.test", "A", "192.0.2.2");
  server.add("a.test", "A", "192.0.2.1");
  server.add("a.test", "AAAA", "2001:db8::1");
  server.add("a.test", "NS", "NS1.a.test");
  server.add("a.test", "TXT", "v=spf1 -all");
  server.add("a.test", "CAA", "128 issue ca.test; say=\"hi\\\"");
  auto resolver = resolver_of({&server});
  EXPECT_EQ(resolver.ask("A.test.", "A").data, (Texts{"192.0.2.1", "192.0.2.2"}));
  EXPECT_EQ(resolver.ask("a.test", "AAAA").data, Texts{"2001:db8::1"});
  EXPECT_EQ(resolver.ask("a.test", "NS").data, Texts{"ns1.a.test"});
  EXPECT_EQ(resolver.ask("a.test", "TXT").data, Texts{"\"v=spf1 -all\""});
  EXPECT_EQ(resolver.ask("a.test", "CAA").data, Texts{"128 issue \"ca.test; say=\\\"hi\\\\\\\"\""});
}

TEST(Resolver, NoNameNoDataAndNoAnswerAreDifferent) {
  test::NameServer server;
  server.add("a.test", "A", "192.0.2.1");
  server.add("broken.test", "A", "192.0.2.1");
  server.fail("broken.test", 2);
  auto resolver = resolver_of({&server});
  EXPECT_EQ(resolver.ask("a.test", "A").outcome, LookupOutcome::found);
  EXPECT_EQ(resolver.ask("a.test", "AAAA").outcome, LookupOutcome::no_data);
  EXPECT_EQ(resolver.ask("test", "A").outcome, LookupOutcome::no_data) << "a.test is below it";
  EXPECT_EQ(resolver.ask("b.test", "A").outcome, LookupOutcome::no_such_name);
  const Lookup broken = resolver.ask("broken.test", "A");
  EXPECT_EQ(broken.outcome, LookupOutcome::not_asked);
  EXPECT_NE(broken.why.find("SERVFAIL"), std::string::npos) << broken.why;
  EXPECT_FALSE(resolver.silent()) << "it did answer";
  EXPECT_EQ(resolver.ask("a..test", "A").outcome, LookupOutcome::not_asked);
}

TEST(Resolver, FollowsAliases) {
  test::NameServer server;
  server.add("_acme-challenge.a.test", "CNAME", "x.b.test");
  server.add("x.b.test", "CNAME", "y.b.test");
  server.add("y.b.test", "TXT", "text");
  server.add("dangling.test", "CNAME", "nowhere.c.example");
  server.add("circle.test", "CNAME", "circle.test");
  for (const bool recursive : {true, false}) {
    server.recursive = recursive;
    server.authoritative = !recursive;
    auto resolver = resolver_of({&server});
    const Lookup found = resolver.ask("_acme-challenge.a.test", "TXT");
    EXPECT_EQ(found.data, Texts{"\"text\""});
    EXPECT_EQ(found.end, "y.b.test");
    EXPECT_EQ(resolver.ask("_acme-challenge.a.test", "CNAME").data, Texts{"x.b.test"});
    const Lookup dangling = resolver.ask("dangling.test", "TXT");
    EXPECT_EQ(dangling.outcome, LookupOutcome::no_such_name);
    EXPECT_EQ(dangling.end, "nowhere.c.example");
    EXPECT_EQ(resolver.ask("circle.test", "TXT").outcome, LookupOutcome::not_asked);
  }
}

TEST(Resolver, ALongAnswerComesOverTcp) {
  test::NameServer server;
  server.truncates = true;
  server.add("a.test", "A", "192.0.2.1");
  auto resolver = resolver_of({&server});
  EXPECT_EQ(resolver.ask("a.test", "A").data, Texts{"192.0.2.1"});
  EXPECT_EQ(server.questions_over_tcp(), 1);
}

TEST(Resolver, AServerThatIsAwayCostsItsTimeOnce) {
  test::NameServer away;
  test::NameServer refusing;
  test::NameServer server;
  away.silent = true;
  refusing.fail("a.test", 5);
  server.add("a.test", "A", "192.0.2.1");
  auto resolver = resolver_of({&away, &refusing, &server}, 200ms);
  EXPECT_EQ(resolver.ask("a.test", "A").data, Texts{"192.0.2.1"});
  EXPECT_EQ(away.questions(), 2) << "a datagram may get lost";
  EXPECT_EQ(resolver.ask("a.test", "A").data, Texts{"192.0.2.1"});
  EXPECT_EQ(away.questions(), 2);
}

TEST(Resolver, AReferralSaysNothing) {
  test::NameServer own;
  own.recursive = false;
  own.add("below.a.test", "A", "192.0.2.1");
  auto resolver = resolver_of({&own});
  EXPECT_EQ(resolver.ask("a.test", "A").outcome, LookupOutcome::not_asked);
}

TEST(Resolver, NobodyAnswers) {
  test::NameServer away;
  away.silent = true;
  auto resolver = resolver_of({&away}, 100ms);
  EXPECT_EQ(resolver.ask("a.test", "A").outcome, LookupOutcome::not_asked);
  EXPECT_TRUE(resolver.silent());
  const int before = away.questions();
  EXPECT_EQ(resolver.ask("b.test", "A").why, "no resolver answers");
  EXPECT_EQ(away.questions(), before);

  Resolver late({.servers = {{.address = "127.0.0.1", .port = away.port()}},
                 .deadline = std::chrono::steady_clock::now()});
  EXPECT_EQ(late.ask("a.test", "A").outcome, LookupOutcome::not_asked);
  EXPECT_EQ(away.questions(), before);
  EXPECT_EQ(Resolver({.servers = {}}).ask("a.test", "A").outcome, LookupOutcome::not_asked);
}

TEST(Resolver, ServersAreAddressesWithOrWithoutPort) {
  const auto text = [](const char* one) {
    const auto server = parse_dns_server(one);
    return server ? server->address + " " + std::to_string(server->port) : server.error().code;
  };
  EXPECT_EQ(text("192.0.2.53"), "192.0.2.53 53");
  EXPECT_EQ(text("192.0.2.53:5353"), "192.0.2.53 5353");
  EXPECT_EQ(text("2001:db8::53"), "2001:db8::53 53");
  EXPECT_EQ(text("[2001:db8::53]:5353"), "2001:db8::53 5353");
  for (const char* wrong : {"", "ns.test", "192.0.2.53:0", "192.0.2.53:x", "192.0.2.53:65536",
                            "[192.0.2.53]:53", "[2001:db8::53", "[2001:db8::53]"}) {
    EXPECT_EQ(text(wrong), "bad_dns_server") << wrong;
  }
}

TEST(Resolver, ReadsResolvConf) {
  EXPECT_EQ(servers_of_resolv_conf("# nameserver 192.0.2.1\nsearch a.test\nnameserver 192.0.2.2\n"
                                   "nameserver\t2001:db8::53 # second\nnameserver name\n"
                                   "nameserver 192.0.2.3"),
            (std::vector<DnsServer>{
                {.address = "192.0.2.2"}, {.address = "2001:db8::53"}, {.address = "192.0.2.3"}}));
}

}  // namespace
}  // namespace podplay::net
