// The words that announce a secret, in any case.
#pragma once

#include <string_view>

namespace podplay::logs {

// Before "=" or ":", such as "relay_password", "newPassword" and "session_id".
bool is_secret_key(std::string_view key);
// A header whose whole value is secret.
bool is_secret_header(std::string_view name);
// Secret in the query of a URL only; elsewhere these words are plain: "code".
bool is_secret_in_query(std::string_view name);
// A page that the links in mails open; a token may follow.
bool is_link_page(std::string_view name);

}  // namespace podplay::logs
