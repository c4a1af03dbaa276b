// Makes this machine trust a pod's root certificate: the system's store, which curl and most
// programs read, and the stores of browsers, which have their own (NSS).
#pragma once

#include <string>
#include <vector>

#include "cli/cli.hpp"

namespace podplay::cli {

// Where certificates are installed. Only tests name other places.
struct TrustPlaces {
  std::string anchors = "/usr/local/share/ca-certificates";
  // The person whose browsers are told; an empty user is the one who runs this program.
  std::string user{};
  std::string home{};
};

// A pod's root: its certificate in PEM, empty when it is to be removed, and the pod's name.
struct PodRoot {
  std::string name;
  std::string certificate{};
};

// What was done, a line each. `dry_run`: what would be done.
Result<std::vector<std::string>> trust_root(World& world, const TrustPlaces& places,
                                            const PodRoot& root, bool dry_run);
Result<std::vector<std::string>> forget_root(World& world, const TrustPlaces& places,
                                             const PodRoot& root, bool dry_run);

}  // namespace podplay::cli
