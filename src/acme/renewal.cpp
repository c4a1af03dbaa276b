// renewalInfo is read without an account's signature (RFC 9773 section 4.2).
#include "acme/renewal.hpp"

#include <algorithm>

#include "acme/reading.hpp"
#include "base/encoding.hpp"
#include "net/chain.hpp"

namespace podplay::acme {

using namespace std::chrono;

Result<std::string> certificate_id(const std::string& certificate) {
  TRY(const auto number, net::certificate_number(certificate));
  return base64url(number.authority_key) + "." + base64url(number.serial);
}

Result<RenewalWindow> get_renewal_window(Client& client, const std::string& id) {
  const std::string& url = client.directory().renewal_info;
  if (url.empty()) {
    return fail(ErrorKind::not_found, "no_renewal_info",
                "the authority does not say when certificates are to be renewed");
  }
  TRY(const auto answer,
      client.get(url + (url.ends_with('/') ? "" : "/") + id, "read the renewal window"));
  const Json& window = part_at(answer.body, "suggestedWindow");
  const auto start = parse_rfc3339(text_at(window, "start"));
  const auto end = parse_rfc3339(text_at(window, "end"));
  // RFC 9773 section 4.2: a window that ends before it starts counts as none.
  if (!start || !end || *end <= *start) {
    return fail(ErrorKind::unavailable, "acme_unexpected",
                "the authority's renewal window has no start or no later end");
  }
  RenewalWindow read{
      .start = *start, .end = *end, .explanation = text_at(answer.body, "explanationURL")};
  read.ask_again =
      std::clamp<seconds>(answer.retry_after.value_or(read.ask_again), minutes(1), days(1));
  return read;
}

WallTime choose_renewal_time(const RenewalWindow& window, std::optional<WallTime> chosen,
                             WallTime now, double share) {
  if (chosen && *chosen >= window.start && *chosen < window.end) {
    return *chosen;
  }
  if (window.end <= now) {
    return now;
  }
  const auto length = static_cast<double>((window.end - window.start).count());
  return window.start + milliseconds(static_cast<std::int64_t>(length * share));
}

WallTime default_renewal_time(WallTime not_before, WallTime not_after) {
  const auto life = not_after - not_before;
  return not_after - (life < days(10) ? life / 2 : life / 3);
}

}  // namespace podplay::acme
