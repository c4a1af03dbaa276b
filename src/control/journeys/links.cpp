// 256 random bits need no slow hash: nobody can try them out.
#include "control/journeys/links.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "store/links.hpp"
#include "store/registrations.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using std::chrono::seconds;

constexpr std::size_t kTokenBytes = 32;
// Longer texts are not hashed at all.
constexpr std::size_t kLongestToken = 128;

// The page of the interface.
std::string_view page_of(LinkPurpose purpose) {
  switch (purpose) {
    case LinkPurpose::registration: return "/confirm";
    case LinkPurpose::password_reset: return "/reset";
    case LinkPurpose::invitation: return "/invitation";
    case LinkPurpose::recovery_new:
    case LinkPurpose::recovery_old: return "/recovery-address";
    case LinkPurpose::keep_account: return "/keep-account";
  }
  return "/";
}

std::unexpected<Error> invalid_link() {
  return fail(ErrorKind::not_found, "link_invalid",
              "this link is not known, was used already, or is too old",
              "ask for a new one, and use the newest mail");
}

}  // namespace

seconds link_lifetime(const Context& context, LinkPurpose purpose) {
  return seconds(context.settings.integer(purpose == LinkPurpose::invitation
                                              ? Settings::Integer("PODPLAY_INVITATION_LIFETIME")
                                              : Settings::Integer("PODPLAY_LINK_LIFETIME")));
}

Secret make_link(Context& context, store::Transaction& transaction, const NewLink& wanted) {
  const WallTime now = context.clock.now();
  const std::string token = random_token(kTokenBytes);
  store::insert_link(transaction, {.hash = sha256_hex(token),
                                   .purpose = wanted.purpose,
                                   .user_id = wanted.user_id,
                                   .registration = wanted.registration,
                                   .address = wanted.address,
                                   .created = now,
                                   .expires = wanted.expires == WallTime{}
                                                  ? now + link_lifetime(context, wanted.purpose)
                                                  : wanted.expires,
                                   .used = {},
                                   .remote_address = wanted.remote_address});
  return Secret(fmt::format("{}{}#token={}", context.settings.text("PODPLAY_PUBLIC_URL"),
                            page_of(wanted.purpose), token));
}

Result<Link> find_link(Context& context, store::Session& session, const Secret& token) {
  if (token.reveal().size() > kLongestToken) {
    return invalid_link();
  }
  auto link = store::find_link(session, sha256_hex(token.reveal()));
  if (!link || link->used != WallTime{} || link->expires <= context.clock.now()) {
    return invalid_link();
  }
  return std::move(*link);
}

Result<Link> use_link(Context& context, store::Transaction& transaction, const Secret& token,
                      std::initializer_list<LinkPurpose> purposes) {
  TRY(auto link, find_link(context, transaction, token));
  if (std::ranges::find(purposes, link.purpose) == purposes.end()) {
    return fail(ErrorKind::invalid, "link_for_something_else",
                fmt::format("this link is for something else: {}", to_text(link.purpose)),
                "open the link of the mail in a browser");
  }
  if (!store::use_link(transaction, link.hash, context.clock.now())) {
    return invalid_link();
  }
  return link;
}

Result<LinkView> look_at_link(Context& context, const Secret& token) {
  TRY(auto looked, context.store.read_together<Result<LinkView>>(
                       [&](store::Session& session) -> Result<LinkView> {
                         TRY(const auto link, find_link(context, session, token));
                         LinkView view{.purpose = link.purpose,
                                       .email = {},
                                       .address = link.address,
                                       .expires = link.expires};
                         if (link.registration != 0) {
                           const auto found = store::find_registration(session, link.registration);
                           if (!found) {
                             return invalid_link();
                           }
                           view.email = found->email;
                           return view;
                         }
                         const auto user = store::find_user(session, link.user_id);
                         if (!user) {
                           return invalid_link();
                         }
                         view.email = user->email;
                         return view;
                       }));
  return looked;
}

}  // namespace podplay::control
