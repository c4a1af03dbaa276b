// Decides with which storage driver podman keeps images, containers and volumes on this host. An
// ordinary user gets native overlay where the kernel has it, else fuse-overlayfs, and never vfs
// without being told: vfs copies every layer whole. tools/podman-storage makes the same choice for
// scripts that run before this program is built; tests/pod/check_host_test.cpp compares the two.
#pragma once

#include <string>

#include "base/files.hpp"
#include "base/result.hpp"

namespace podplay::pod {

struct StorageFacts {
  // The driver of the existing store: "overlay", "vfs"; empty when there is no store yet.
  std::string in_use;
  // True when the user has a storage.conf, or the environment names one. podman follows it.
  bool configured_by_user = false;
  // True when podplay's storage.conf exists already. The choice is made and stays, since a store
  // cannot change its driver.
  bool configured_by_us = false;
  // Whether an ordinary user may mount overlay (Linux 5.13).
  bool native_overlay = true;
  // The path of fuse-overlayfs; empty when it is not installed or /dev/fuse cannot be opened.
  std::string fuse_overlayfs;
  // Whether the store holds volumes, which a new store would not have.
  bool holds_volumes = false;
  // The path of podplay's storage.conf.
  std::string our_file;
};

// The settings that decide where an ordinary user's files are.
struct UserFolders {
  // XDG_DATA_HOME, else HOME/.local/share.
  std::string data;
  // XDG_CONFIG_HOME, else HOME/.config.
  std::string config;
  // CONTAINERS_STORAGE_CONF; empty when it is not set.
  std::string storage_conf;
};
UserFolders user_folders();

// `host_root` is "/" or a test's folder. Only for an ordinary user.
StorageFacts inspect_storage(const std::string& host_root, const UserFolders& folders);

enum class StorageChoice {
  // podman follows its own configuration or the store that exists.
  podmans_own,
  // The kernel's overlay, by podplay's storage.conf.
  native_overlay,
  // overlay through fuse-overlayfs, by podplay's storage.conf.
  fuse_overlayfs,
  // Neither is possible, and podman would take vfs.
  none,
};
StorageChoice choose_storage(const StorageFacts& facts);

// The content of podplay's storage.conf; empty for a choice that needs none.
std::string storage_conf(StorageChoice choice, const StorageFacts& facts);

}  // namespace podplay::pod
