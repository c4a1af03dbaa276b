// The store: what a look at the database with a connection of its own has found.
#include <fmt/format.h>

#include "control/watch/diagnosis/cause.hpp"
#include "control/watch/diagnosis/failing.hpp"

namespace podplay::control {
namespace {

std::optional<Shown> shown_for(const Evidence& evidence, std::string_view code) {
  const EvidenceJson& store = evidence.control_section("store");
  if (text_of(store, "code") != code) {
    return std::nullopt;
  }
  Shown shown{.shown = {text_of(store, "words")}};
  const std::string holder = text_of(store, "holder");
  if (!holder.empty()) {
    shown.shown.push_back("the lock is held by " + holder);
  } else if (code == "store_locked") {
    shown.shown.push_back("the lock is held by a process outside of the container");
  }
  shown.follows.push_back("changes are not possible; mail, DNS and web go on");
  return shown;
}

std::optional<Shown> locked(const Evidence& evidence) {
  return shown_for(evidence, "store_locked");
}
std::optional<Shown> damaged(const Evidence& evidence) {
  return shown_for(evidence, "store_damaged");
}
std::optional<Shown> unreachable(const Evidence& evidence) { return shown_for(evidence, "store"); }
std::optional<Shown> cannot_write(const Evidence& evidence) {
  return shown_for(evidence, "store_read_only");
}

std::optional<Shown> store_volume_full(const Evidence& evidence) {
  constexpr std::int64_t kLeastBytes = 16LL << 20;
  if (auto shown = shown_for(evidence, "disk_full")) {
    return shown;
  }
  const EvidenceJson& disks = evidence.control_section("disk");
  if (!disks.is_array() || disks.empty()) {
    return std::nullopt;
  }
  // The first is the state's.
  const EvidenceJson& state = disks.front();
  if (!state.is_object() || !state.contains("free_bytes") ||
      number_of(state, "free_bytes") >= kLeastBytes) {
    return std::nullopt;
  }
  return Shown{.shown = {fmt::format("{}: {} of {} are free", text_of(state, "path"),
                                     in_mebibytes(number_of(state, "free_bytes")),
                                     in_mebibytes(number_of(state, "total_bytes")))},
               .follows = {"changes are refused; mail, DNS and web go on"}};
}

constexpr std::string_view kAfterStore[] = {"control-plane-not-ready"};

constexpr Cause kStoreRows[] = {
    {.id = "store-damaged",
     .service = "api",
     .title = "the store's file is damaged",
     .remedy = "check the disk (`dmesg`), run `podplay down`, restore the state volume from a "
               "backup, run `podplay up`",
     .runbook = "docs/runbooks/store.md#store-damaged",
     .rank = 11,
     .explains = kAfterStore,
     .pod = damaged},
    {.id = "store-volume-full",
     .service = "api",
     .title = "the volume of the store is full",
     .remedy = "make room on the state volume",
     .runbook = "docs/runbooks/store.md#store-volume-full",
     .rank = 11,
     .explains = kAfterStore,
     .pod = store_volume_full},
    {.id = "store-locked",
     .service = "api",
     .title = "another program keeps the store locked",
     .remedy = "end the program that holds the lock; copy the store with `VACUUM INTO` instead of "
               "a long transaction",
     .runbook = "docs/runbooks/store.md#store-locked",
     .rank = 12,
     .explains = kAfterStore,
     .pod = locked},
    {.id = "store-read-only",
     .service = "api",
     .title = "the store cannot be written: its file or its volume is read-only",
     .remedy = "look for errors of the disk with `dmesg`; `podplay down` and `podplay up` set "
               "owners and modes again",
     .runbook = "docs/runbooks/store.md#store-read-only",
     .rank = 12,
     .explains = kAfterStore,
     .pod = cannot_write},
    {.id = "store-unreachable",
     .service = "api",
     .title = "the database does not answer as it should",
     .remedy = "check the server that PODPLAY_DATABASE_URL names; run `podplay logs api`",
     .runbook = "docs/runbooks/store.md#store-unreachable",
     .rank = 13,
     .explains = kAfterStore,
     .pod = unreachable},
};

}  // namespace

const std::span<const Cause> kStoreCauses = kStoreRows;

}  // namespace podplay::control
