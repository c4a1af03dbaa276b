// The agent's client certificate, and why the control plane does not answer, if it does not.
#include "agent/evidence/sections.hpp"
#include "base/files.hpp"
#include "net/x509.hpp"

namespace podplay::agent {

nlohmann::json collect_link(const EvidenceTools& tools) {
  nlohmann::json link{{"linked", tools.board.figures.linked.load()},
                      {"words", tools.board.link_words()},
                      {"losses", tools.board.figures.link_losses.load()}};
  RealFiles files;
  const auto pem = files.read("/run/podplay-link/certificate.pem");
  const auto info = pem ? net::read_certificate(*pem) : std::unexpected(pem.error());
  if (info) {
    link["not_before"] = to_millis(info->not_before);
    link["not_after"] = to_millis(info->not_after);
  } else {
    link["certificate_error"] = info.error().message;
  }
  return link;
}

}  // namespace podplay::agent
