// The hosts of the database and of the relay are resolved and put into the manifest.
#include "pod/outside_hosts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace podplay::pod {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string host_of(const char* url) { return database_host(Secret(url)); }

Settings with_url(const char* url) {
  return effective_settings({{"PODPLAY_DATABASE_URL", url}}).value();
}

TEST(DatabaseHost, IsTheNameThatNeedsResolving) {
  EXPECT_EQ(host_of("postgresql://u:p@db.internal:5433/podplay"), "db.internal");
  EXPECT_EQ(host_of("postgresql://u:p@ss@db/podplay"), "db");
  EXPECT_EQ(host_of("postgresql://db"), "db");
  EXPECT_EQ(host_of("postgresql://db?sslmode=require"), "db");
  EXPECT_EQ(host_of("postgresql://u:p@192.0.2.7/podplay"), "");
  EXPECT_EQ(host_of("postgresql://u:p@[2001:db8::1]:5432/podplay"), "");
  EXPECT_EQ(host_of("postgresql://%2Frun%2Fpostgresql/podplay"), "");
  EXPECT_EQ(host_of("postgresql:///podplay"), "");
  EXPECT_EQ(host_of(""), "");
}

TEST(DatabaseHost, GoesIntoTheManifest) {
  const std::string manifest = "spec:\n  hostAliases: []\n  containers: []\n";
  const auto filled =
      with_outside_hosts(manifest, with_url("postgresql://u:secret@localhost/podplay"));
  ASSERT_TRUE(filled) << describe(filled.error());
  EXPECT_THAT(*filled, HasSubstr("hostnames: [\"localhost\"]"));
  EXPECT_THAT(*filled, Not(HasSubstr("secret")));
  EXPECT_EQ(*with_outside_hosts(manifest, with_url("")), manifest);
}

TEST(DatabaseHost, ThatNobodyKnowsIsNamedWithoutThePassword) {
  const auto refused = with_outside_hosts("  hostAliases: []\n",
                                          with_url("postgresql://u:secret@no..such..name/podplay"));
  ASSERT_FALSE(refused);
  EXPECT_THAT(describe(refused.error()), HasSubstr("no..such..name"));
  EXPECT_THAT(describe(refused.error()), Not(HasSubstr("secret")));
}

Settings with_relay(std::map<std::string, std::string> more) {
  more.insert({{"PODPLAY_MAIL_OUTBOUND", "relay"}, {"PODPLAY_MAIL_RELAY", "localhost:587"}});
  return effective_settings(more).value();
}

TEST(RelayHost, GoesIntoTheManifestUnlessAResolverKnowsIt) {
  const std::string manifest = "  hostAliases: []\n";
  const auto filled = with_outside_hosts(manifest, with_relay({}));
  ASSERT_TRUE(filled) << describe(filled.error());
  EXPECT_THAT(*filled, HasSubstr("hostnames: [\"localhost\"]"));
  EXPECT_EQ(*with_outside_hosts(manifest, with_relay({{"PODPLAY_DNS_FORWARDERS", "192.0.2.53"}})),
            manifest);
  EXPECT_EQ(relay_host(with_relay({{"PODPLAY_MAIL_RELAY", "192.0.2.7:25"}})), "");
  EXPECT_EQ(relay_host(with_relay({{"PODPLAY_MAIL_OUTBOUND", "none"}})), "");
}

}  // namespace
}  // namespace podplay::pod
