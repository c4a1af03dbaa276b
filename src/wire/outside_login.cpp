// What the browser brings back has the names of RFC 6749 section 4.1.2 and RFC 9207.
#include "wire/outside_login.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

constexpr FieldRow kFinishFields[] = {
    {.name = "state",
     .type = text,
     .required = true,
     .help = "What the browser took to the provider and brought back",
     .example = R"("...")"},
    {.name = "code",
     .type = text,
     .required = true,
     .help = "What the provider gave it",
     .example = R"("...")"},
    {.name = "iss",
     .type = text,
     .help = "How the provider calls itself, when it does (RFC 9207)",
     .example = R"("https://login.example.org")"},
};
constexpr FieldRow kOfferFields[] = {
    {.name = "available",
     .type = boolean,
     .required = true,
     .help = "Whether people may log in by an outside provider",
     .example = "true"},
    {.name = "name",
     .type = text,
     .required = true,
     .help = "What its button is called; empty: there is none",
     .example = R"("Example")"},
};
constexpr FieldRow kBegunFields[] = {
    {.name = "redirect",
     .type = text,
     .required = true,
     .help = "Where the browser goes now; it may come back within 15 minutes",
     .example = R"("https://login.example.org/authorize?client_id=...&state=...")"},
};
constexpr FieldRow kConnectionFields[] = {
    {.name = "email",
     .type = text,
     .required = true,
     .help = "The user",
     .example = R"("alice@example.com")"},
    {.name = "connected",
     .type = boolean,
     .required = true,
     .help = "Whether the user has logged in by the outside provider",
     .example = "true"},
    {.name = "issuer",
     .type = text,
     .help = "The provider",
     .example = R"("https://login.example.org")"},
    {.name = "subject",
     .type = text,
     .help = "The provider's own number of the person; nobody else there logs in as this user",
     .example = R"("248289761001")"},
    {.name = "address",
     .type = text,
     .help = "The verified address of the last login",
     .example = R"("alice@elsewhere.example")"},
    {.name = "created",
     .type = text,
     .help = "When the first login was",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "last_used",
     .type = text,
     .help = "When the last one was",
     .example = R"("2026-01-02T00:00:00Z")"},
};

}  // namespace

const Shape kOutsideLoginFinish{.name = "OutsideLoginFinish",
                                .help = "What the outside provider sent the browser back with",
                                .fields = kFinishFields};

const Shape kOutsideLoginOffer{.name = "OutsideLoginOffer",
                               .help = "Whether the login page has a button of a provider",
                               .fields = kOfferFields};
const Shape kOutsideLoginBegun{.name = "OutsideLoginBegun",
                               .help = "A login that goes on at the outside provider",
                               .fields = kBegunFields};
const Shape kOutsideConnection{.name = "OutsideConnection",
                               .help = "Who a user is at the outside provider",
                               .fields = kConnectionFields};

Json to_json(const std::string& email, const OutsideIdentity& identity) {
  Json json{{"email", email}, {"connected", identity.user_id != 0}};
  if (identity.user_id != 0) {
    json["issuer"] = identity.issuer;
    json["subject"] = identity.subject;
    json["address"] = identity.address;
    json["created"] = to_rfc3339(identity.created);
    json["last_used"] = to_rfc3339(identity.last_used);
  }
  return json;
}

}  // namespace podplay::wire
