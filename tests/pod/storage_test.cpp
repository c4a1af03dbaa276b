// The storage driver of an ordinary user is found and chosen.
#include "pod/storage.hpp"

#include <gmock/gmock.h>

#include "pod/fake_host.hpp"

namespace podplay::pod {
namespace {

using testing::HasSubstr;

const UserFolders kFolders{.data = "/home/anna/.local/share", .config = "/home/anna/.config"};

TEST(InspectStorage, ReadsKernelAndStore) {
  const FakeRoot host;
  host.write("proc/sys/kernel/osrelease", "5.10.0-28-amd64\n");
  EXPECT_FALSE(inspect_storage(host.path(), kFolders).native_overlay);
  host.write("proc/sys/kernel/osrelease", "5.13.1\n");
  EXPECT_TRUE(inspect_storage(host.path(), kFolders).native_overlay);
  host.write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
  const StorageFacts fresh = inspect_storage(host.path(), kFolders);
  EXPECT_TRUE(fresh.native_overlay);
  EXPECT_EQ(fresh.in_use, "");
  EXPECT_EQ(fresh.our_file, "/home/anna/.local/share/podplay/storage.conf");
  EXPECT_FALSE(fresh.configured_by_us);

  host.write("home/anna/.local/share/podplay/storage.conf");
  host.write("home/anna/.local/share/containers/storage/vfs-images/images.json");
  host.write("home/anna/.local/share/containers/storage/volumes/podplay-mail/_data/x");
  const StorageFacts used = inspect_storage(host.path(), kFolders);
  EXPECT_TRUE(used.configured_by_us);
  EXPECT_EQ(used.in_use, "vfs");
  EXPECT_TRUE(used.holds_volumes);
  EXPECT_FALSE(used.configured_by_user);
  host.write("home/anna/.config/containers/storage.conf");
  EXPECT_TRUE(inspect_storage(host.path(), kFolders).configured_by_user);
}

TEST(ChooseStorage, NativeOverlayWhereTheKernelHasIt) {
  StorageFacts facts;
  EXPECT_EQ(choose_storage(facts), StorageChoice::native_overlay);
  facts.fuse_overlayfs = "/usr/bin/fuse-overlayfs";
  EXPECT_EQ(choose_storage(facts), StorageChoice::native_overlay);
  facts.native_overlay = false;
  EXPECT_EQ(choose_storage(facts), StorageChoice::fuse_overlayfs);
  EXPECT_THAT(storage_conf(StorageChoice::fuse_overlayfs, facts),
              HasSubstr("mount_program = \"/usr/bin/fuse-overlayfs\""));
  facts.fuse_overlayfs = "";
  EXPECT_EQ(choose_storage(facts), StorageChoice::none) << "never vfs";
}

TEST(ChooseStorage, AStoreKeepsTheDriverItWasMadeWith) {
  EXPECT_EQ(choose_storage({.in_use = "vfs"}), StorageChoice::podmans_own);
  EXPECT_EQ(choose_storage({.configured_by_user = true}), StorageChoice::podmans_own);
  StorageFacts fuse{.in_use = "overlay", .fuse_overlayfs = "/usr/bin/fuse-overlayfs"};
  EXPECT_EQ(choose_storage(fuse), StorageChoice::podmans_own);
  fuse.configured_by_us = true;
  EXPECT_EQ(choose_storage(fuse), StorageChoice::native_overlay) << "it was made with our file";
}

}  // namespace
}  // namespace podplay::pod
