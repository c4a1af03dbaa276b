// Facts about a host become findings with the right severity and advice.
#include "pod/findings.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "model/settings.hpp"
#include "pod/fake_host.hpp"

namespace podplay::pod {
namespace {

using testing::HasSubstr;

bool any_fatal(const HostFacts& facts) {
  const auto settings = effective_settings({});
  return !stop_at(find_needs(facts)) || !stop_at(find_port_needs(facts, *settings));
}

// The finding whose fact contains these words.
Finding finding(const HostFacts& facts, const std::string& words) {
  for (const Finding& one : find_needs(facts)) {
    if (one.fact.find(words) != std::string::npos) {
      return one;
    }
  }
  ADD_FAILURE() << "no finding about " << words;
  return {};
}

TEST(FindNeeds, AnOrdinaryHostLacksNothing) {
  EXPECT_FALSE(any_fatal(ordinary_host()));
  for (const Finding& one : find_needs(ordinary_host())) {
    EXPECT_EQ(one.action, "") << one.fact;
  }
}

TEST(FindNeeds, RootlessSaysWhatIsMissing) {
  HostFacts facts = ordinary_host();
  facts.rootless = true;
  facts.first_free_port = 1024;
  EXPECT_FALSE(any_fatal(facts));
  facts.tun = false;
  EXPECT_TRUE(any_fatal(facts));
  facts.tun = true;
  facts.rootless_network = false;
  EXPECT_TRUE(any_fatal(facts));
  facts.rootless_network = true;
  facts.linger = false;
  EXPECT_FALSE(any_fatal(facts)) << "worth a note, no obstacle";
  facts.first_free_port = 9000;
  EXPECT_TRUE(any_fatal(facts)) << "8080 may not be published";
  EXPECT_TRUE(stop_at(find_needs(facts))) << "but a pod that runs can be stopped";
}

TEST(FindNeeds, EveryFatalFindingSaysWhatToDo) {
  HostFacts facts;
  facts.rootless = true;
  facts.cgroups = Cgroups::hybrid;
  facts.network_stack = false;
  facts.subuids = false;
  facts.tun = false;
  facts.uidmap = false;
  facts.rootless_network = false;
  facts.storage.native_overlay = false;
  const auto found = find_needs(facts);
  EXPECT_EQ(std::ranges::count(found, true, &Finding::fatal), 9);
  for (const Finding& one : found) {
    EXPECT_TRUE(!one.fatal || !one.action.empty()) << one.fact;
  }
  const Status stopped = stop_at(found);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().faults.size(), 9U) << "all at once";
}

TEST(FindNeeds, VfsIsNeverSilent) {
  HostFacts facts = ordinary_host();
  facts.rootless = true;
  facts.user = "anna";
  facts.storage.in_use = "vfs";
  EXPECT_TRUE(finding(facts, "driver vfs").fatal);
  EXPECT_THAT(finding(facts, "driver vfs").action, HasSubstr("podman system reset"));
  facts.storage.holds_volumes = true;
  EXPECT_FALSE(finding(facts, "driver vfs").fatal) << "somebody's mail is worth more than speed";
  EXPECT_THAT(finding(facts, "driver vfs").action, HasSubstr("podman volume export"));
  facts.storage.configured_by_user = true;
  EXPECT_FALSE(finding(facts, "a storage.conf of yours").fatal);
}

}  // namespace
}  // namespace podplay::pod
