// No value can break out of its line, because callers run check_zone_text() first. RRsets are
// compared as text. An RRset that is only spelled differently is written again, which does no harm.
#include "daemons/zone_records.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "base/ascii.hpp"
#include "base/numbers.hpp"

namespace podplay::daemons {
namespace {

constexpr std::string_view kApex = "@";
// RFC 1035 section 2.3.4, as text.
constexpr std::size_t kMostName = 253;
// Types whose data ends with a domain name.
constexpr std::array<std::string_view, 6> kNameTypes{"NS", "CNAME", "DNAME", "PTR", "MX", "SRV"};
// Made by named when a zone is signed; TYPE65534 is its note of what it still has to sign.
constexpr std::array<std::string_view, 8> kSigningTypes{"RRSIG",  "NSEC", "NSEC3",   "NSEC3PARAM",
                                                        "DNSKEY", "CDS",  "CDNSKEY", "TYPE65534"};

bool is_in(std::span<const std::string_view> list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::unexpected<Error> unusable(const ZoneContent& zone, std::string_view part,
                                std::string_view value, std::string remedy) {
  return fail(ErrorKind::invalid, "zone_text",
              fmt::format("the zone {} cannot have the {} '{}'", zone.name, part, value),
              std::move(remedy));
}

// The name becomes a file's name, too.
bool is_zone_name(std::string_view name) {
  const bool known = std::ranges::all_of(name, [](char c) {
    return (is_letter_or_digit(c) && lower(c) == c) || c == '-' || c == '_' || c == '.';
  });
  return known && !name.empty() && name.size() <= kMostName && name.front() != '.' &&
         name.back() != '.' && name.find("..") == name.npos;
}

// Printable, and without characters that have a meaning in a zone file, except behind a backslash.
bool is_owner_name(std::string_view name) {
  if (name == kApex) {
    return true;
  }
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    if (c <= ' ' || c > '~' || std::string_view("\"();@$").find(c) != std::string_view::npos) {
      return false;
    }
    if (c == '\\' && (++at == name.size() || name[at] <= ' ' || name[at] > '~')) {
      return false;
    }
  }
  return !name.empty() && name.back() != '.' && name.front() != '.';
}

// Whether the data stays on its line of a zone file: quotes in pairs, no comment, no parenthesis.
bool is_data(std::string_view data) {
  bool quoted = false;
  for (std::size_t at = 0; at < data.size(); ++at) {
    const char c = data[at];
    if (c < ' ' || c > '~') {
      return false;
    }
    if (c == '\\') {
      if (++at == data.size()) {
        return false;
      }
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ';' || c == '(' || c == ')')) {
      return false;
    }
  }
  return !data.empty() && !quoted;
}

// Replaces every run of unquoted blanks by one blank, and drops those at both ends.
std::string squeeze(std::string_view text) {
  std::string line;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\' && at + 1 < text.size()) {
      line += c;
      line += text[++at];
      continue;
    }
    quoted ^= c == '"';
    if (quoted || (c != ' ' && c != '\t')) {
      line += c;
    } else if (!line.empty() && !line.ends_with(' ')) {
      line += ' ';
    }
  }
  while (line.ends_with(' ')) {
    line.pop_back();
  }
  return line;
}

// Takes the first word of a squeezed line.
std::string_view take_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

std::string without_dot(std::string_view name) {
  return std::string(name.substr(0, name.size() - (name.ends_with('.') ? 1 : 0)));
}

std::string relative_name(const std::string& owner, const std::string& zone) {
  const std::string name = lower(without_dot(owner));
  if (name == zone) {
    return std::string(kApex);
  }
  return name.ends_with("." + zone) ? name.substr(0, name.size() - zone.size() - 1) : name;
}

const Rrset* find(const std::vector<Rrset>& rrsets, const Rrset& place) {
  const auto found = std::ranges::find_if(rrsets, [&](const Rrset& rrset) {
    return rrset.name == place.name && rrset.type == place.type;
  });
  return found == rrsets.end() ? nullptr : &*found;
}

bool is_apex_ns(const Rrset& rrset) { return rrset.name == kApex && rrset.type == "NS"; }

std::string add_line(const std::string& owner, const Rrset& rrset, const std::string& data) {
  return fmt::format("update add {}. {} IN {} {}", owner, rrset.ttl, rrset.type, data);
}

// "www" is at or below "www"; "a.www" is below it.
bool at_or_below(std::string_view name, std::string_view other) {
  return name == other || (name.ends_with(other) && name[name.size() - other.size() - 1] == '.');
}

std::string shown_rrset(const Rrset& rrset) {
  return fmt::format("TTL {}, {}", rrset.ttl, fmt::join(rrset.data, " | "));
}

}  // namespace

std::optional<Soa> parse_soa(std::string_view data) {
  const std::string line = squeeze(data);
  std::string_view rest = line;
  Soa soa;
  soa.primary = lower(without_dot(take_word(rest)));
  soa.contact = lower(without_dot(take_word(rest)));
  const auto serial = parse_number<std::uint32_t>(take_word(rest));
  soa.timers = rest;
  if (!serial || std::ranges::count(rest, ' ') != 3) {
    return std::nullopt;
  }
  soa.serial = *serial;
  return soa;
}

Soa updated_soa(Soa served, const ZoneContent& zone) {
  served.primary = lower(zone.primary);
  served.contact = lower(zone.contact);
  served.serial = zone.serial;
  return served;
}

Status check_zone_text(const ZoneContent& zone) {
  if (!is_zone_name(zone.name)) {
    return unusable(zone, "name", zone.name,
                    "use lower-case letters, digits, '-', '_' and '.', at most 253 octets");
  }
  for (const std::string& name : {zone.primary, zone.contact}) {
    if (!is_owner_name(name) || name == kApex) {
      return unusable(zone, "SOA name", name, "write it as a domain name");
    }
  }
  for (const Rrset& rrset : zone.rrsets) {
    if (!is_owner_name(rrset.name)) {
      return unusable(zone, "record name", rrset.name,
                      "write it relative to the zone, without blanks");
    }
    if (rrset.type.empty() || !std::ranges::all_of(rrset.type, is_letter_or_digit) ||
        rrset.type == "SOA" || is_in(kSigningTypes, rrset.type)) {
      return unusable(zone, "record type", rrset.type,
                      "use a type that exists and that named does not keep itself");
    }
    if (rrset.ttl < 0 || rrset.ttl > 0x7fffffff) {
      return unusable(zone, "TTL", std::to_string(rrset.ttl), "RFC 2181 allows 0 to 2147483647");
    }
    for (const std::string& data : rrset.data) {
      if (!is_data(data)) {
        return unusable(zone, rrset.type + " data", data,
                        "quote texts in pairs, and write ';', '(' and ')' only in quotes");
      }
      if (is_in(kNameTypes, rrset.type) && !data.ends_with('.')) {
        return unusable(zone, rrset.type + " data", data, "end the name in it with a dot");
      }
    }
  }
  return {};
}

Values zone_values(const ZoneContent& zone) {
  Values records = Values::array();
  for (const Rrset& rrset : zone.rrsets) {
    for (const std::string& data : rrset.data) {
      records.push_back(
          {{"name", rrset.name}, {"ttl", rrset.ttl}, {"type", rrset.type}, {"data", data}});
    }
  }
  return {{"name", zone.name},
          {"serial", zone.serial},
          {"primary", zone.primary},
          {"contact", zone.contact},
          {"records", std::move(records)}};
}

Result<ZoneRecords> parse_records(std::string_view text, const std::string& zone) {
  ZoneRecords records;
  bool has_soa = false;
  std::map<std::pair<std::string, std::string>, Rrset> rrsets;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line = squeeze(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == ';') {
      continue;
    }
    std::string_view rest = line;
    const std::string name = relative_name(std::string(take_word(rest)), zone);
    const auto ttl = parse_number<std::int64_t>(take_word(rest));
    const std::string_view record_class = take_word(rest);
    const std::string type(take_word(rest));
    const auto soa = type == "SOA" ? parse_soa(rest) : std::nullopt;
    if (!ttl || record_class != "IN" || (!has_soa && !soa)) {
      return fail(ErrorKind::unavailable, "zone_unreadable",
                  fmt::format("the records of {} cannot be read at '{}'", zone, line));
    }
    if (soa) {
      records.soa = *soa;
      records.soa.ttl = *ttl;
      has_soa = true;
    } else if (!is_in(kSigningTypes, type)) {
      Rrset& rrset = rrsets[{name, type}];
      rrset.name = name;
      rrset.type = type;
      rrset.ttl = *ttl;
      rrset.data.push_back(is_in(kNameTypes, type) ? lower(rest) : std::string(rest));
    }
  }
  if (!has_soa) {
    return fail(ErrorKind::unavailable, "zone_unreadable",
                fmt::format("the records of {} cannot be read: there are none", zone));
  }
  for (auto& [place, rrset] : rrsets) {
    std::ranges::sort(rrset.data);
    records.rrsets.push_back(std::move(rrset));
  }
  return records;
}

std::vector<Rrset> changed_rrsets(const std::vector<Rrset>& before,
                                  const std::vector<Rrset>& after) {
  std::map<std::pair<std::string_view, std::string_view>, const Rrset*> old;
  for (const Rrset& rrset : before) {
    old[{rrset.name, rrset.type}] = &rrset;
  }
  std::vector<Rrset> changed;
  for (const Rrset& rrset : after) {
    const auto found = old.find({rrset.name, rrset.type});
    if (found == old.end() || *found->second != rrset) {
      changed.push_back(rrset);
    }
    if (found != old.end()) {
      old.erase(found);
    }
  }
  for (const auto& [place, rrset] : old) {
    changed.push_back({.name = rrset->name, .type = rrset->type, .ttl = rrset->ttl, .data = {}});
  }
  return changed;
}

// Deletions come first, so that a CNAME and other data can take each other's place: named leaves
// out records beside a CNAME (RFC 2136 section 3.4.2.2). The apex's NS records are the exception:
// they cannot be deleted as a whole (section 3.4.2.3), so the old ones go last, one by one.
std::vector<std::string> update_lines(const std::string& zone, const std::vector<Rrset>& before,
                                      const std::vector<Rrset>& after, const Soa& soa) {
  std::vector<std::string> lines{fmt::format("update add {}. {} IN SOA {}. {}. {} {}", zone,
                                             soa.ttl, soa.primary, soa.contact, soa.serial,
                                             soa.timers)};
  const std::vector<Rrset> changed = changed_rrsets(before, after);
  for (const Rrset& rrset : changed) {
    if (!is_apex_ns(rrset)) {
      lines.push_back(
          fmt::format("update delete {}. {}", absolute_name(rrset.name, zone), rrset.type));
    }
  }
  for (const Rrset& rrset : changed) {
    for (const std::string& data : rrset.data) {
      lines.push_back(add_line(absolute_name(rrset.name, zone), rrset, data));
    }
  }
  for (const Rrset& rrset : changed) {
    const Rrset* old = is_apex_ns(rrset) ? find(before, rrset) : nullptr;
    for (const std::string& data : old == nullptr ? std::vector<std::string>{} : old->data) {
      const bool stays = std::ranges::any_of(
          rrset.data, [&](const std::string& kept) { return lower(kept) == lower(data); });
      if (!stays) {
        lines.push_back(fmt::format("update delete {}. NS {}", zone, data));
      }
    }
  }
  return lines;
}

std::vector<std::string> differences(const ZoneRecords& served, const ZoneRecords& wanted) {
  std::vector<std::string> found;
  if (served.soa != wanted.soa) {
    const auto text = [](const Soa& soa) {
      return fmt::format("TTL {}, {} {} {} {}", soa.ttl, soa.primary, soa.contact, soa.serial,
                         soa.timers);
    };
    found.push_back(fmt::format("SOA is {}; it must be {}", text(served.soa), text(wanted.soa)));
  }
  for (const Rrset& rrset : changed_rrsets(served.rrsets, wanted.rrsets)) {
    const Rrset* old = find(served.rrsets, rrset);
    if (old == nullptr) {
      found.push_back(
          fmt::format("{} {} is missing: {}", rrset.name, rrset.type, shown_rrset(rrset)));
    } else if (rrset.data.empty()) {
      found.push_back(
          fmt::format("{} {} must not be there: {}", rrset.name, rrset.type, shown_rrset(*old)));
    } else {
      found.push_back(fmt::format("{} {} is {}; it must be {}", rrset.name, rrset.type,
                                  shown_rrset(*old), shown_rrset(rrset)));
    }
  }
  return found;
}

std::vector<Rrset> provable(const std::vector<Rrset>& changed, const std::vector<Rrset>& after,
                            std::size_t most) {
  std::vector<std::string_view> cuts;
  bool wildcards = false;
  for (const Rrset& rrset : after) {
    wildcards = wildcards || rrset.name.starts_with("*");
    if (rrset.type == "DNAME" || (rrset.type == "NS" && rrset.name != kApex)) {
      cuts.push_back(rrset.name);
    }
  }
  const auto is_hidden = [&cuts](const std::string& name) {
    return std::ranges::any_of(cuts, [&](std::string_view cut) {
      return cut == kApex ? name != kApex : at_or_below(name, cut);
    });
  };
  std::vector<Rrset> result;
  for (const Rrset& rrset : changed) {
    if (result.size() == most) {
      break;
    }
    const bool plain = std::ranges::all_of(rrset.name, [](char c) {
      return is_letter_or_digit(c) || std::string_view("@*-_.").find(c) != std::string_view::npos;
    });
    // A wildcard would answer for deleted records (RFC 4592 section 3.3).
    const bool answered_by_another = wildcards && rrset.data.empty();
    if (plain && !answered_by_another && !is_hidden(rrset.name)) {
      result.push_back(rrset);
    }
  }
  return result;
}

std::string absolute_name(const std::string& relative, const std::string& zone) {
  return relative == kApex ? zone : relative + "." + zone;
}

}  // namespace podplay::daemons
