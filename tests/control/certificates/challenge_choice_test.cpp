// Which challenge is chosen for which name.
#include "control/certificates/challenge_choice.hpp"

#include "control/control_test.hpp"
#include "control/domains.hpp"
#include "net/name_server.hpp"

namespace podplay::control {
namespace {

using acme::ChallengeType;

class ChallengeChoiceTest : public test::ControlTest {
 protected:
  ChallengeChoiceTest() {
    plane.settings = effective_settings({{"PODPLAY_DOMAIN", "example.test"},
                                         {"PODPLAY_PUBLIC_IPV4", "192.0.2.1"},
                                         {"PODPLAY_RESOLVERS", world.address()}})
                         .value();
    world.add("example.test", "NS", "ns.provider.test");
    world.add("ns.provider.test", "A", "192.0.2.1");
  }
  // "dns-01 zone record, http-01".
  std::string plans(const std::string& name, const std::string& wished = {}) {
    std::string text;
    for (const ChallengePlan& plan :
         plans_for(context, acme::Identifier::parse(name).value(), wished)) {
      text += (text.empty() ? "" : ", ") + std::string(to_text(plan.type));
      if (plan.type == ChallengeType::dns_01) {
        text += " " + (plan.by_hook ? "hook" : plan.zone) + " " + plan.txt_name;
      }
    }
    return text;
  }

  test::NameServer world;
};

TEST_F(ChallengeChoiceTest, OurZonesTakeTheRecord) {
  EXPECT_EQ(plans("example.test"),
            "dns-01 example.test _acme-challenge.example.test, http-01, tls-alpn-01");
  EXPECT_EQ(plans("*.www.example.test"), "dns-01 example.test _acme-challenge.www.example.test");
  EXPECT_EQ(plans("www.example.test", "http-01"), "http-01");
  EXPECT_EQ(plans("www.example.test", "dns-01"),
            "dns-01 example.test _acme-challenge.www.example.test");
}

TEST_F(ChallengeChoiceTest, TheLongestZoneHoldsTheName) {
  ASSERT_TRUE(create_domain(context, admin, "below.example.test", true, {}));
  world.add("below.example.test", "NS", "ns.provider.test");
  EXPECT_EQ(plans("*.below.example.test"),
            "dns-01 below.example.test _acme-challenge.below.example.test");
  EXPECT_EQ(plans("*.notbelow.example.test"),
            "dns-01 example.test _acme-challenge.notbelow.example.test");
}

TEST_F(ChallengeChoiceTest, NamesOfOthers) {
  world.add("a.test", "A", "192.0.2.1");
  EXPECT_EQ(plans("a.test"), "http-01, tls-alpn-01");
  EXPECT_EQ(plans("*.a.test"), "");
  EXPECT_EQ(plans("a.test", "dns-01"), "");
  world.add("_acme-challenge.a.test", "CNAME", "a.proofs.example.test");
  EXPECT_EQ(plans("*.a.test"), "dns-01 example.test a.proofs.example.test");
  EXPECT_EQ(plans("a.test"), "dns-01 example.test a.proofs.example.test, http-01, tls-alpn-01");
  world.add("_acme-challenge.b.test", "CNAME", "example.test");
  EXPECT_EQ(plans("*.b.test"), "") << "the record would be the zone's own";
}

TEST_F(ChallengeChoiceTest, AZoneThatTheWorldAsksElsewhereComesLast) {
  ASSERT_TRUE(create_domain(context, admin, "moved.test", true, {}));
  world.add("moved.test", "NS", "ns.registrar.test");
  world.add("ns.registrar.test", "A", "192.0.2.99");
  EXPECT_EQ(plans("moved.test"),
            "http-01, tls-alpn-01, dns-01 moved.test _acme-challenge.moved.test");
  EXPECT_EQ(plans("*.moved.test"), "dns-01 moved.test _acme-challenge.moved.test");
  world.add("_acme-challenge.moved.test", "CNAME", "moved.example.test");
  EXPECT_EQ(plans("*.moved.test"), "dns-01 example.test moved.example.test");
}

TEST_F(ChallengeChoiceTest, TheAdministratorsProgramSetsRecordsInZonesOfOthers) {
  plane.settings = effective_settings({{"PODPLAY_DOMAIN", "example.test"},
                                       {"PODPLAY_PUBLIC_IPV4", "192.0.2.1"},
                                       {"PODPLAY_RESOLVERS", world.address()},
                                       {"PODPLAY_DNS_HOOK", "dns-hook"}})
                       .value();
  EXPECT_EQ(plans("example.test"),
            "dns-01 example.test _acme-challenge.example.test, http-01, tls-alpn-01");
  EXPECT_EQ(plans("a.test"), "http-01, tls-alpn-01, dns-01 hook _acme-challenge.a.test");
  EXPECT_EQ(plans("*.a.test"), "dns-01 hook _acme-challenge.a.test");
  EXPECT_EQ(plans("a.test", "dns-01"), "dns-01 hook _acme-challenge.a.test");
  world.add("_acme-challenge.b.test", "CNAME", "b.proofs.example.test");
  EXPECT_EQ(plans("*.b.test"), "dns-01 example.test b.proofs.example.test");
  ASSERT_TRUE(create_domain(context, admin, "moved.test", true, {}));
  world.add("moved.test", "NS", "ns.registrar.test");
  world.add("ns.registrar.test", "A", "192.0.2.99");
  EXPECT_EQ(plans("*.moved.test"), "dns-01 hook _acme-challenge.moved.test")
      << "our own record would not be seen";
}

TEST_F(ChallengeChoiceTest, AddressesHaveNoRecord) {
  EXPECT_EQ(plans("192.0.2.1"), "http-01, tls-alpn-01");
  EXPECT_EQ(plans("192.0.2.1", "tls-alpn-01"), "tls-alpn-01");
  EXPECT_EQ(plans("2001:db8::1", "dns-01"), "");
}

TEST_F(ChallengeChoiceTest, ALabAsksNobodyAndTakesItsOwnZones) {
  plane.settings = effective_settings({{"PODPLAY_DOMAIN", "example.test"}}).value();
  const int before = world.questions();
  EXPECT_EQ(plans("*.example.test"), "dns-01 example.test _acme-challenge.example.test");
  EXPECT_EQ(plans("a.test"), "http-01, tls-alpn-01");
  EXPECT_EQ(world.questions(), before);
}

}  // namespace
}  // namespace podplay::control
