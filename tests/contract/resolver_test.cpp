// The resolver asks a real named that has one zone and looks up nobody else's names.
#include "net/resolver.hpp"

#include <gtest/gtest.h>

#include "contract/named_server.hpp"

namespace podplay::net {
namespace {

using Texts = std::vector<std::string>;

TEST(ResolverAndNamed, AnswersOfItsOwnZoneAndNoOthers) {
  test::NamedServer named;
  RealFiles files;
  ProcessRunner runner{silent_logger(), false};
  const auto templates = *daemons::TemplateSet::load(files, "services/bind/rootfs", "/nonexistent");
  daemons::ZoneKeeper keeper(files, runner, nullptr, templates, named.options(), silent_logger());
  const auto row = [](const char* name, const char* type, Texts data) {
    return Rrset{.name = name, .type = type, .data = std::move(data)};
  };
  const Status put =
      keeper.put({.name = "a.test",
                  .serial = 5,
                  .primary = "ns1.a.test",
                  .contact = "admin.a.test",
                  .rrsets = {row("@", "CAA", {"0 issue \"ca.test; accounturi=https://ca.test/1\""}),
                             row("@", "NS", {"ns1.a.test."}),
                             row("_acme-challenge.away", "CNAME", {"x.b.test."}),
                             row("_acme-challenge.www", "CNAME", {"proof.a.test."}),
                             row("ns1", "A", {"192.0.2.1"}), row("ns1", "AAAA", {"2001:db8::1"}),
                             row("proof", "TXT", {"\"one\"", "\"two\""})}},
                 nullptr);
  ASSERT_TRUE(put) << describe(put.error());

  Resolver resolver({.servers = {{.address = "127.0.0.1", .port = named.dns_port()}}});
  EXPECT_EQ(resolver.ask("a.test", "CAA").data,
            Texts{"0 issue \"ca.test; accounturi=https://ca.test/1\""});
  EXPECT_EQ(resolver.ask("A.test", "NS").data, Texts{"ns1.a.test"});
  EXPECT_EQ(resolver.ask("ns1.a.test", "AAAA").data, Texts{"2001:db8::1"});
  const Lookup proof = resolver.ask("_acme-challenge.www.a.test", "TXT");
  EXPECT_EQ(proof.data, (Texts{"\"one\"", "\"two\""}));
  EXPECT_EQ(proof.end, "proof.a.test");
  EXPECT_EQ(resolver.ask("ns1.a.test", "CAA").outcome, LookupOutcome::no_data);
  EXPECT_EQ(resolver.ask("nothing.a.test", "A").outcome, LookupOutcome::no_such_name);
  const Lookup away = resolver.ask("_acme-challenge.away.a.test", "TXT");
  EXPECT_EQ(away.outcome, LookupOutcome::not_asked);
  EXPECT_EQ(away.end, "x.b.test") << "known although nobody there was asked";
  const Lookup other = resolver.ask("b.test", "A");
  EXPECT_EQ(other.outcome, LookupOutcome::not_asked);
  EXPECT_NE(other.why.find("REFUSED"), std::string::npos) << other.why;
}

}  // namespace
}  // namespace podplay::net
