// Each role, and each thing that a user may use, has one word.
#include "model/user.hpp"

#include "model/closed_set.hpp"

namespace podplay {
namespace {

constexpr Spelling<Role> kRoleWords[] = {
    {Role::user, "user"},
    {Role::domain_admin, "domain-admin"},
    {Role::admin, "admin"},
};
constexpr Spelling<Offer> kOfferWords[] = {
    {Offer::mail, "mail"},
    {Offer::www, "www"},
    {Offer::webdav, "webdav"},
};

}  // namespace

std::string_view to_text(Role role) { return word_of(kRoleWords, role); }
Result<Role> parse_role(std::string_view text, std::string_view field) {
  return value_of(kRoleWords, text, field);
}

std::string_view to_text(Offer offer) { return word_of(kOfferWords, offer); }
Result<Offer> parse_offer(std::string_view text, std::string_view field) {
  return value_of(kOfferWords, text, field);
}

}  // namespace podplay
