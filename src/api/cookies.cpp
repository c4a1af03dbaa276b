// A page of a user on another name of this pod is "same-site", and browsers send SameSite=Strict
// cookies with its requests. That is why the origin is compared, and not the site.
#include "api/cookies.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/encoding.hpp"
#include "control/identity/sessions.hpp"

namespace podplay::api {
namespace {

constexpr std::size_t kLongestCookie = 200;

bool is_ours(std::string_view value) {
  return !value.empty() && value.size() <= kLongestCookie && std::ranges::all_of(value, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Where a page of ours comes from. Apache says which scheme it was asked by.
std::string own_origin(const net::HttpRequest& request) {
  const bool proxied = request.remote_address.starts_with("127.");
  const std::string forwarded = proxied ? request.header("X-Forwarded-Proto") : std::string();
  return fmt::format("{}://{}", forwarded == "https" ? "https" : "http", request.header("Host"));
}

std::unexpected<Error> cross_origin() {
  return fail(ErrorKind::forbidden, "cross_origin",
              "this request comes from a page of another site",
              "use the pages of the control host, or a bearer token");
}

}  // namespace

std::string cookie_value(std::string_view header, std::string_view name) {
  std::string found;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    const std::string_view pair = trim(header.substr(0, end));
    header.remove_prefix(std::min(end + 1, header.size()));
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos || pair.substr(0, equals) != name) {
      continue;
    }
    const std::string_view value = pair.substr(equals + 1);
    if (!found.empty() || !is_ours(value)) {
      return {};
    }
    found = value;
  }
  return found;
}

std::string cookie_of(const net::HttpRequest& request, std::string_view name) {
  return cookie_value(request.header("Cookie"), name);
}

std::string set_cookie(std::string_view name, std::string_view value,
                       std::chrono::seconds lifetime) {
  return fmt::format("{}={}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Strict", name, value,
                     lifetime.count());
}

Status check_origin(const net::HttpRequest& request) {
  const std::string site = request.header("Sec-Fetch-Site");
  // "none": a person typed the address.
  if (!site.empty() && site != "same-origin" && site != "none") {
    return cross_origin();
  }
  const std::string origin = request.header("Origin");
  if (!origin.empty() && !same_word(origin, own_origin(request))) {
    return cross_origin();
  }
  return {};
}

Status check_csrf(const net::HttpRequest& request, std::string_view cookie) {
  const std::string given = request.header("X-CSRF-Token");
  if (!cookie.empty() && equal_constant_time(given, control::csrf_token(std::string(cookie)))) {
    return {};
  }
  return fail(ErrorKind::forbidden, "csrf",
              "the header X-CSRF-Token is missing, or is not that of this browser",
              "get one from GET /api/csrf, and send it with each write");
}

}  // namespace podplay::api
