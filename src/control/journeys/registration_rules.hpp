// Where people may register, and who: a rule for each domain, or what the settings say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/change.hpp"
#include "control/context.hpp"
#include "model/journey.hpp"

namespace podplay::control {

// The rule of the domain, or what the settings say about all others.
RegistrationRule rule_of(Context& context, store::Session& session, const std::string& domain);
// Those of domains that take registrations.
Result<std::vector<RegistrationRule>> open_domains(Context& context);
Result<RegistrationRule> get_registration_rule(Context& context, const Actor& actor,
                                               const std::string& domain);
struct RuleInput {
  // "": as the settings say, and then the rest has no meaning. Absent: unchanged.
  std::optional<std::string> mode;
  std::optional<std::vector<std::string>> allowed_domains;
  std::optional<std::int64_t> most_pending;
};
Result<Changed<RegistrationRule>> set_registration_rule(Context& context, const Actor& actor,
                                                        const std::string& domain,
                                                        const RuleInput& input,
                                                        const WriteOptions& options);

}  // namespace podplay::control
