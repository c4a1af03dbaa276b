// Nothing that a line says is trusted to be well-formed: whatever looks like an address and is not
// of these domains is hidden, also when it is encoded as in a URL.
#include "control/watch/log_view.hpp"

#include <algorithm>
#include <vector>

#include "base/ascii.hpp"
#include "logs/line.hpp"

namespace podplay::control {
namespace {

constexpr bool is_name_octet(char c) {
  const char small = lower(c);
  return (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_';
}

// Ends the local part of an address, seen from the "@".
constexpr bool is_delimiter(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '<' || c == '>' || c == '(' || c == ')' ||
         c == '[' || c == ']' || c == ',' || c == ';' || c == ':' || c == '"' || c == '\'' ||
         c == '\\' || c == '/' || c == '?' || c == '&' || c == '@';
}

bool is_own_address(std::string_view domain, const std::set<std::string>& domains) {
  return domains.contains(lower(domain));
}

// The domain itself, or a name below it.
bool is_own_name(std::string_view name, const std::set<std::string>& domains) {
  std::string rest = lower(name);
  for (;;) {
    if (domains.contains(rest)) {
      return true;
    }
    const std::size_t dot = rest.find('.');
    if (dot == rest.npos) {
      return false;
    }
    rest.erase(0, dot + 1);
  }
}

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct FoundAddress {
  Span whole;
  std::string_view domain;
};

// The octets of an "@" at `at`: "@" or "%40"; 0: there is none.
std::size_t at_sign(std::string_view line, std::size_t at) {
  if (line[at] == '@') {
    return 1;
  }
  return line.substr(at).starts_with("%40") ? 3 : 0;
}

std::string_view without_end_dots(std::string_view name) {
  while (!name.empty() && (name.back() == '.' || name.back() == '-')) {
    name.remove_suffix(1);
  }
  return name;
}

std::vector<FoundAddress> addresses_in(std::string_view line) {
  std::vector<FoundAddress> found;
  std::size_t before = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const std::size_t sign = at_sign(line, at);
    if (sign == 0) {
      continue;
    }
    std::size_t begin = at;
    while (begin > before && !is_delimiter(line[begin - 1])) {
      --begin;
    }
    // A quoted local part (RFC 5321 section 4.1.2).
    if (begin == at && at > before + 1 && line[at - 1] == '"') {
      const std::size_t quote = line.rfind('"', at - 2);
      begin = quote != line.npos && quote >= before ? quote : begin;
    }
    // A fact's key stays: "user=".
    const std::size_t equals = line.substr(begin, at - begin).find('=');
    if (equals != line.npos && std::ranges::all_of(line.substr(begin, equals), [](char c) {
          return (c >= 'a' && c <= 'z') || c == '_';
        })) {
      begin += equals + 1;
    }
    std::size_t end = at + sign;
    while (end < line.size() && is_name_octet(line[end])) {
      ++end;
    }
    const std::string_view domain = without_end_dots(line.substr(at + sign, end - at - sign));
    end = at + sign + domain.size();
    found.push_back({.whole = {begin, end}, .domain = domain});
    before = end;
    at = std::max(at, end - 1);
  }
  return found;
}

bool names_host(std::string_view line, const std::set<std::string>& domains) {
  for (std::size_t at = 0; at < line.size();) {
    if (!is_name_octet(line[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < line.size() && is_name_octet(line[end])) {
      ++end;
    }
    if (is_own_name(without_end_dots(line.substr(at, end - at)), domains)) {
      return true;
    }
    at = end;
  }
  return false;
}

// Of the web: the site that was asked, or the site whose files the line is about. What a client
// sent is not looked at, since it may name anything.
bool is_about_site(std::string_view line, const std::set<std::string>& domains) {
  const auto parsed = logs::parse_line(line);
  if (!parsed) {
    return false;
  }
  const std::string_view words = parsed->message;
  if (parsed->component == "apache.access") {
    return is_own_name(words.substr(0, words.find(' ')), domains);
  }
  constexpr std::string_view kSites = "/data/user-data/www/";
  const std::size_t at = words.find(kSites);
  if (at == words.npos) {
    return false;
  }
  const std::string_view site = words.substr(at + kSites.size());
  return is_own_name(site.substr(0, site.find('/')), domains);
}

bool is_fact_about(std::string_view value, const std::set<std::string>& domains) {
  const std::size_t at = value.rfind('@');
  return at == value.npos ? is_own_name(value, domains)
                          : is_own_address(value.substr(at + 1), domains);
}

// Whose address of the network a line of ours tells, when it is another's.
bool is_of_another(const logs::LogLine& line, const std::set<std::string>& domains) {
  return std::ranges::any_of(line.facts, [&](const auto& fact) {
    const bool who = fact.first == "user" || fact.first == "actor";
    return who && fact.second.find('@') != fact.second.npos && !is_fact_about(fact.second, domains);
  });
}

std::optional<std::string> view_of_own_line(std::string_view line, LogFormat format,
                                            const std::set<std::string>& domains) {
  auto parsed = logs::parse_line(line);
  const auto is_about = [&](const auto& fact) { return is_fact_about(fact.second, domains); };
  if (!parsed || std::ranges::none_of(parsed->facts, is_about)) {
    return std::nullopt;
  }
  if (is_of_another(*parsed, domains)) {
    for (auto& [key, value] : parsed->facts) {
      value = key == "from" || key == "ip" ? std::string(kAnothersAddress) : value;
    }
  }
  const std::string whole = logs::format_line(*parsed, format);
  return hide_addresses(whole, domains);
}

}  // namespace

std::string hide_addresses(std::string_view text, const std::set<std::string>& domains) {
  std::string shown;
  std::size_t done = 0;
  for (const FoundAddress& address : addresses_in(text)) {
    if (is_own_address(address.domain, domains)) {
      continue;
    }
    shown += text.substr(done, address.whole.begin - done);
    shown += kAnothersAddress;
    done = address.whole.end;
  }
  shown += text.substr(done);
  return shown;
}

std::optional<std::string> view_of_domains(std::string_view line,
                                           const std::set<std::string>& domains) {
  const auto head = logs::read_head(line);
  if (!head || domains.empty()) {
    return std::nullopt;
  }
  if (!logs::is_daemon(head->component)) {
    return view_of_own_line(line, head->format, domains);
  }
  const auto addresses = addresses_in(line);
  bool about = false;
  if (head->component.starts_with("mail.")) {
    about = std::ranges::any_of(addresses, [&](const FoundAddress& address) {
      return is_own_address(address.domain, domains);
    });
  } else if (head->component.starts_with("bind.")) {
    about = names_host(head->rest, domains);
  } else {
    about = is_about_site(line, domains);
  }
  if (!about) {
    return std::nullopt;
  }
  return hide_addresses(line, domains);
}

}  // namespace podplay::control
