// A name that consists of digits and dots, or that has a colon, is an address: no DNS name ends in
// a label of digits (RFC 3696 section 2).
#include "net/alternative_names.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <functional>
#include <optional>

namespace podplay::net {
namespace {

bool is_ip(const std::string& name) {
  return name.find(':') != name.npos || name.find_first_not_of("0123456789.") == name.npos;
}

std::string ip_text(const std::string& octets) {
  char text[INET6_ADDRSTRLEN] = "";
  const int family = octets.size() == 4 ? AF_INET : AF_INET6;
  const bool known = octets.size() == 4 || octets.size() == 16;
  return known && ::inet_ntop(family, octets.data(), text, sizeof text) != nullptr ? text : "";
}

// Every alternative name for which `read` gives a text.
std::vector<std::string> names_of(
    const X509* certificate,
    const std::function<std::optional<std::string>(const GENERAL_NAME&)>& read) {
  std::vector<std::string> names;
  auto* all = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    if (auto name = read(*sk_GENERAL_NAME_value(all, i))) {
      names.push_back(std::move(*name));
    }
  }
  GENERAL_NAMES_free(all);
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += text.empty() ? "" : ",";
    text += is_ip(name) ? "IP:" : "DNS:";
    text += name;
  }
  return text;
}

std::vector<std::string> dns_names(const X509* certificate) {
  return names_of(certificate, [](const GENERAL_NAME& name) -> std::optional<std::string> {
    return name.type == GEN_DNS ? std::optional(octets_of(name.d.dNSName)) : std::nullopt;
  });
}

std::vector<std::string> ip_addresses(const X509* certificate) {
  return names_of(certificate, [](const GENERAL_NAME& name) -> std::optional<std::string> {
    return name.type == GEN_IPADD ? std::optional(ip_text(octets_of(name.d.iPAddress)))
                                  : std::nullopt;
  });
}

}  // namespace podplay::net
