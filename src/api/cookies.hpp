// Cookies, and what protects requests that come with them: the browser adds a cookie by itself, so
// another site could let it send requests that nobody wanted.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace podplay::api {

// The prefix __Host- makes browsers refuse the cookie from other names, from subdomains and without
// TLS (RFC 6265bis section 4.1.3.2).
inline constexpr std::string_view kSessionCookie = "__Host-session_id";
// A browser that is not logged in yet: its login needs a CSRF token too.
inline constexpr std::string_view kLoginCookie = "__Host-login_id";

// The value of a cookie of the request (RFC 6265 section 5.4); empty when it is missing, comes
// twice, or has characters that none of ours has.
std::string cookie_value(std::string_view header, std::string_view name);
std::string cookie_of(const net::HttpRequest& request, std::string_view name);

// The value of a Set-Cookie header. A lifetime of 0 deletes the cookie.
std::string set_cookie(std::string_view name, std::string_view value,
                       std::chrono::seconds lifetime);

// Fails with "cross_origin" for a request that a page of another origin made, as far as the browser
// tells: Sec-Fetch-Site (Fetch Metadata), or Origin (RFC 6454 section 7).
Status check_origin(const net::HttpRequest& request);
// Fails with "csrf" unless X-CSRF-Token has the token of this cookie.
Status check_csrf(const net::HttpRequest& request, std::string_view cookie);

}  // namespace podplay::api
