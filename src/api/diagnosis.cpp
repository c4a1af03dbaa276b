// An answer is well only when nothing was found and every agent was seen.
#include "api/diagnosis.hpp"

#include "api/answers.hpp"
#include "control/watch/diagnosis/diagnose.hpp"
#include "wire/diagnosis.hpp"

namespace podplay::api {

Result<Answer> get_diagnosis(control::Context& context, Request& request) {
  TRY(const auto diagnosis, control::diagnose(context, read_text(request, "service")));
  Json findings = Json::array();
  for (const FoundCause& found : diagnosis.findings) {
    findings.push_back(wire::to_json(found));
  }
  const bool well = findings.empty() && diagnosis.unseen.empty();
  return Answer{.body = {{"well", well},
                         {"findings", std::move(findings)},
                         {"unseen", diagnosis.unseen},
                         {"took_ms", diagnosis.took.count()}}};
}

}  // namespace podplay::api
