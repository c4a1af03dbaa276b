// An issuance as its caller keeps it. What is read here was written here.
#include "acme/issuance.hpp"
#include "acme/reading.hpp"

namespace podplay::acme {

Json to_json(const Issuance& issuance) {
  Json json{{"names", texts_of(issuance.request.identifiers)},
            {"profile", issuance.request.profile},
            {"replaces", issuance.request.replaces},
            {"root", issuance.root},
            {"step", to_text(issuance.step)},
            {"order", issuance.order_url},
            {"placements", Json::array()},
            {"tries", issuance.tries},
            {"chain", issuance.chain}};
  for (const Placement& placement : issuance.placements) {
    json["placements"].push_back({{"type", to_text(placement.type)},
                                  {"identifier", placement.identifier},
                                  {"token", placement.token},
                                  {"key_authorization", placement.key_authorization},
                                  {"challenge", placement.challenge_url}});
  }
  if (issuance.failure) {
    json["failure"] = {{"code", issuance.failure->code},
                       {"message", issuance.failure->message},
                       {"remedy", issuance.failure->remedy},
                       {"faults", Json::array()}};
    for (const Fault& fault : issuance.failure->faults) {
      json["failure"]["faults"].push_back({{"field", fault.field},
                                           {"code", fault.code},
                                           {"message", fault.message},
                                           {"remedy", fault.remedy}});
    }
  }
  return json;
}

Result<Issuance> issuance_from(const Json& json) {
  const auto step = parse_step(text_at(json, "step"));
  if (!step) {
    return fail(ErrorKind::internal, "bad_issuance", "the kept issuance names no step");
  }
  Issuance issuance{.root = text_at(json, "root"),
                    .step = *step,
                    .order_url = text_at(json, "order"),
                    .tries = number_at(json, "tries"),
                    .chain = texts_at(json, "chain")};
  TRY(issuance.request.identifiers, parse_identifiers(texts_at(json, "names")));
  issuance.request.profile = text_at(json, "profile");
  issuance.request.replaces = text_at(json, "replaces");
  for (const Json& one : part_at(json, "placements")) {
    const auto type = parse_challenge_type(text_at(one, "type"));
    if (!type) {
      return fail(ErrorKind::internal, "bad_issuance", "a kept challenge has no known type");
    }
    issuance.placements.push_back({.type = *type,
                                   .identifier = text_at(one, "identifier"),
                                   .token = text_at(one, "token"),
                                   .key_authorization = text_at(one, "key_authorization"),
                                   .challenge_url = text_at(one, "challenge")});
  }
  if (const Json& failure = part_at(json, "failure"); failure.is_object()) {
    issuance.failure = Error{.kind = ErrorKind::refused,
                             .code = text_at(failure, "code"),
                             .message = text_at(failure, "message"),
                             .remedy = text_at(failure, "remedy")};
    for (const Json& one : part_at(failure, "faults")) {
      issuance.failure->faults.push_back({.field = text_at(one, "field"),
                                          .code = text_at(one, "code"),
                                          .message = text_at(one, "message"),
                                          .remedy = text_at(one, "remedy")});
    }
  }
  return issuance;
}

}  // namespace podplay::acme
