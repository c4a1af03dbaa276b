// An authority with any number of orders that behaves as RFC 8555 section 7.1.6 says. It believes
// every answered challenge, unless the test says otherwise.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "acme/fake_authority.hpp"
#include "net/chain.hpp"

namespace podplay::test {

class SmallAuthority : public FakeAuthority {
 public:
  explicit SmallAuthority(const std::string& common_name = "a public CA")
      : root(net::make_authority(common_name, std::chrono::days(3650), clock.now()).value()) {
    directory["renewalInfo"] = url("/renewal");
    handlers["/newAccount"] = [this](const Asked&) {
      ++accounts;
      return json(201, {{"status", "valid"}}, {{"Location", url("/account/1")}});
    };
    handlers["/keyChange"] = [](const Asked&) { return json(200, Json::object()); };
    handlers["/account/1"] = [](const Asked& asked) {
      const bool ends = asked.payload.is_object() && asked.payload.contains("status");
      return json(200, {{"status", ends ? "deactivated" : "valid"}});
    };
    handlers["/revokeCert"] = [this](const Asked&) {
      ++revoked;
      return net::HttpResponse{200, {}, ""};
    };
    handlers["/newOrder"] = [this](const Asked& asked) { return new_order(asked); };
  }

  struct Order {
    std::vector<std::string> names;
    std::string status = "pending";
    std::set<std::string> answered;
    std::string certificate;
    std::string replaces;
  };

  // Names that it does not believe.
  std::set<std::string> refuses;
  std::vector<Order> orders;
  int accounts = 0;
  int revoked = 0;
  std::chrono::hours life{24 * 90};
  net::CertificateAuthority root;

  // All renewal windows from now on; RFC 9773 section 4.2.
  void set_window(WallTime start, WallTime end) {
    const std::string text =
        Json{{"suggestedWindow", {{"start", to_rfc3339(start)}, {"end", to_rfc3339(end)}}}}.dump();
    for (const Order& order : orders) {
      if (!order.certificate.empty()) {
        handlers["/renewal/" + id_of(order.certificate)] = [text](const Asked&) {
          return net::HttpResponse{200, {{"Content-Type", "application/json"}}, text};
        };
      }
    }
  }

 private:
  static std::string id_of(const std::string& certificate) {
    const auto number = net::certificate_number(certificate).value();
    return base64url(number.authority_key) + "." + base64url(number.serial);
  }

  net::HttpResponse new_order(const Asked& asked) {
    const std::size_t index = orders.size();
    Order made;
    for (const Json& one : asked.payload["identifiers"]) {
      made.names.push_back(one["value"].get<std::string>());
    }
    made.replaces = asked.payload.value("replaces", "");
    orders.push_back(std::move(made));
    const std::string path = "/order/" + std::to_string(index);
    handlers[path] = [this, index](const Asked&) { return json(200, body_of(index)); };
    handlers[path + "/finalize"] = [this, index](const Asked& request) {
      return finalize(index, request);
    };
    handlers[path + "/certificate"] = [this, index](const Asked&) {
      return net::HttpResponse{200, {}, orders[index].certificate + root.certificate};
    };
    for (std::size_t i = 0; i < orders[index].names.size(); ++i) {
      const std::string number = std::to_string(i);
      handlers[path + "/authz/" + number] = [this, index, i](const Asked&) {
        return authorization(index, i);
      };
      handlers[path + "/challenge/" + number] = [this, index, number](const Asked&) {
        orders[index].answered.insert(number);
        return json(200, Json::object());
      };
    }
    return json(201, body_of(index), {{"Location", url(path)}});
  }

  bool refuses_any(const Order& order) const {
    return std::ranges::any_of(order.names,
                               [&](const std::string& name) { return refuses.contains(name); });
  }

  Json body_of(std::size_t index) {
    Order& order = orders[index];
    if (order.status == "pending" && order.answered.size() == order.names.size()) {
      order.status = refuses_any(order) ? "invalid" : "ready";
    }
    const std::string path = "/order/" + std::to_string(index);
    Json body{{"status", order.status}, {"finalize", url(path + "/finalize")}};
    for (std::size_t i = 0; i < order.names.size(); ++i) {
      body["authorizations"].push_back(url(path + "/authz/" + std::to_string(i)));
    }
    if (order.status == "valid") {
      body["certificate"] = url(path + "/certificate");
    }
    return body;
  }

  net::HttpResponse authorization(std::size_t index, std::size_t i) {
    const Order& order = orders[index];
    const std::string number = std::to_string(i);
    const std::string& name = order.names[i];
    const bool wildcard = name.starts_with("*.");
    const std::string token = "token-" + std::to_string(index) + "-" + number;
    const std::string challenge_url =
        url("/order/" + std::to_string(index) + "/challenge/" + number);
    std::string status = "pending";
    if (order.answered.contains(number)) {
      status = refuses.contains(name) ? "invalid" : "valid";
    }
    Json body{{"status", status},
              {"identifier", {{"type", "dns"}, {"value", wildcard ? name.substr(2) : name}}}};
    if (wildcard) {
      body["wildcard"] = true;
    }
    for (const char* type : {"http-01", "dns-01", "tls-alpn-01"}) {
      Json challenge{{"type", type}, {"url", challenge_url}, {"status", status}, {"token", token}};
      if (status == "invalid") {
        challenge["error"] = {{"type", "urn:ietf:params:acme:error:dns"},
                              {"detail", "NXDOMAIN for " + name}};
      }
      body["challenges"].push_back(std::move(challenge));
    }
    return json(200, body);
  }

  net::HttpResponse finalize(std::size_t index, const Asked& request) {
    Order& order = orders[index];
    const std::string der = from_base64url(request.payload["csr"].get<std::string>()).value();
    order.certificate = net::sign_request(root,
                                          "-----BEGIN CERTIFICATE REQUEST-----\n" + base64(der) +
                                              "\n-----END CERTIFICATE REQUEST-----\n",
                                          order.names.front(), order.names, life, clock.now())
                            .value();
    order.status = "valid";
    return json(200, body_of(index));
  }
};

}  // namespace podplay::test
