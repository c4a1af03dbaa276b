// Several records are alternatives: one that allows is enough. What cannot be read allows nothing.
#include "control/certificates/caa.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/ascii.hpp"
#include "base/numbers.hpp"

namespace podplay::control {
namespace {

// RFC 8659 section 4.1: an authority that does not know the property must not issue.
constexpr unsigned kCritical = 128;
constexpr std::string_view kKnownTags[] = {"issue", "issuewild", "iodef", "issuemail"};

struct Property {
  unsigned flags = 0;
  // Lower case.
  std::string tag;
  std::string value;
};

// RFC 1035 section 5.1.
std::string without_escapes(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      plain += text[at];
    } else if (const auto code = parse_number<std::uint8_t>(text.substr(at + 1, 3))) {
      plain += static_cast<char>(*code);
      at += 3;
    } else {
      plain += text[++at];
    }
  }
  return plain;
}

std::optional<Property> parse_property(std::string_view text) {
  const std::size_t first = text.find(' ');
  const std::size_t second = first == text.npos ? first : text.find(' ', first + 1);
  if (second == text.npos) {
    return std::nullopt;
  }
  const auto flags = parse_number<std::uint8_t>(text.substr(0, first));
  std::string_view value = text.substr(second + 1);
  if (!flags || value.size() < 2 || value.front() != '"' || value.back() != '"') {
    return std::nullopt;
  }
  return Property{.flags = *flags,
                  .tag = lower(text.substr(first + 1, second - first - 1)),
                  .value = without_escapes(value.substr(1, value.size() - 2))};
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

// RFC 8659 section 4.2: a domain name, then parameters.
struct Issuer {
  // Lower case; empty: nobody.
  std::string name;
  std::map<std::string, std::string> parameters;
};

Issuer parse_issuer(std::string_view value) {
  Issuer issuer;
  const std::size_t end = std::min(value.find(';'), value.size());
  issuer.name = lower(trim(value.substr(0, end)));
  value.remove_prefix(std::min(end + 1, value.size()));
  while (!trim(value).empty()) {
    const std::string_view one = trim(value.substr(0, value.find(';')));
    value.remove_prefix(std::min(value.find(';'), value.size() - 1) + 1);
    const std::size_t sign = one.find('=');
    if (one.empty()) {
      continue;
    }
    if (sign == one.npos) {
      return {};
    }
    issuer.parameters[lower(trim(one.substr(0, sign)))] = std::string(trim(one.substr(sign + 1)));
  }
  return issuer;
}

bool lists(std::string_view methods, std::string_view wanted) {
  while (!methods.empty()) {
    const std::size_t end = std::min(methods.find(','), methods.size());
    if (trim(methods.substr(0, end)) == wanted) {
      return true;
    }
    methods.remove_prefix(std::min(end + 1, methods.size()));
  }
  return false;
}

// Why a record that names the authority does not allow this order; empty: it does.
std::string complaint(const Issuer& issuer, const CaaQuestion& question) {
  const auto account = issuer.parameters.find("accounturi");
  if (account != issuer.parameters.end() && account->second != question.account) {
    return fmt::format("allow {} only for the account {}", issuer.name, account->second);
  }
  const auto methods = issuer.parameters.find("validationmethods");
  if (methods != issuer.parameters.end() && !lists(methods->second, to_text(question.type))) {
    return fmt::format("allow {} only by {}, not by {}", issuer.name, methods->second,
                       to_text(question.type));
  }
  return {};
}

CaaVerdict judge_issuers(const std::vector<Issuer>& issuers, const CaaQuestion& question) {
  std::set<std::string> names;
  std::string nearly;
  for (const Issuer& issuer : issuers) {
    if (issuer.name.empty()) {
      continue;
    }
    names.insert(issuer.name);
    const bool meant = std::ranges::any_of(question.identities, [&](const std::string& identity) {
      return same_word(identity, issuer.name);
    });
    if (!meant) {
      continue;
    }
    nearly = complaint(issuer, question);
    if (nearly.empty()) {
      return {};
    }
  }
  if (names.empty()) {
    return {.answer = CaaAnswer::forbidden, .words = "forbid every authority"};
  }
  if (!nearly.empty()) {
    return {.answer = CaaAnswer::forbidden, .words = nearly};
  }
  return {.answer = question.identities.empty() ? CaaAnswer::unclear : CaaAnswer::forbidden,
          .words = fmt::format("allow only {}", fmt::join(names, ", "))};
}

}  // namespace

CaaRecords find_caa(PublicNames& names, const std::string& name) {
  for (std::string owner = name; !owner.empty();) {
    const net::Lookup& found = names.ask(owner, "CAA");
    if (found.outcome == net::LookupOutcome::found) {
      return {.owner = owner, .records = found.data};
    }
    // A lab sees its own zones only, and that is no fault of the name.
    if (found.outcome == net::LookupOutcome::not_asked && !names.outside()) {
      return {};
    }
    if (found.outcome == net::LookupOutcome::not_asked) {
      return {.owner = owner, .not_asked = found.why};
    }
    const std::size_t dot = owner.find('.');
    owner = dot == owner.npos ? "" : owner.substr(dot + 1);
  }
  return {};
}

CaaVerdict judge_caa(const std::vector<std::string>& records, const CaaQuestion& question) {
  std::vector<Issuer> plain;
  std::vector<Issuer> wild;
  bool any_plain = false;
  bool any_wild = false;
  for (const std::string& text : records) {
    const auto property = parse_property(text);
    if (!property) {
      return {.answer = CaaAnswer::forbidden,
              .words = fmt::format("have one that cannot be read ({})", text)};
    }
    if ((property->flags & kCritical) != 0 &&
        std::ranges::find(kKnownTags, property->tag) == std::end(kKnownTags)) {
      return {.answer = CaaAnswer::forbidden,
              .words = fmt::format("have the critical property '{}', which authorities do not know",
                                   property->tag)};
    }
    if (property->tag == "issue") {
      any_plain = true;
      plain.push_back(parse_issuer(property->value));
    } else if (property->tag == "issuewild") {
      any_wild = true;
      wild.push_back(parse_issuer(property->value));
    }
  }
  // RFC 8659 section 4.3.
  if (question.wildcard && any_wild) {
    return judge_issuers(wild, question);
  }
  return any_plain ? judge_issuers(plain, question) : CaaVerdict{};
}

}  // namespace podplay::control
