// Chooses the storage driver from facts only. Nothing here starts podman, since podman's first
// start would already create a store with a driver of its own choice (vfs, where fuse-overlayfs is
// missing and no other driver is configured).
#include "pod/storage.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/numbers.hpp"
#include "pod/host.hpp"

namespace podplay::pod {
namespace {

namespace fs = std::filesystem;

// The first Linux that lets an ordinary user mount overlay in a user namespace.
constexpr int kOverlayMajor = 5;
constexpr int kOverlayMinor = 13;

std::string storage_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// "6.1.0-18-amd64".
bool has_native_overlay(std::string_view release) {
  const std::size_t dot = release.find('.');
  if (dot == release.npos) {
    return false;
  }
  const std::string_view rest = release.substr(dot + 1);
  const auto major = parse_number<int>(release.substr(0, dot));
  const auto minor = parse_number<int>(rest.substr(0, rest.find_first_not_of("0123456789")));
  if (!major || !minor) {
    return false;
  }
  return *major > kOverlayMajor || (*major == kOverlayMajor && *minor >= kOverlayMinor);
}

// containers/storage keeps a folder DRIVER-images for each driver that a store was used with.
std::string driver_of(const fs::path& store) {
  std::error_code error;
  for (const auto* driver : {"overlay", "vfs", "btrfs", "zfs"}) {
    if (fs::exists(store / fmt::format("{}-images", driver), error)) {
      return driver;
    }
  }
  return {};
}

}  // namespace

UserFolders user_folders() {
  const std::string home = storage_environment("HOME");
  UserFolders folders{.data = storage_environment("XDG_DATA_HOME"),
                      .config = storage_environment("XDG_CONFIG_HOME"),
                      .storage_conf = storage_environment("CONTAINERS_STORAGE_CONF")};
  if (folders.data.empty()) {
    folders.data = home + "/.local/share";
  }
  if (folders.config.empty()) {
    folders.config = home + "/.config";
  }
  return folders;
}

StorageFacts inspect_storage(const std::string& host_root, const UserFolders& folders) {
  std::error_code error;
  const fs::path root = host_root;
  const auto below = [&](const std::string& path) { return fs::path(host_root + path); };
  const fs::path store = below(folders.data) / "containers/storage";
  StorageFacts facts;
  facts.our_file = folders.data + "/podplay/storage.conf";
  facts.in_use = driver_of(store);
  facts.configured_by_us = fs::exists(below(facts.our_file), error);
  facts.configured_by_user =
      (!folders.storage_conf.empty() && folders.storage_conf != facts.our_file) ||
      fs::exists(below(folders.config) / "containers/storage.conf", error);
  facts.native_overlay = has_native_overlay(read_text(root / "proc/sys/kernel/osrelease"));
  if (::access((root / "dev/fuse").c_str(), R_OK | W_OK) == 0) {
    facts.fuse_overlayfs = find_program(host_root, "fuse-overlayfs");
  }
  facts.holds_volumes =
      fs::exists(store / "volumes", error) && !fs::is_empty(store / "volumes", error);
  return facts;
}

StorageChoice choose_storage(const StorageFacts& facts) {
  if (facts.configured_by_user) {
    return StorageChoice::podmans_own;
  }
  // podman's database remembers the driver of a store and follows it whatever a file says.
  if (!facts.in_use.empty() && facts.in_use != "overlay") {
    return StorageChoice::podmans_own;
  }
  // Layers that fuse-overlayfs wrote must be read by it again; podman itself does so.
  const bool fuse_store =
      facts.in_use == "overlay" && !facts.configured_by_us && !facts.fuse_overlayfs.empty();
  if (fuse_store) {
    return StorageChoice::podmans_own;
  }
  if (facts.native_overlay) {
    return StorageChoice::native_overlay;
  }
  return facts.fuse_overlayfs.empty() ? StorageChoice::none : StorageChoice::fuse_overlayfs;
}

std::string storage_conf(StorageChoice choice, const StorageFacts& facts) {
  constexpr std::string_view kOverlay =
      "# Written by podplay, so that podman does not fall back to the slow driver vfs.\n"
      "[storage]\n"
      "driver = \"overlay\"\n";
  switch (choice) {
    case StorageChoice::native_overlay: return std::string(kOverlay);
    case StorageChoice::fuse_overlayfs:
      return fmt::format("{}[storage.options.overlay]\nmount_program = \"{}\"\n", kOverlay,
                         facts.fuse_overlayfs);
    case StorageChoice::podmans_own:
    case StorageChoice::none: break;
  }
  return {};
}

}  // namespace podplay::pod
