// What podplay finds out about hosts, from folders that look like them, and what it then does with
// podman.
#include "pod/host.hpp"

#include <gmock/gmock.h>

#include "model/settings.hpp"

namespace podplay::pod {
namespace {

using testing::IsEmpty;

HostFacts ordinary_host() {
  HostFacts facts;
  facts.user = "root";
  facts.cgroups = Cgroups::v2;
  facts.init_name = "systemd";
  facts.podman_version = "5.4.2";
  facts.crun = "/usr/bin/crun";
  facts.run_folder = "/run/podplay";
  return facts;
}

bool any_fatal(const HostFacts& facts) {
  const auto settings = effective_settings({});
  return !stop_at(find_needs(facts)) || !stop_at(find_port_needs(facts, *settings));
}

TEST(PlanPodman, AnOrdinaryHostGetsNothingSpecial) {
  const PodmanPlan plan = plan_podman(ordinary_host());
  EXPECT_THAT(plan.prefix, testing::ElementsAre("podman"));
  EXPECT_THAT(plan.environment, IsEmpty());
  EXPECT_FALSE(any_fatal(ordinary_host()));
}

TEST(PlanPodman, HybridCgroupsChooseRunc) {
  HostFacts facts = ordinary_host();
  facts.cgroups = Cgroups::hybrid;
  EXPECT_TRUE(any_fatal(facts)) << "runc is missing";
  facts.runc = "/usr/sbin/runc";
  EXPECT_FALSE(any_fatal(facts));
  EXPECT_EQ(plan_podman(facts).runtime, "/usr/sbin/runc");
  EXPECT_FALSE(plan_podman(facts).strip_limits);
}

TEST(PlanPodman, WithoutSysResourceLimitsAreLeftOut) {
  HostFacts facts = ordinary_host();
  facts.sys_resource = false;
  const PodmanPlan plan = plan_podman(facts);
  EXPECT_TRUE(plan.strip_limits);
  EXPECT_EQ(plan.runtime, "/usr/bin/crun");
  EXPECT_EQ(plan.environment.at("CONTAINERS_CONF"), "/run/podplay/containers.conf");
  facts.rootless = true;
  EXPECT_FALSE(plan_podman(facts).strip_limits)
      << "rootless podman only asks for what the user has";
  facts.cgroups = Cgroups::hybrid;
  facts.runc = "/usr/sbin/runc";
  EXPECT_TRUE(plan_podman(facts).strip_limits)
      << "but cgroups of version 1 are nobody's to delegate";
}

TEST(PlanPodman, AnUnknownProcessOneGetsAReaper) {
  HostFacts facts = ordinary_host();
  facts.init_name = "something";
  EXPECT_THAT(plan_podman(facts).prefix,
              testing::ElementsAre("/run/podplay/podplay-oci-runtime", kReapOption, "podman"));
}

TEST(FindNeeds, RootlessSaysWhatIsMissing) {
  HostFacts facts = ordinary_host();
  facts.rootless = true;
  facts.first_free_port = 1024;
  EXPECT_FALSE(any_fatal(facts));
  facts.tun = false;
  EXPECT_TRUE(any_fatal(facts));
  facts.tun = true;
  facts.pasta = false;
  EXPECT_TRUE(any_fatal(facts));
  facts.pasta = true;
  facts.linger = false;
  EXPECT_FALSE(any_fatal(facts)) << "worth a note, no obstacle";
  facts.first_free_port = 9000;
  EXPECT_TRUE(any_fatal(facts)) << "8080 may not be published";
  EXPECT_TRUE(stop_at(find_needs(facts))) << "but a pod that runs can be stopped";
}

}  // namespace
}  // namespace podplay::pod
