// One look at all names of a certificate: addresses, ports, zones and CAA records.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "acme/identifier.hpp"
#include "control/certificates/challenge_choice.hpp"
#include "control/certificates/preflight.hpp"
#include "control/certificates/public_names.hpp"
#include "control/certificates/reach.hpp"

namespace podplay::control {

struct NameCheckOptions {
  // Where authorities look (RFC 8555 section 8.3, RFC 8737 section 3).
  int http_port = 80;
  int https_port = 443;
  // Of secondaries.
  int dns_port = 53;
  std::chrono::milliseconds total{15000};
  // What CAA records call the authority; nothing: it could not be asked.
  std::optional<std::vector<std::string>> caa_identities{};
};

// Each zone, address and reason is looked at once, however many names share it.
class NameChecks {
 public:
  NameChecks(Context& context, const Certificate& certificate, const AcmeAccount& account,
             NameCheckOptions options);

  std::vector<Finding> look_at(const std::vector<acme::Identifier>& identifiers);

 private:
  void look_at_name(const acme::Identifier& identifier);
  void look_at_addresses(const acme::Identifier& identifier, const ChallengePlan& plan);
  void look_at_address(const std::string& name, const std::string& address,
                       const ChallengePlan& plan, bool another_here);
  void look_at_hook(const std::string& name);
  void look_at_zone(const std::string& name, const std::string& zone);
  void look_at_secondaries(const std::string& zone);
  void look_at_caa(const acme::Identifier& identifier, const ChallengePlan& plan);
  void no_plan(const acme::Identifier& identifier);
  void not_asked(const std::string& name, const std::string& what, const std::string& why);

  Sight sight_of(const std::string& name, const std::string& address, const ChallengePlan& plan);
  std::vector<std::string> versions_for(const std::string& name) const;
  std::string own_addresses() const;
  void add(Finding finding);

  // Constant after construction.
  Context& context_;
  const Certificate& certificate_;
  const AcmeAccount& account_;
  const NameCheckOptions options_;

  PublicNames names_;
  std::map<std::string, Sight> sights_;
  std::set<std::string> zones_;
  std::vector<Finding> findings_;
};

}  // namespace podplay::control
