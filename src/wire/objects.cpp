// Users, domains and aliases as JSON.
#include "wire/objects.hpp"

namespace podplay::wire {

Json to_json(const User& user) {
  Json services = Json::array();
  for (const Offer offer : user.offers) {
    services.push_back(to_text(offer));
  }
  return {{"id", user.id},
          {"email", user.email},
          {"username", user.username},
          {"domain", user.domain},
          {"role", to_text(user.role)},
          {"enabled", user.enabled},
          {"quota", user.quota},
          {"services", std::move(services)},
          {"created", to_rfc3339(user.created)},
          {"updated", to_rfc3339(user.updated)},
          {"revision", user.revision}};
}

Json to_json(const Domain& domain) {
  return {{"id", domain.id},
          {"name", domain.name},
          {"enabled", domain.enabled},
          {"created", to_rfc3339(domain.created)},
          {"updated", to_rfc3339(domain.updated)},
          {"revision", domain.revision}};
}

Json to_json(const Alias& alias) {
  return {{"id", alias.id},
          {"address", alias.address},
          {"domain", alias.domain},
          {"targets", alias.targets},
          {"enabled", alias.enabled},
          {"created", to_rfc3339(alias.created)},
          {"updated", to_rfc3339(alias.updated)},
          {"revision", alias.revision}};
}

}  // namespace podplay::wire
