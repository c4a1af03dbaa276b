// Orders for certificates (RFC 8555 section 7.4). Keep an order's URL before anything else is done
// with it: after a crash the order goes on, and no second one counts against the authority's
// limits.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "acme/client.hpp"
#include "acme/identifier.hpp"
#include "acme/problem.hpp"

namespace podplay::acme {

// pending: names are to be validated. ready: the authority waits for the signing request.
// processing: it makes the certificate. valid: the certificate can be downloaded. invalid: it
// failed and stays so.
enum class OrderStatus { pending, ready, processing, valid, invalid, unknown };

struct OrderRequest {
  std::vector<Identifier> identifiers;
  // One of directory().profiles; empty takes the authority's default.
  std::string profile{};
  // certificate_id() of the certificate that this one will replace; empty for a first one.
  std::string replaces{};
};

struct Order {
  std::string url;
  OrderStatus status = OrderStatus::unknown;
  std::vector<Identifier> identifiers;
  // The URLs of the authorizations.
  std::vector<std::string> authorizations;
  std::string finalize;
  // Where the certificate is; empty until the order is valid.
  std::string certificate;
  // Why it is invalid; without a type otherwise.
  Problem error;
  std::optional<std::chrono::seconds> retry_after;
};

// The profile must be one that the authority offers. `replaces` is only said to an authority with
// renewal information. When it refuses the order because of it (RFC 9773 section 5: the certificate
// is replaced already, or not known), the order is made without.
Result<Order> new_order(Client& client, const OrderRequest& request);
Result<Order> get_order(Client& client, const std::string& url);
// `request` is a PKCS #10 request in DER (net::make_server_request).
Result<Order> finalize_order(Client& client, const Order& order, const std::string& request);

// Which failed order this was, in words: the error of get_order()'s invalid order.
Error order_failure(const Order& order);

}  // namespace podplay::acme
