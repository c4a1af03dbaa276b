// Each sort of host has its way to call podman, and gets only the files that it needs.
#include "pod/podman_setup.hpp"

#include <gmock/gmock.h>

#include "base/test_folder.hpp"
#include "pod/fake_host.hpp"
#include "pod/findings.hpp"
#include "pod/oci_runtime.hpp"

namespace podplay::pod {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(PlanPodman, AnOrdinaryHostGetsNothingSpecial) {
  const PodmanPlan plan = plan_podman(ordinary_host());
  EXPECT_THAT(plan.prefix, testing::ElementsAre("podman"));
  EXPECT_THAT(plan.environment, IsEmpty());
}

TEST(PlanPodman, HybridCgroupsChooseRunc) {
  HostFacts facts = ordinary_host();
  facts.cgroups = Cgroups::hybrid;
  EXPECT_TRUE(!stop_at(find_needs(facts))) << "runc is missing";
  facts.runc = "/usr/sbin/runc";
  EXPECT_FALSE(!stop_at(find_needs(facts)));
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
  EXPECT_TRUE(plan_podman(facts).strip_limits) << "but cgroups of version 1 cannot be delegated";
}

TEST(PlanPodman, AnUnknownProcessOneGetsAReaper) {
  HostFacts facts = ordinary_host();
  facts.init_name = "something";
  EXPECT_THAT(plan_podman(facts).prefix,
              testing::ElementsAre("/run/podplay/podplay-oci-runtime", kReapOption, "podman"));
}

TEST(PreparePodman, AnOrdinaryUserGetsAStorageConfOnce) {
  const test::TestFolder folder;
  RealFiles files;
  HostFacts facts = ordinary_host();
  facts.rootless = true;
  facts.storage.our_file = folder.path() + "/share/podplay/storage.conf";
  const PodmanPlan plan = plan_podman(facts);
  EXPECT_EQ(plan.environment.at("CONTAINERS_STORAGE_CONF"), facts.storage.our_file);
  ASSERT_TRUE(prepare_podman(files, "/usr/bin/podplay", facts, plan));
  EXPECT_THAT(*files.read(facts.storage.our_file), HasSubstr("driver = \"overlay\""));

  ASSERT_TRUE(files.write_atomic(facts.storage.our_file, "# as the store was made\n", 0644, {}));
  facts.storage.configured_by_us = true;
  ASSERT_TRUE(prepare_podman(files, "/usr/bin/podplay", facts, plan_podman(facts)));
  EXPECT_EQ(*files.read(facts.storage.our_file), "# as the store was made\n")
      << "a store cannot change its driver";
}

}  // namespace
}  // namespace podplay::pod
