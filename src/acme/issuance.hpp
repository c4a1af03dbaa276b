// One certificate from order to download, in steps that survive a crash. The caller keeps the
// Issuance after each step. A step that is done twice does no harm, so that a program that was
// killed goes on with what it had kept: it orders nothing twice, and leaves no challenge behind.
// Only when it was killed between an order's answer and keeping it is there an order that nobody
// continues; it expires at the authority.
//
//   Issuance issuance{.request = {...}};
//   while (issuance.step != Step::done && issuance.step != Step::failed) {
//     TRY(const auto wait, advance(client, solver, key, issuance));
//     TRY(keep(issuance));
//     ... wait ...
//   }
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acme/authorization.hpp"
#include "acme/certificate.hpp"
#include "acme/challenge.hpp"
#include "acme/order.hpp"

namespace podplay::acme {

enum class Step {
  // There is no order yet.
  ordering,
  // The order's URL is known. Which names need a challenge is asked next.
  authorizing,
  // The challenges are chosen. They are put where the authority will look.
  placing,
  // They are placed. We look ourselves whether they can be seen: a failure here does not count
  // against the authority's limits.
  looking,
  // They can be seen. The authority is told to look.
  answering,
  // The authority looks.
  validating,
  // All names are validated. The signing request is sent, or was.
  finalizing,
  // The challenges are no longer needed and are taken away.
  clearing,
  // The certificate is downloaded and checked.
  downloading,
  // `chain` holds the certificate.
  done,
  // `failure` says why. The challenges are taken away. A new order is needed.
  failed,
};
std::string_view to_text(Step step);
std::optional<Step> parse_step(std::string_view text);

struct Issuance {
  OrderRequest request{};
  // The common name of the root that the chain must end in; empty for the authority's choice.
  std::string root{};

  Step step = Step::ordering;
  std::string order_url{};
  std::vector<Placement> placements{};
  // How often the present step was tried.
  int tries = 0;
  Chain chain{};
  // What made the order fail; set before the step is `failed`.
  std::optional<Error> failure{};
};
// Without secrets: a key authorization is public as soon as it is placed.
Json to_json(const Issuance& issuance);
Result<Issuance> issuance_from(const Json& json);

// Puts challenges where an authority looks. The acme module knows no web or name server.
class Solver {
 public:
  virtual ~Solver() = default;
  // Which types can be placed for this name now, the best first.
  virtual std::vector<ChallengeType> types_for(const Identifier& identifier) = 0;
  // May be called again for a placement that is there already, and for several at one name: a
  // domain and its wildcard have two TXT records of the same name.
  virtual Status place(const Placement& placement) = 0;
  // Whether it can be seen where the authority will look. False asks again later.
  virtual Result<bool> is_visible(const Placement& placement) = 0;
  // May be called for a placement that is gone already.
  virtual Status remove(const Placement& placement) = 0;
};

// Makes one step; `key` is the certificate's, and must be kept before the first step. The client
// signs for the account. Returns how long to wait before the next step: never less than the
// authority's Retry-After. An error leaves the step as it is: the step can be made again, but not
// before its retry_after. What no further try can fix sets `failure`, and the step becomes
// `clearing` and then `failed`.
Result<std::chrono::milliseconds> advance(Client& client, Solver& solver, const Secret& key,
                                          Issuance& issuance);

// Gives the order up: takes the challenges away. For an issuance that nobody will continue.
Status abandon(Solver& solver, Issuance& issuance);

}  // namespace podplay::acme
