// Links in mails: who has the token of one may do one thing, once, for a while. A link opens a page
// of the interface and changes nothing by itself, since programs that look at mail follow links;
// the page's button sends the token with POST. The token stands behind # in the link, so no server
// and no Referer sees it (RFC 3986 section 3.5).
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "base/secret.hpp"
#include "control/context.hpp"
#include "model/journey.hpp"

namespace podplay::control {

// What a link is made for.
struct NewLink {
  LinkPurpose purpose = LinkPurpose::registration;
  std::int64_t user_id = 0;
  std::int64_t registration = 0;
  std::string address{};
  // 1970: after the lifetime of the settings.
  WallTime expires{};
  std::string remote_address{};
};

// The URL with a new token. The store gets its hash.
Secret make_link(Context& context, store::Transaction& transaction, const NewLink& link);

// The link of a token, if it is there, was not used and has not expired. Fails with "link_invalid",
// the same for all three.
Result<Link> find_link(Context& context, store::Session& session, const Secret& token);
// The same for one of these purposes, and uses the link up.
Result<Link> use_link(Context& context, store::Transaction& transaction, const Secret& token,
                      std::initializer_list<LinkPurpose> purposes);

// For how long a new link of this purpose works.
std::chrono::seconds link_lifetime(const Context& context, LinkPurpose purpose);

// What a link is about, for the page that it opens.
struct LinkView {
  LinkPurpose purpose = LinkPurpose::registration;
  // The account.
  std::string email;
  // The address outside; empty: none.
  std::string address;
  WallTime expires{};
};
Result<LinkView> look_at_link(Context& context, const Secret& token);

}  // namespace podplay::control
