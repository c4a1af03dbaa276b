// The closed sets of words and their spelling in JSON, SQL and logs: one table each.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <utility>

#include "model/certificate.hpp"
#include "model/feed.hpp"
#include "model/service.hpp"
#include "model/user.hpp"

namespace podplay {
namespace {

template <class T>
using Words = std::span<const std::pair<T, std::string_view>>;

template <class T>
std::string_view find_word(Words<T> words, T value) {
  return std::ranges::find(words, value, &std::pair<T, std::string_view>::first)->second;
}

template <class T>
Result<T> find_value(Words<T> words, std::string_view text, std::string_view field) {
  const auto found = std::ranges::find(words, text, &std::pair<T, std::string_view>::second);
  if (found != words.end()) {
    return found->first;
  }
  std::vector<std::string_view> known;
  for (const auto& [value, word] : words) {
    known.push_back(word);
  }
  return fail_faults(
      {{std::string(field), "unknown_word", fmt::format("'{}' is not a known {}", text, field),
        fmt::format("use one of: {}", fmt::join(known, ", "))}});
}

constexpr std::pair<ServiceName, std::string_view> kServiceWords[] = {
    {ServiceName::apache, "apache"}, {ServiceName::bind, "bind"}, {ServiceName::mail, "mail"}};
constexpr std::pair<Stage, std::string_view> kStageWords[] = {
    {Stage::fetch, "fetch"},     {Stage::render, "render"}, {Stage::check, "check"},
    {Stage::install, "install"}, {Stage::reload, "reload"}, {Stage::probe, "probe"},
    {Stage::report, "report"}};
constexpr std::pair<ApplyState, std::string_view> kStateWords[] = {
    {ApplyState::pending, "pending"},
    {ApplyState::applied, "applied"},
    {ApplyState::refused, "refused"}};
constexpr std::pair<Role, std::string_view> kRoleWords[] = {
    {Role::user, "user"}, {Role::domain_admin, "domain-admin"}, {Role::admin, "admin"}};
constexpr std::pair<Offer, std::string_view> kOfferWords[] = {
    {Offer::mail, "mail"}, {Offer::www, "www"}, {Offer::webdav, "webdav"}};
constexpr std::pair<RowKind, std::string_view> kRowKindWords[] = {
    {RowKind::domain, "domain"}, {RowKind::mailbox, "mailbox"},
    {RowKind::alias, "alias"},   {RowKind::certificate, "certificate"},
    {RowKind::site, "site"},     {RowKind::rrset, "rrset"},
    {RowKind::zone, "zone"}};

constexpr std::pair<CertificateState, std::string_view> kCertificateStateWords[] = {
    {CertificateState::wanted, "wanted"},
    {CertificateState::valid, "valid"},
    {CertificateState::failed, "failed"}};

}  // namespace

std::string_view to_text(CertificateState state) {
  return find_word<CertificateState>(kCertificateStateWords, state);
}
Result<CertificateState> parse_certificate_state(std::string_view text) {
  return find_value<CertificateState>(kCertificateStateWords, text, "state");
}

std::string_view to_text(ServiceName service) {
  return find_word<ServiceName>(kServiceWords, service);
}
std::string_view to_text(Stage stage) { return find_word<Stage>(kStageWords, stage); }
std::string_view to_text(ApplyState state) { return find_word<ApplyState>(kStateWords, state); }
std::string_view to_text(Role role) { return find_word<Role>(kRoleWords, role); }
std::string_view to_text(Offer offer) { return find_word<Offer>(kOfferWords, offer); }
std::string_view to_text(RowKind kind) { return find_word<RowKind>(kRowKindWords, kind); }

Result<ServiceName> parse_service(std::string_view text, std::string_view field) {
  return find_value<ServiceName>(kServiceWords, text, field);
}
Result<Stage> parse_stage(std::string_view text) {
  return find_value<Stage>(kStageWords, text, "stage");
}
Result<ApplyState> parse_apply_state(std::string_view text) {
  return find_value<ApplyState>(kStateWords, text, "state");
}
Result<Role> parse_role(std::string_view text, std::string_view field) {
  return find_value<Role>(kRoleWords, text, field);
}
Result<Offer> parse_offer(std::string_view text, std::string_view field) {
  return find_value<Offer>(kOfferWords, text, field);
}
Result<RowKind> parse_row_kind(std::string_view text) {
  return find_value<RowKind>(kRowKindWords, text, "kind");
}

std::string to_text(const AgentName& agent) {
  return fmt::format("{}@{}", to_text(agent.service), agent.host);
}

Result<AgentName> parse_agent_name(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == text.npos || at + 1 == text.size()) {
    return fail(ErrorKind::invalid, "bad_agent_name",
                fmt::format("'{}' does not name an agent", text), "use SERVICE@HOST");
  }
  TRY(const auto service, parse_service(text.substr(0, at)));
  return AgentName{service, std::string(text.substr(at + 1))};
}

}  // namespace podplay
