// Why a message waits: Postfix's own record of the last try, and the class of its reason.
#pragma once

#include <string>
#include <string_view>

namespace podplay::agent {

struct Deferral {
  std::string recipient;
  // RFC 3463: "4.4.1".
  std::string status;
  // Of Postfix, or of the remote server.
  std::string words;
};

// The last record of a file of Postfix's folder `defer` (bounce(5)); empty words: there is none.
Deferral read_deferral(std::string_view file);

// "off" (mail for others is turned off), "lmtp" (Dovecot takes no mail), "mailbox" (Dovecot refuses
// the mailbox for now), "quota", "lookup" (the agent's look-ups), "dns", "tls", "greylist",
// "policy", "refused" (not reached), "other".
std::string_view classify_deferral(const Deferral& deferral);

}  // namespace podplay::agent
