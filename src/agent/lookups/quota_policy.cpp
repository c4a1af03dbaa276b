// A message is refused only when no mailbox behind its recipient has room for it. If one has, the
// others' copies come back to the sender: the mail must not stop for all because of one.
#include "agent/lookups/quota_policy.hpp"

#include <fmt/format.h>

#include "net/line_client.hpp"

namespace podplay::agent {
namespace {

constexpr const char* kQuotaStatus = "/run/dovecot/quota-status";
// smtpd waits for the answer.
constexpr std::chrono::milliseconds kTimeout{1000};
constexpr std::string_view kAction = "action=";

// The value of the line "name=..."; empty without one.
std::string_view value_of(std::string_view request, std::string_view name) {
  while (!request.empty()) {
    const std::size_t end = std::min(request.find('\n'), request.size());
    const std::string_view line = request.substr(0, end);
    request.remove_prefix(std::min(end + 1, request.size()));
    if (line.starts_with(name) && line.substr(name.size()).starts_with('=')) {
      return line.substr(name.size() + 1);
    }
  }
  return {};
}

}  // namespace

QuotaPolicy::QuotaPolicy(LookupOptions options, Files& files, Ask ask)
    : ask_(std::move(ask)), tables_(std::move(options), files) {}

Result<std::optional<std::string>> QuotaPolicy::answer(std::string_view request) {
  const std::string_view recipient = value_of(request, "recipient");
  if (recipient.empty()) {
    return std::nullopt;
  }
  TRY(const auto mailboxes, tables_.crowded(value_of(request, "policy_context"), recipient));
  std::optional<std::string> refusal;
  for (const std::string& mailbox : mailboxes) {
    TRY(auto action, ask_(mailbox, value_of(request, "size")));
    if (!action.starts_with('5') && !action.starts_with('4')) {
      return std::nullopt;
    }
    refusal = std::move(action);
  }
  return refusal;
}

Result<std::string> ask_quota_status(const std::string& mailbox, std::string_view size) {
  TRY(auto client, net::LineClient::connect_unix(kQuotaStatus, kTimeout));
  TRY(client->send_raw(
      fmt::format("request=smtpd_access_policy\nprotocol_state=RCPT\nrecipient={}\nsize={}\n\n",
                  mailbox, size)));
  TRY(const auto line, client->read_line());
  if (!line.starts_with(kAction)) {
    return fail(ErrorKind::unavailable, "quota_status",
                fmt::format("quota-status answers '{}'", line));
  }
  return line.substr(kAction.size());
}

}  // namespace podplay::agent
