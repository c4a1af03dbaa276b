// The table of services: each with its daemons, in the order of their start.
#include "daemons/apache.hpp"
#include "daemons/bind.hpp"
#include "daemons/daemon.hpp"
#include "daemons/dovecot.hpp"
#include "daemons/dovecot_login.hpp"
#include "daemons/postfix.hpp"

namespace podplay::daemons {

ServiceDescription describe_service(ServiceName service) {
  ServiceDescription description;
  description.service = service;
  switch (service) {
    case ServiceName::apache: description.daemons.push_back(std::make_unique<Apache>()); break;
    case ServiceName::bind: description.daemons.push_back(std::make_unique<Bind>()); break;
    // Dovecot starts first: its second part and Postfix ask it for logins, and Postfix asks it for
    // quotas and delivers to it.
    case ServiceName::mail:
      description.daemons.push_back(std::make_unique<Dovecot>());
      description.daemons.push_back(std::make_unique<DovecotLogin>());
      description.daemons.push_back(std::make_unique<Postfix>());
      description.has_directory = true;
      description.directory_group = "directory";
      description.lookup_group = "postfix";
      description.mail_group = "vmail";
      break;
  }
  return description;
}

}  // namespace podplay::daemons
