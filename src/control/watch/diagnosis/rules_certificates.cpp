// (rows follow)
#include "control/watch/diagnosis/cause.hpp"

namespace podplay::control {

const std::span<const Cause> kCertificateCauses{};

}  // namespace podplay::control
