// If-Match compares strongly, so a weak tag (W/"...") never matches there; If-None-Match compares
// weakly (RFC 9110 section 8.8.3.2).
#include "api/conditions.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace podplay::api {
namespace {

enum class Comparison { strong, weak };

std::unexpected<Error> malformed(std::string_view header, const std::string& why) {
  return fail(ErrorKind::invalid, "bad_condition", fmt::format("{}: {}", header, why),
              fmt::format("send {}: \"42\" with the ETag of the object in its quotes, several with "
                          "commas between them, or *",
                          header));
}

// etagc of RFC 9110 section 8.8.3.
bool is_etag_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
}

// Takes one entity-tag from the front of `text`. False when there is none.
bool take_tag(std::string_view& text, bool& weak, std::string_view& tag) {
  weak = text.starts_with("W/");
  if (weak) {
    text.remove_prefix(2);
  }
  if (!text.starts_with('"')) {
    return false;
  }
  const std::size_t end = text.find('"', 1);
  if (end == text.npos) {
    return false;
  }
  tag = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  return std::ranges::all_of(tag, is_etag_character);
}

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

// The list's elements; empty ones are skipped (RFC 9110 section 5.6.1.2).
Result<std::optional<control::Etags>> read_etags(const net::HttpRequest& request,
                                                 const char* header, Comparison comparison) {
  if (!request.headers.contains(header)) {
    return std::nullopt;
  }
  const std::string value = request.header(header);
  std::string_view rest = value;
  control::Etags etags;
  bool any_tag = false;
  skip_blanks(rest);
  if (rest == "*") {
    etags.any = true;
    return etags;
  }
  while (!rest.empty()) {
    if (!rest.starts_with(',')) {
      bool weak = false;
      std::string_view tag;
      if (!take_tag(rest, weak, tag)) {
        return malformed(header, fmt::format("'{}' is no list of ETags", value.substr(0, 80)));
      }
      any_tag = true;
      if (!weak || comparison == Comparison::weak) {
        etags.tags.emplace_back(tag);
      }
      skip_blanks(rest);
    }
    if (!rest.empty() && !rest.starts_with(',')) {
      return malformed(header, fmt::format("'{}' is no list of ETags", value.substr(0, 80)));
    }
    rest.remove_prefix(rest.empty() ? 0 : 1);
    skip_blanks(rest);
  }
  if (!any_tag) {
    return malformed(header, "it names no ETag");
  }
  return etags;
}

}  // namespace

Status read_conditions(const net::HttpRequest& request, control::WriteOptions& options) {
  TRY(options.if_match, read_etags(request, "If-Match", Comparison::strong));
  TRY(options.if_none_match, read_etags(request, "If-None-Match", Comparison::weak));
  return {};
}

Result<bool> is_not_modified(const control::WriteOptions& options, const std::string& etag) {
  // The order of RFC 9110 section 13.2.2.
  TRY(control::check_match({.if_match = options.if_match}, etag));
  return options.if_none_match && options.if_none_match->has(etag);
}

}  // namespace podplay::api
