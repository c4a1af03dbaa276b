// What a support bundle is made of, as a table with a row for each part. A part that cannot be
// collected is told in the bundle, and does not keep the others from it.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "control/context.hpp"

namespace podplay::control {

// Takes files of the bundle. What is added is made safe by it (Pseudonyms).
class BundleFiles {
 public:
  virtual ~BundleFiles() = default;
  virtual Status add_json(const std::string& path, const nlohmann::json& value) = 0;
  virtual Status add_text(const std::string& path, std::string_view text) = 0;
  // Public by its nature, as a certificate is: stays as it is.
  virtual Status add_public(const std::string& path, std::string_view text) = 0;
};

struct BundlePart {
  // "logs": also the step of the job.
  std::string_view name;
  std::string_view help;
  Status (*collect)(Context& context, const std::string& request_id, BundleFiles& files);
};
std::span<const BundlePart> bundle_parts();

}  // namespace podplay::control
