// Each service, stage and outcome has one word. An agent is named SERVICE@HOST.
#include "model/service.hpp"

#include "base/settings.hpp"
#include "model/closed_set.hpp"

namespace podplay {
namespace {

constexpr Spelling<ServiceName> kServiceWords[] = {
    {ServiceName::apache, "apache"},
    {ServiceName::bind, "bind"},
    {ServiceName::mail, "mail"},
};
constexpr Spelling<Stage> kStageWords[] = {
    {Stage::fetch, "fetch"},     {Stage::render, "render"}, {Stage::check, "check"},
    {Stage::install, "install"}, {Stage::reload, "reload"}, {Stage::probe, "probe"},
    {Stage::report, "report"},
};
constexpr Spelling<ApplyState> kApplyStateWords[] = {
    {ApplyState::pending, "pending"},
    {ApplyState::applied, "applied"},
    {ApplyState::refused, "refused"},
};

}  // namespace

std::string_view to_text(ServiceName service) { return word_of(kServiceWords, service); }
Result<ServiceName> parse_service(std::string_view text, std::string_view field) {
  return value_of(kServiceWords, text, field);
}

std::string_view to_text(Stage stage) { return word_of(kStageWords, stage); }
Result<Stage> parse_stage(std::string_view text) { return value_of(kStageWords, text, "stage"); }

std::string_view to_text(ApplyState state) { return word_of(kApplyStateWords, state); }
Result<ApplyState> parse_apply_state(std::string_view text) {
  return value_of(kApplyStateWords, text, "state");
}

std::string to_text(const AgentName& agent) {
  return fmt::format("{}@{}", to_text(agent.service), agent.host);
}

Result<AgentName> parse_agent_name(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == text.npos) {
    return fail(ErrorKind::invalid, "bad_agent_name",
                fmt::format("'{}' does not name an agent", text), "use SERVICE@HOST");
  }
  TRY(const auto service, parse_service(text.substr(0, at)));
  if (!is_host_name(text.substr(at + 1))) {
    return fail(ErrorKind::invalid, "bad_host",
                fmt::format("'{}' is not the name of a host", text.substr(at + 1)),
                "use the machine's PODPLAY_HOST_ID");
  }
  return AgentName{service, std::string(text.substr(at + 1))};
}

}  // namespace podplay
