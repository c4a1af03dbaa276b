// An order's URL comes with the answer to newOrder only (RFC 8555 section 7.4).
#include "acme/order.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "acme/reading.hpp"
#include "base/encoding.hpp"

namespace podplay::acme {
namespace {

constexpr std::pair<std::string_view, OrderStatus> kOrderStatusWords[] = {
    {"pending", OrderStatus::pending},       {"ready", OrderStatus::ready},
    {"processing", OrderStatus::processing}, {"valid", OrderStatus::valid},
    {"invalid", OrderStatus::invalid},
};

Result<Order> order_from(const Answer& answer, const std::string& url) {
  Order order{.url = url,
              .status = word_at(answer.body, "status", kOrderStatusWords, OrderStatus::unknown),
              .identifiers = {},
              .authorizations = texts_at(answer.body, "authorizations"),
              .finalize = text_at(answer.body, "finalize"),
              .certificate = text_at(answer.body, "certificate"),
              .error = problem_from(part_at(answer.body, "error")),
              .retry_after = answer.retry_after};
  for (const Json& one : part_at(answer.body, "identifiers")) {
    TRY(auto identifier, identifier_from(one));
    order.identifiers.push_back(std::move(identifier));
  }
  if (order.url.empty() || order.finalize.empty() || order.status == OrderStatus::unknown) {
    return fail(ErrorKind::unavailable, "acme_unexpected",
                "the authority's order lacks its address, its status or where to finalize it");
  }
  return order;
}

Status check_profile(const Directory& directory, const std::string& profile) {
  if (profile.empty() || directory.profiles.contains(profile)) {
    return {};
  }
  std::vector<std::string> offered;
  for (const auto& [name, description] : directory.profiles) {
    offered.push_back(name);
  }
  return fail_faults(
      {{.field = "profile",
        .code = "acme_profile_unknown",
        .message = fmt::format("the authority offers no profile '{}'", profile.substr(0, 64)),
        .remedy = offered.empty() ? "it offers no profiles: leave the profile out"
                                  : fmt::format("use one of {}", fmt::join(offered, ", "))}});
}

// RFC 9773 section 5 demands alreadyReplaced in one case only; for a certificate that it does not
// know or that is not ours, an authority may use any of the others. Pebble calls it its own fault
// that it does not know a certificate, and it may never know one that it signed a moment ago.
bool refuses_replacing(const Error& error) {
  constexpr auto kCodes =
      std::to_array<std::string_view>({"acme_already_replaced", "acme_conflict", "acme_malformed",
                                       "acme_not_found", "acme_unauthorized", "acme_unexpected"});
  return error.code == "acme_server_internal" ||
         (std::ranges::find(kCodes, error.code) != kCodes.end() && !is_passing(error));
}

Json payload_of(const OrderRequest& request) {
  Json payload{{"identifiers", Json::array()}};
  for (const Identifier& identifier : request.identifiers) {
    payload["identifiers"].push_back(to_json(identifier));
  }
  if (!request.profile.empty()) {
    payload["profile"] = request.profile;
  }
  if (!request.replaces.empty()) {
    payload["replaces"] = request.replaces;
  }
  return payload;
}

}  // namespace

Result<Order> new_order(Client& client, const OrderRequest& request) {
  constexpr const char* kPurpose = "order a certificate";
  TRY(check_profile(client.directory(), request.profile));
  OrderRequest sent = request;
  if (client.directory().renewal_info.empty()) {
    sent.replaces.clear();
  }
  auto answer = client.post(client.directory().new_order, payload_of(sent), kPurpose);
  if (!answer && !sent.replaces.empty() && refuses_replacing(answer.error())) {
    client.log().info("the authority refuses an order as a replacement: it is made as a new one",
                      {{"replaces", sent.replaces}, {"why", answer.error().message}});
    sent.replaces.clear();
    answer = client.post(client.directory().new_order, payload_of(sent), kPurpose);
  }
  TRY(const auto made, std::move(answer));
  return order_from(made, made.location);
}

Result<Order> get_order(Client& client, const std::string& url) {
  TRY(const auto answer, client.post_as_get(url, "read the order"));
  return order_from(answer, url);
}

Result<Order> finalize_order(Client& client, const Order& order, const std::string& request) {
  TRY(const auto answer,
      client.post(order.finalize, {{"csr", base64url(request)}}, "send the signing request"));
  return order_from(answer, order.url);
}

Error order_failure(const Order& order) {
  if (order.error.type.empty() && order.error.detail.empty()) {
    return {
        .kind = ErrorKind::refused,
        .code = "acme_order_failed",
        .message = fmt::format("the order {} failed, and the authority gave no reason", order.url),
        .remedy = "order again"};
  }
  return to_error(order.error, "get a certificate");
}

}  // namespace podplay::acme
