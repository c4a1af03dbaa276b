// Names are parsed by DomainName, addresses by inet_pton(3).
#include "acme/identifier.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "acme/reading.hpp"
#include "model/names.hpp"
#include "net/reverse_name.hpp"

namespace podplay::acme {
namespace {

// The usual text of an address, or nothing.
std::optional<std::string> read_address(std::string_view text) {
  const std::string copy(text);
  for (const int family : {AF_INET, AF_INET6}) {
    std::array<char, 16> octets{};
    char usual[INET6_ADDRSTRLEN] = "";
    if (::inet_pton(family, copy.c_str(), octets.data()) == 1) {
      return ::inet_ntop(family, octets.data(), usual, sizeof usual);
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Identifier> Identifier::parse(std::string_view text, std::string_view field) {
  if (const auto address = read_address(text)) {
    return Identifier(*address, true);
  }
  const bool wildcard = text.starts_with("*.");
  TRY(const auto name, DomainName::parse(wildcard ? text.substr(2) : text, field));
  return Identifier((wildcard ? "*." : "") + name.text(), false);
}

std::string Identifier::server_name() const { return ip_ ? net::reverse_name(text_) : base(); }

Json to_json(const Identifier& identifier) {
  return {{"type", identifier.ip() ? "ip" : "dns"}, {"value", identifier.text()}};
}

Result<Identifier> identifier_from(const Json& json) {
  return Identifier::parse(text_at(json, "value"), "identifier");
}

Result<std::vector<Identifier>> parse_identifiers(const std::vector<std::string>& names) {
  std::vector<Fault> faults;
  std::vector<Identifier> identifiers;
  for (const std::string& name : names) {
    auto identifier = Identifier::parse(name);
    collect(faults, identifier);
    if (identifier) {
      identifiers.push_back(std::move(*identifier));
    }
  }
  if (names.empty()) {
    faults.push_back({"names", "names_missing", "there is no name to order a certificate for",
                      "give at least one name"});
  }
  TRY(no_faults(std::move(faults)));
  std::ranges::sort(identifiers);
  const auto twice = std::ranges::unique(identifiers);
  identifiers.erase(twice.begin(), twice.end());
  return identifiers;
}

std::vector<std::string> texts_of(const std::vector<Identifier>& identifiers) {
  std::vector<std::string> texts;
  for (const Identifier& identifier : identifiers) {
    texts.push_back(identifier.text());
  }
  return texts;
}

}  // namespace podplay::acme
