// What a domain administrator may see of the logs: lines in which an address or a name of their
// domains stands, without the addresses of others. docs/logs.md
// What others may see of a text uses the same mask.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace podplay::control {

// What stands in the place of another's address.
inline constexpr std::string_view kAnothersAddress = "[hidden]";

// Nothing when the line is not about one of these domains. A line of mail's daemons is about the
// domains of the addresses in it, one of named about the host names in it, one of Apache about the
// site that was asked or whose files it names, and a line of our own programs about the values of
// its facts. Names count as whole labels: "a.test" is in "www.a.test", and not in "ba.test" or
// "a.test.other".
std::optional<std::string> view_of_domains(std::string_view line,
                                           const std::set<std::string>& domains);

// The text without the mail addresses in it, apart from those of these domains.
std::string hide_addresses(std::string_view text, const std::set<std::string>& domains);

}  // namespace podplay::control
