// Each rule of mail, logins, certificates, DNS and the web: made evidence gives the cause, as the
// first and only finding, and the evidence of its repair gives none.
#include <gmock/gmock.h>

#include "control/watch/diagnosis/made_evidence.hpp"

namespace podplay::control {
namespace {

using test::agent_of;
using test::kNow;
using test::made_evidence;
using testing::Contains;
using testing::HasSubstr;

constexpr auto kMail = ServiceName::mail;
constexpr auto kBind = ServiceName::bind;
constexpr auto kWeb = ServiceName::apache;

FoundCause only_finding(const Evidence& evidence) {
  auto found = find_causes(evidence);
  EXPECT_EQ(found.size(), 1U);
  for (const FoundCause& one : found) {
    EXPECT_FALSE(one.shown.empty()) << one.cause;
    EXPECT_EQ(one.title.find("{}"), std::string::npos);
    EXPECT_EQ(one.remedy.find("{}"), std::string::npos);
    if (found.size() > 1) {
      ADD_FAILURE() << one.cause << ": " << one.title;
    }
  }
  return found.empty() ? FoundCause{} : found.front();
}

Evidence with_door(std::string_view name, const std::string& words) {
  Evidence evidence = made_evidence();
  agent_of(evidence, kMail).sections["doors"] = {
      {{"name", "dovecot-auth"}, {"ok", true}, {"words", ""}},
      {{"name", name}, {"ok", false}, {"words", words}}};
  return evidence;
}

Evidence with_queue(std::string_view reason, int count, const std::string& words) {
  Evidence evidence = made_evidence();
  agent_of(evidence, kMail).sections["queue"] = {{"waiting", count},
                                                 {"growing", false},
                                                 {"reasons",
                                                  {{std::string(reason),
                                                    {{"count", count},
                                                     {"examples",
                                                      {{{"queue_id", "4F1"},
                                                        {"recipient", "x@y.example"},
                                                        {"status", "4.4.1"},
                                                        {"words", words}}}}}}}}};
  return evidence;
}

Evidence with_lines(std::string_view kind, int count, int minutes_ago = 1) {
  Evidence evidence = made_evidence();
  agent_of(evidence, kMail).sections["mail_lines"] = {
      {"minutes", 15},
      {"kinds",
       {{std::string(kind),
         {{"count", count},
          {"age_ms", minutes_ago * 60'000},
          {"people", {{{"who", "ann@example.com"}, {"count", count}}}},
          {"examples", {"2026-01-01T00:00:00.000Z smtp[1]: 4F1: to=<x@y.example>"}}}}}}};
  return evidence;
}

Evidence with_certificate(const EvidenceJson& facts) {
  Evidence evidence = made_evidence();
  EvidenceJson one{{"name", "example.com"}, {"state", "valid"},  {"issuer", "letsencrypt"},
                   {"version", "ab12"},     {"leaf", "ab12"},    {"key", ""},
                   {"chain", ""},           {"chain_length", 2}, {"key_mode", ""},
                   {"last_error", ""}};
  one["leaf_not_before"] = kNow - 86'400'000;
  one["leaf_not_after"] = kNow + 86'400'000;
  one["uncovered"] = EvidenceJson::array();
  one.update(facts);
  evidence.facts["certificates"] = EvidenceJson::array({one});
  return evidence;
}

TEST(FindServiceCauses, SocketsOfDovecotThatDoNotAnswer) {
  Evidence auth = with_door("dovecot-auth", "/run/dovecot/postfix-auth gives no answer");
  agent_of(auth, kMail).status.state = "degraded";
  agent_of(auth, kMail).status.probes.push_back({"login", false, "no answer"});
  const FoundCause found = only_finding(auth);
  EXPECT_EQ(found.cause, "dovecot-auth-unreachable");
  EXPECT_THAT(found.shown, Contains(HasSubstr("postfix-auth")));

  EXPECT_EQ(only_finding(with_door("dovecot-lmtp", "refused")).cause, "dovecot-lmtp-unreachable");
  EXPECT_EQ(only_finding(with_door("agent-lookups", "refused")).cause, "mail-lookups-unreachable");
}

TEST(FindServiceCauses, SocketsOfADovecotThatStartsAreNotMissed) {
  Evidence evidence = with_door("dovecot-lmtp", "no such file");
  agent_of(evidence, kMail).status.daemons.front().state = "starting";
  agent_of(evidence, kMail).status.daemons.front().since = kNow - 2000;
  EXPECT_TRUE(find_causes(evidence).empty());
}

TEST(FindServiceCauses, ADirectoryThatIsDamagedOrDoesNotGoOn) {
  Evidence damaged = made_evidence();
  agent_of(damaged, kMail).sections["directory"] = {{"damage", "the directory is damaged"}};
  EXPECT_EQ(only_finding(damaged).cause, "directory-damaged");

  Evidence stale = made_evidence();
  stale.facts["feed"] = {{"mail", 9}, {"mail_agent", 7}, {"stuck", true}};
  EXPECT_EQ(only_finding(stale).cause, "directory-stale");
  stale.facts["feed"]["stuck"] = false;
  EXPECT_TRUE(find_causes(stale).empty());
}

TEST(FindServiceCauses, MailForOthersThatWaitsByItsReason) {
  EXPECT_EQ(only_finding(with_queue("dns", 6, "Host not found")).cause, "mail-deferred-dns");
  EXPECT_EQ(only_finding(with_queue("refused", 6, "refused")).cause, "mail-deferred-refused");
  EXPECT_EQ(only_finding(with_queue("tls", 6, "TLS")).cause, "mail-deferred-tls");
  EXPECT_EQ(only_finding(with_queue("greylist", 6, "later")).cause, "mail-deferred-greylisted");
  EXPECT_EQ(only_finding(with_queue("policy", 6, "blocked")).cause, "mail-deferred-policy");
  EXPECT_EQ(only_finding(with_queue("other", 6, "new words")).cause, "mail-deferred-other");
  EXPECT_EQ(only_finding(with_queue("off", 1, "off")).cause, "mail-outbound-off");
  EXPECT_EQ(only_finding(with_queue("mailbox", 1, "Internal error")).cause, "mail-mailbox-refused");
  EXPECT_EQ(only_finding(with_queue("quota", 1, "full")).cause, "mail-deferred-quota");
  // Some server of the world is always away.
  EXPECT_TRUE(find_causes(with_queue("refused", 2, "refused")).empty());
}

TEST(FindServiceCauses, AQueueThatGrowsIsToldWithItsReason) {
  Evidence evidence = with_queue("refused", 300, "refused");
  agent_of(evidence, kMail).sections["queue"]["growing"] = true;
  const FoundCause found = only_finding(evidence);
  EXPECT_EQ(found.cause, "mail-deferred-refused");
  EXPECT_THAT(found.follows, Contains("the queue of mail grows"));

  Evidence alone = made_evidence();
  agent_of(alone, kMail).sections["queue"] = {{"growing", true}, {"waiting", 300}};
  EXPECT_EQ(only_finding(alone).cause, "mail-queue-growing");
}

TEST(FindServiceCauses, WhatLinesOfTheMailLogCount) {
  EXPECT_EQ(only_finding(with_lines("loop", 1)).cause, "mail-loop");
  EXPECT_TRUE(find_causes(with_lines("loop", 1, 8)).empty());
  EXPECT_EQ(only_finding(with_lines("bounced", 30)).cause, "mail-bounce-burst");
  EXPECT_TRUE(find_causes(with_lines("bounced", 3)).empty());
  const FoundCause spam = only_finding(with_lines("limited", 4));
  EXPECT_EQ(spam.cause, "mail-account-sends-spam");
  EXPECT_EQ(spam.subject, "ann@example.com");
  EXPECT_THAT(spam.remedy, HasSubstr("podplay users update ann@example.com --disable"));
  // Much mail is no spam as long as it arrives.
  EXPECT_TRUE(find_causes(with_lines("sent_by", 400)).empty());
}

TEST(FindServiceCauses, SpamExplainsItsBounces) {
  Evidence evidence = with_lines("sent_by", 400);
  agent_of(evidence, kMail).sections["mail_lines"]["kinds"]["bounced"] = {{"count", 50}};
  EXPECT_EQ(only_finding(evidence).cause, "mail-account-sends-spam");
}

TEST(FindServiceCauses, MailboxesThatAreFullOrNotUsable) {
  Evidence full = made_evidence();
  agent_of(full, kMail).sections["mailboxes"] = {
      {"full", {{{"mailbox", "small@example.com"}, {"used", 20000}, {"quota", 20480}}}}};
  EXPECT_EQ(only_finding(full).cause, "mail-mailbox-full");

  Evidence denied = with_queue("mailbox", 1, "Internal error");
  agent_of(denied, kMail).sections["mailboxes"] = {
      {"denied", {{{"mailbox", "ann@example.com"}, {"words", "mail is root:root 0700"}}}}};
  const FoundCause found = only_finding(denied);
  EXPECT_EQ(found.cause, "mail-mailbox-permissions");
  EXPECT_EQ(found.subject, "ann@example.com");
}

TEST(FindServiceCauses, WhoIsLockedOutAndWhoGuesses) {
  Evidence locked = made_evidence();
  locked.facts["locked"] = {{{"account", "ann@example.com"},
                             {"until", "2026-01-01T00:05:00.000Z"},
                             {"tries", 10},
                             {"last",
                              {{{"at", "2026-01-01T00:00:00.000Z"},
                                {"kind", "failed"},
                                {"door", "imap"},
                                {"address", "192.0.2.7"},
                                {"count", 3}}}}}};
  const FoundCause found = only_finding(locked);
  EXPECT_EQ(found.cause, "account-locked");
  EXPECT_THAT(found.shown, Contains(HasSubstr("by imap from 192.0.2.7")));

  Evidence address = made_evidence();
  address.facts["locked_addresses"] = {{{"address", "192.0.2.7"}, {"until", "later"}}};
  EXPECT_EQ(only_finding(address).cause, "address-locked");

  Evidence guessing = made_evidence();
  guessing.facts["guessing"] = {{"failed", 90}, {"refused", 30}, {"accounts", 40}};
  EXPECT_EQ(only_finding(guessing).cause, "password-guessing");
  guessing.facts["guessing"] = {{"failed", 9}, {"refused", 3}, {"accounts", 4}};
  EXPECT_TRUE(find_causes(guessing).empty());
}

TEST(FindServiceCauses, ACertificateThatIsWellHasNone) {
  EXPECT_TRUE(find_causes(with_certificate({{"state", "valid"}})).empty());
  // Before its first version.
  EXPECT_TRUE(find_causes(with_certificate({{"state", "wanted"},
                                            {"version", ""},
                                            {"leaf", ""},
                                            {"leaf_not_after", 0},
                                            {"not_after", 0}}))
                  .empty());
}

TEST(FindServiceCauses, WhatIsWrongWithACertificate) {
  const auto cause_of = [](const EvidenceJson& facts) {
    return only_finding(with_certificate(facts)).cause;
  };
  EXPECT_EQ(cause_of({{"leaf_not_after", kNow - 1}}), "certificate-expired");
  EXPECT_EQ(cause_of({{"leaf_not_before", kNow + 60'000}}), "certificate-not-yet-valid");
  EXPECT_EQ(cause_of({{"unreadable", "no such file"}}), "certificate-unreadable");
  EXPECT_EQ(cause_of({{"leaf", "cd34"}}), "certificate-unreadable");
  EXPECT_EQ(cause_of({{"key", "the key does not match"}}), "certificate-key-mismatch");
  EXPECT_EQ(cause_of({{"key_mode", "mode 0600"}}), "certificate-key-mode");
  EXPECT_EQ(cause_of({{"uncovered", {"www.example.com"}}}), "certificate-other-name");
  EXPECT_EQ(cause_of({{"chain_length", 1}}), "certificate-chain-incomplete");
  EXPECT_EQ(cause_of({{"chain", "not signed by"}}), "certificate-chain-incomplete");
  EXPECT_EQ(cause_of({{"state", "failed"}, {"last_error", "acme_dns: no answer"}}),
            "certificate-renewal-failing");
  EXPECT_EQ(cause_of({{"last_error", "files put into its folder: expired"}}),
            "certificate-files-refused");
  EXPECT_TRUE(find_causes(with_certificate({{"chain_length", 1}, {"stands_alone", true}})).empty());
  // The pod's own authority signs the leaf itself.
  EXPECT_TRUE(find_causes(with_certificate({{"chain_length", 1}, {"issuer", "internal"}})).empty());
}

TEST(FindServiceCauses, AnExpiredCertificateExplainsItsFailedRenewal) {
  const FoundCause found = only_finding(with_certificate(
      {{"leaf_not_after", kNow - 1}, {"state", "failed"}, {"last_error", "acme_dns"}}));
  EXPECT_EQ(found.cause, "certificate-expired");
  EXPECT_THAT(found.follows, Contains("the certificate example.com cannot be renewed"));
}

TEST(FindServiceCauses, WhatServicesDoWithACertificate) {
  Evidence refused = made_evidence();
  agent_of(refused, kMail).status.set_aside = {{.kind = RowKind::certificate,
                                                .key = "example.com",
                                                .daemon = "dovecot-login",
                                                .message = "cannot load"}};
  EXPECT_EQ(only_finding(refused).cause, "certificate-refused");

  Evidence shown = made_evidence();
  agent_of(shown, kMail).status.state = "degraded";
  agent_of(shown, kMail).status.probes = {
      {"imaps-certificate", false, "port 993 shows another certificate"}};
  EXPECT_EQ(only_finding(shown).cause, "certificate-not-shown");
  agent_of(shown, kMail).status.probes[0].message =
      "port 993 shows no certificate for a.example: cannot connect to 127.0.0.1 port 993: "
      "Connection refused";
  EXPECT_EQ(only_finding(shown).cause, "service-not-ready") << "nobody listens";
}

TEST(FindServiceCauses, ZonesThatBindDoesNotServeAsWanted) {
  Evidence refused = made_evidence();
  agent_of(refused, kBind).status.set_aside = {{.kind = RowKind::zone,
                                                .key = "example.com",
                                                .daemon = "named",
                                                .message = "not loaded due to errors"}};
  refused.facts["serials"] = {
      {{"zone", "example.com"}, {"wanted", 9}, {"serial", 8}, {"server", "127.0.0.1"}}};
  EXPECT_EQ(only_finding(refused).cause, "zone-refused");

  Evidence behind = made_evidence();
  behind.facts["serials"] = refused.facts["serials"];
  EXPECT_EQ(only_finding(behind).cause, "zone-serial-behind");
  behind.facts["serials"][0]["serial"] = 9;
  EXPECT_TRUE(find_causes(behind).empty());
  behind.facts["serials"][0]["serial"] = 4294967290;
  EXPECT_EQ(only_finding(behind).cause, "zone-serial-behind");
}

TEST(FindServiceCauses, WhatOthersSeeOfTheZones) {
  Evidence evidence = made_evidence();
  evidence.facts["forwarders"] = {{{"address", "192.0.2.53"}, {"ok", false}, {"words", "timeout"}}};
  EXPECT_EQ(only_finding(evidence).cause, "dns-forwarder-unreachable");

  evidence = made_evidence();
  evidence.facts["delegations"] = {
      {{"zone", "example.com"}, {"state", "elsewhere"}, {"others", {"ns.other.example"}}}};
  EXPECT_EQ(only_finding(evidence).cause, "dns-delegation");

  evidence = made_evidence();
  evidence.facts["delegations"] = {{{"zone", "example.com"},
                                    {"state", "ours"},
                                    {"glue",
                                     {{{"server", "ns1.example.com"},
                                       {"ours", false},
                                       {"addresses", {"192.0.2.9"}},
                                       {"wanted", "192.0.2.1"}}}}}};
  EXPECT_EQ(only_finding(evidence).cause, "dns-glue");
  // By that address the name is not ours, but the zone is delegated to the name that it must be.
  evidence.facts["delegations"][0]["state"] = "elsewhere";
  evidence.facts["delegations"][0]["others"] = {"ns1.example.com"};
  EXPECT_EQ(only_finding(evidence).cause, "dns-glue");
  evidence.facts["delegations"][0]["others"] = {"ns1.example.com", "ns.other.example"};
  EXPECT_EQ(find_causes(evidence).front().cause, "dns-delegation");

  evidence = made_evidence();
  evidence.facts["reverse"] = {{{"address", "192.0.2.1"},
                                {"asked", true},
                                {"names", {"host-1.provider.example"}},
                                {"wanted", "mail.example.com"}}};
  EXPECT_EQ(only_finding(evidence).cause, "dns-reverse-name");
  evidence.facts["reverse"][0]["names"] = {"mail.example.com"};
  EXPECT_TRUE(find_causes(evidence).empty());

  evidence = made_evidence();
  evidence.facts["secondaries"] = {
      {{"zone", "example.com"}, {"server", "192.0.2.53"}, {"wanted", 9}, {"error", "timeout"}}};
  EXPECT_EQ(only_finding(evidence).cause, "dns-secondary-behind");

  evidence = made_evidence();
  evidence.facts["resolvers_silent"] = true;
  EXPECT_EQ(only_finding(evidence).cause, "dns-resolvers-silent");
}

TEST(FindServiceCauses, WebSites) {
  Evidence evidence = made_evidence();
  agent_of(evidence, kWeb).sections["sites"] = {
      {"faults", {{{"domain", "example.com"}, {"missing", true}, {"words", "no such file"}}}}};
  EXPECT_EQ(only_finding(evidence).cause, "site-folder-missing");
  agent_of(evidence, kWeb).sections["sites"]["faults"][0]["missing"] = false;
  EXPECT_EQ(only_finding(evidence).cause, "site-unreadable");
  evidence = made_evidence();
  evidence.facts["control_host"] = {{"name", "a.test"}, {"is_domain", true}};
  EXPECT_EQ(only_finding(evidence).cause, "site-of-control-host");
  EXPECT_THAT(only_finding(evidence).title, HasSubstr("a.test"));
  evidence.facts["control_host"]["is_domain"] = false;
  EXPECT_TRUE(find_causes(evidence).empty());

  evidence = made_evidence();
  agent_of(evidence, kWeb).status.set_aside = {{.kind = RowKind::site,
                                                .key = "example.com",
                                                .daemon = "apache",
                                                .message = "Syntax error on line 3"}};
  EXPECT_EQ(only_finding(evidence).cause, "site-refused");
  agent_of(evidence, kWeb).status.set_aside.front().message = "cannot read fullchain.pem";
  EXPECT_EQ(only_finding(evidence).cause, "site-certificate");

  evidence = made_evidence();
  evidence.facts["proxy"] = {{"asked", true}, {"line", "HTTP/1.1 503 Service Unavailable"}};
  EXPECT_EQ(only_finding(evidence).cause, "api-proxy-failing");
  evidence.facts["proxy"]["line"] = "HTTP/1.1 200 OK";
  EXPECT_TRUE(find_causes(evidence).empty());
}

}  // namespace
}  // namespace podplay::control
