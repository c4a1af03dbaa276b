// Each step is a function that makes at most a few requests and names the next step. What the
// authority keeps (statuses, the signing request, the certificate) is asked of it again instead of
// being remembered here.
#include "acme/issuance.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "net/signing_request.hpp"

namespace podplay::acme {
namespace {

using namespace std::chrono;

// A challenge that cannot be seen after so many looks, about three minutes, is not there.
constexpr int kMostLooks = 24;
constexpr milliseconds kFirstWait{250};
constexpr milliseconds kLongestPollPause{10000};
// An order that falls back to a step before: without a pause this could go round and round.
constexpr milliseconds kUnexpectedWait{2000};

constexpr std::pair<std::string_view, Step> kStepWords[] = {
    {"ordering", Step::ordering},       {"authorizing", Step::authorizing},
    {"placing", Step::placing},         {"looking", Step::looking},
    {"answering", Step::answering},     {"validating", Step::validating},
    {"finalizing", Step::finalizing},   {"clearing", Step::clearing},
    {"downloading", Step::downloading}, {"done", Step::done},
    {"failed", Step::failed},
};

milliseconds go_to(Issuance& issuance, Step step) {
  issuance.step = step;
  issuance.tries = 0;
  return milliseconds(0);
}

// Doubles from a quarter of a second to ten seconds, but is never less than what the authority asks
// for.
milliseconds wait_longer(Issuance& issuance, std::optional<seconds> retry_after) {
  const milliseconds doubled = kFirstWait * (1 << std::min(issuance.tries, 6));
  ++issuance.tries;
  return std::max<milliseconds>(std::min(doubled, kLongestPollPause),
                                retry_after.value_or(seconds(0)));
}

milliseconds give_up(Issuance& issuance, Error why) {
  issuance.failure = std::move(why);
  return go_to(issuance, Step::clearing);
}

Error several(std::string message, std::vector<Fault> faults) {
  Error error{.kind = ErrorKind::refused,
              .code = "acme_not_validated",
              .message = std::move(message),
              .faults = std::move(faults)};
  if (error.faults.size() == 1) {
    error.code = error.faults.front().code;
    error.message = error.faults.front().message;
    error.remedy = error.faults.front().remedy;
  }
  return error;
}

Result<milliseconds> make_order(Client& client, Issuance& issuance) {
  TRY(const auto order, new_order(client, issuance.request));
  issuance.order_url = order.url;
  return go_to(issuance, Step::authorizing);
}

// The first type that the solver can place, the authority offers and the name allows.
const Challenge* choose_challenge(Solver& solver, const Authorization& authorization) {
  for (const ChallengeType type : solver.types_for(authorization.identifier)) {
    for (const Challenge& challenge : authorization.challenges) {
      if (challenge.type == type && is_possible(type, authorization.identifier)) {
        return &challenge;
      }
    }
  }
  return nullptr;
}

Fault no_challenge(const Authorization& authorization) {
  std::string offered;
  for (const Challenge& challenge : authorization.challenges) {
    offered += (offered.empty() ? "" : ", ") + std::string(to_text(challenge.type));
  }
  const std::string& name = authorization.identifier.text();
  return {.field = name,
          .code = "acme_no_challenge",
          .message = fmt::format("nothing here can answer a challenge for {}; the authority offers "
                                 "{}",
                                 name, offered.empty() ? "none that is known" : offered),
          .remedy = authorization.identifier.wildcard()
                        ? "a wildcard needs dns-01: let the zone be served here"
                        : "let the name point to this server, or let its zone be served here"};
}

Result<milliseconds> choose_placements(Client& client, Solver& solver, Issuance& issuance) {
  TRY(const auto order, get_order(client, issuance.order_url));
  if (order.status == OrderStatus::invalid) {
    return give_up(issuance, order_failure(order));
  }
  // An order may fall back to this step. Its challenges can be others now.
  TRY(abandon(solver, issuance));
  std::vector<Fault> faults;
  for (const std::string& url : order.authorizations) {
    TRY(const auto authorization, get_authorization(client, url));
    if (authorization.status == AuthorizationStatus::valid) {
      continue;
    }
    const Challenge* challenge = choose_challenge(solver, authorization);
    if (authorization.status != AuthorizationStatus::pending) {
      faults.push_back(failure_of(authorization));
    } else if (challenge == nullptr) {
      faults.push_back(no_challenge(authorization));
    } else {
      TRY(auto placement,
          placement_for(*challenge, authorization.identifier, client.account().key));
      issuance.placements.push_back(std::move(placement));
    }
  }
  if (!faults.empty()) {
    return give_up(issuance, several("not every name can be validated", std::move(faults)));
  }
  return go_to(issuance, issuance.placements.empty() ? Step::finalizing : Step::placing);
}

Result<milliseconds> place_all(Solver& solver, Issuance& issuance) {
  for (const Placement& placement : issuance.placements) {
    TRY(solver.place(placement));
  }
  return go_to(issuance, Step::looking);
}

Result<milliseconds> look_at_all(Solver& solver, Issuance& issuance) {
  std::vector<Fault> faults;
  for (const Placement& placement : issuance.placements) {
    TRY(const bool visible, solver.is_visible(placement));
    if (!visible) {
      faults.push_back({.field = placement.identifier,
                        .code = "acme_challenge_not_seen",
                        .message = fmt::format("the {} challenge of {} cannot be seen from here",
                                               to_text(placement.type), placement.identifier),
                        .remedy = "let the name point to this server"});
    }
  }
  if (faults.empty()) {
    return go_to(issuance, Step::answering);
  }
  if (issuance.tries >= kMostLooks) {
    return give_up(issuance,
                   several("not every challenge can be seen from here", std::move(faults)));
  }
  return wait_longer(issuance, std::nullopt);
}

Result<milliseconds> answer_all(Client& client, Issuance& issuance) {
  for (const Placement& placement : issuance.placements) {
    const auto answered = answer_challenge(client, placement.challenge_url);
    // After a crash some may have been answered before, and an authority may refuse a second
    // answer. Whether one has failed is asked in the next step.
    if (!answered && is_passing(answered.error())) {
      return std::unexpected(answered.error());
    }
  }
  return go_to(issuance, Step::validating);
}

Result<milliseconds> await_validation(Client& client, Issuance& issuance) {
  TRY(const auto order, get_order(client, issuance.order_url));
  if (order.status != OrderStatus::pending && order.status != OrderStatus::invalid) {
    return go_to(issuance, Step::finalizing);
  }
  std::vector<Fault> faults;
  std::optional<seconds> retry_after = order.retry_after;
  for (const std::string& url : order.authorizations) {
    TRY(const auto authorization, get_authorization(client, url));
    if (authorization.status == AuthorizationStatus::pending) {
      retry_after = std::max(retry_after, authorization.retry_after);
    } else if (authorization.status != AuthorizationStatus::valid) {
      faults.push_back(failure_of(authorization));
    }
  }
  if (!faults.empty()) {
    return give_up(issuance,
                   several("the authority did not validate every name", std::move(faults)));
  }
  if (order.status == OrderStatus::invalid) {
    return give_up(issuance, order_failure(order));
  }
  return wait_longer(issuance, retry_after);
}

Result<milliseconds> finalize(Client& client, const Secret& key, Issuance& issuance) {
  TRY(auto order, get_order(client, issuance.order_url));
  if (order.status == OrderStatus::ready) {
    TRY(const auto request, net::make_server_request(key, texts_of(issuance.request.identifiers)));
    TRY(order, finalize_order(client, order, request));
  }
  switch (order.status) {
    case OrderStatus::valid: return go_to(issuance, Step::clearing);
    case OrderStatus::invalid: return give_up(issuance, order_failure(order));
    case OrderStatus::pending: go_to(issuance, Step::authorizing); return kUnexpectedWait;
    default: return wait_longer(issuance, order.retry_after);
  }
}

Result<milliseconds> clear(Solver& solver, Issuance& issuance) {
  TRY(abandon(solver, issuance));
  return go_to(issuance, issuance.failure ? Step::failed : Step::downloading);
}

Result<milliseconds> download(Client& client, const Secret& key, Issuance& issuance) {
  TRY(const auto order, get_order(client, issuance.order_url));
  if (order.certificate.empty()) {
    return fail(ErrorKind::unavailable, "acme_unexpected",
                "the authority's order is valid and names no certificate", "try again later");
  }
  TRY(auto chain, download_certificate(client, order.certificate, issuance.root));
  const auto usable = check_issued(chain, key, issuance.request.identifiers, client.clock().now());
  if (!usable) {
    return give_up(issuance, usable.error());
  }
  issuance.chain = std::move(chain);
  return go_to(issuance, Step::done);
}

// The authority refuses what we ask for, and would do so again: it has forgotten the order, rejects
// a name, or the account has ended.
bool is_final(const Error& error) {
  return error.code.starts_with("acme_") && error.code != "acme_order_not_ready" &&
         !is_passing(error);
}

}  // namespace

std::string_view to_text(Step step) {
  for (const auto& [word, value] : kStepWords) {
    if (value == step) {
      return word;
    }
  }
  return "";
}

std::optional<Step> parse_step(std::string_view text) {
  for (const auto& [word, value] : kStepWords) {
    if (word == text) {
      return value;
    }
  }
  return std::nullopt;
}

Result<milliseconds> advance(Client& client, Solver& solver, const Secret& key,
                             Issuance& issuance) {
  const auto make = [&]() -> Result<milliseconds> {
    switch (issuance.step) {
      case Step::ordering: return make_order(client, issuance);
      case Step::authorizing: return choose_placements(client, solver, issuance);
      case Step::placing: return place_all(solver, issuance);
      case Step::looking: return look_at_all(solver, issuance);
      case Step::answering: return answer_all(client, issuance);
      case Step::validating: return await_validation(client, issuance);
      case Step::finalizing: return finalize(client, key, issuance);
      case Step::clearing: return clear(solver, issuance);
      case Step::downloading: return download(client, key, issuance);
      case Step::done:
      case Step::failed: break;
    }
    return milliseconds(0);
  };
  auto waited = make();
  if (!waited && is_final(waited.error())) {
    return give_up(issuance, std::move(waited).error());
  }
  return waited;
}

Status abandon(Solver& solver, Issuance& issuance) {
  while (!issuance.placements.empty()) {
    TRY(solver.remove(issuance.placements.back()));
    issuance.placements.pop_back();
  }
  return {};
}

}  // namespace podplay::acme
