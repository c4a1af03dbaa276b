// Uses libresolv's message routines and a socket of its own, so that only the given server is
// asked.
#include "net/dns.hpp"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/ascii.hpp"
#include "base/numbers.hpp"

namespace podplay::net {
namespace {

using Message = std::vector<unsigned char>;

struct TypeRow {
  std::string_view name;
  ns_type type;
};
constexpr TypeRow kTypes[] = {{"A", ns_t_a},
                              {"AAAA", ns_t_aaaa},
                              {"NS", ns_t_ns},
                              {"MX", ns_t_mx},
                              {"SOA", ns_t_soa},
                              {"TXT", ns_t_txt},
                              {"SRV", ns_t_srv},
                              {"PTR", ns_t_ptr},
                              {"CNAME", ns_t_cname},
                              {"LOC", ns_t_loc},
                              {"NAPTR", ns_t_naptr},
                              {"DNAME", ns_t_dname},
                              {"DS", static_cast<ns_type>(43)},
                              {"SSHFP", static_cast<ns_type>(44)},
                              {"TLSA", static_cast<ns_type>(52)},
                              {"SVCB", static_cast<ns_type>(64)},
                              {"HTTPS", static_cast<ns_type>(65)},
                              {"CAA", static_cast<ns_type>(257)}};

struct Socket {
  int fd;
  explicit Socket(int value) : fd(value) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (fd >= 0) {
      ::close(fd);
    }
  }
};

std::unexpected<Error> no_dns_answer(const std::string& address, int port, bool tcp,
                                     std::string_view why) {
  return fail(ErrorKind::unavailable, "dns_no_answer",
              fmt::format("no DNS answer from {} port {} over {}: {}", address, port,
                          tcp ? "TCP" : "UDP", why));
}

bool wait_readable(int fd, std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                        deadline - std::chrono::steady_clock::now())
                        .count();
  pollfd wait{fd, POLLIN, 0};
  return left > 0 && ::poll(&wait, 1, static_cast<int>(left)) == 1;
}

// Exactly `size` octets, or nothing at the deadline.
bool read_exactly(int fd, unsigned char* into, std::size_t size,
                  std::chrono::steady_clock::time_point deadline) {
  while (size > 0) {
    if (!wait_readable(fd, deadline)) {
      return false;
    }
    const ssize_t got = ::recv(fd, into, size, 0);
    if (got <= 0) {
      return false;
    }
    into += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

Result<Message> exchange(const std::string& address, int port, bool tcp, const Message& question,
                         std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_in);
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<std::uint16_t>(port));
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<std::uint16_t>(port));
    length = sizeof(sockaddr_in6);
  } else {
    return fail(ErrorKind::invalid, "bad_address",
                fmt::format("'{}' is not an IP address", address));
  }
  const Socket socket(
      ::socket(storage.ss_family, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0));
  if (socket.fd < 0 || ::connect(socket.fd, reinterpret_cast<sockaddr*>(&storage), length) != 0) {
    return no_dns_answer(address, port, tcp, std::strerror(errno));
  }
  Message out = question;
  if (tcp) {
    // RFC 1035 section 4.2.2: two octets of length come first.
    out.insert(out.begin(), {static_cast<unsigned char>(question.size() >> 8),
                             static_cast<unsigned char>(question.size() & 0xff)});
  }
  if (::send(socket.fd, out.data(), out.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(out.size())) {
    return no_dns_answer(address, port, tcp, std::strerror(errno));
  }
  Message answer(65535);
  if (tcp) {
    std::array<unsigned char, 2> size{};
    if (!read_exactly(socket.fd, size.data(), 2, deadline)) {
      return no_dns_answer(address, port, tcp, "the connection gave nothing in time");
    }
    answer.resize(static_cast<std::size_t>(size[0]) << 8 | size[1]);
    if (!read_exactly(socket.fd, answer.data(), answer.size(), deadline)) {
      return no_dns_answer(address, port, tcp, "the answer was cut");
    }
    return answer;
  }
  if (!wait_readable(socket.fd, deadline)) {
    return no_dns_answer(address, port, tcp, "nothing came in time");
  }
  const ssize_t got = ::recv(socket.fd, answer.data(), answer.size(), 0);
  if (got < 0) {
    return no_dns_answer(address, port, tcp, std::strerror(errno));
  }
  answer.resize(static_cast<std::size_t>(got));
  return answer;
}

// Puts presentation format on one line: glibc breaks an SOA record into lines, with parentheses and
// comments.
std::string one_line(std::string_view text) {
  std::string line;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"' && (at == 0 || text[at - 1] != '\\')) {
      quoted = !quoted;
    }
    if (!quoted && c == ';') {
      at = std::min(text.find('\n', at), text.size());
    }
    const bool blank = at >= text.size() ||
                       (!quoted && std::string_view(" \t\n();").find(c) != std::string_view::npos);
    if (!blank) {
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

std::optional<ns_type> parse_type(std::string_view text) {
  const auto* row = std::ranges::find(kTypes, text, &TypeRow::name);
  if (row != std::end(kTypes)) {
    return row->type;
  }
  constexpr std::string_view kNumbered = "TYPE";
  if (!text.starts_with(kNumbered)) {
    return std::nullopt;
  }
  const auto number = parse_number<std::uint16_t>(text.substr(kNumbered.size()));
  if (!number || *number == 0) {
    return std::nullopt;
  }
  return static_cast<ns_type>(*number);
}

std::string type_name(ns_type type) {
  const auto* row = std::ranges::find(kTypes, type, &TypeRow::type);
  return row != std::end(kTypes) ? std::string(row->name)
                                 : fmt::format("TYPE{}", static_cast<unsigned>(type));
}

// Domain names are compared without regard to case (RFC 4343).
std::string plain_name(std::string_view name) {
  return lower(name.substr(0, name.size() - (name.ends_with('.') ? 1 : 0)));
}

// `0 issue "ca.test"` (RFC 8659 section 4.1.1); glibc does not know the type.
std::optional<std::string> caa_data(const ns_rr& record) {
  const unsigned char* const octets = ns_rr_rdata(record);
  const std::size_t size = ns_rr_rdlen(record);
  if (size < 2 || octets[1] == 0 || size < 2U + octets[1]) {
    return std::nullopt;
  }
  const std::string_view text(reinterpret_cast<const char*>(octets), size);
  std::string data = fmt::format("{} {} \"", octets[0], text.substr(2, octets[1]));
  for (const char c : text.substr(2U + octets[1])) {
    if (c == '"' || c == '\\') {
      data += '\\';
    }
    const auto code = static_cast<unsigned char>(c);
    data += code < 0x20 || code > 0x7e ? fmt::format("\\{:03}", code) : std::string(1, c);
  }
  return data + '"';
}

std::optional<std::string> data_of(const ns_msg& handle, const ns_rr& record) {
  if (ns_rr_type(record) == parse_type("CAA")) {
    return caa_data(record);
  }
  char text[4096];
#pragma GCC diagnostic push
  // ns_sprintrr is deprecated, but glibc has no other routine for presentation format.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  const int length = ns_sprintrr(&handle, &record, nullptr, nullptr, text, sizeof text);
#pragma GCC diagnostic pop
  if (length < 0) {
    return std::nullopt;
  }
  // "name TTL IN TYPE data": the data is what follows the type.
  const std::string_view line(text);
  std::size_t at = 0;
  for (int column = 0; column < 4 && at != line.npos; ++column) {
    at = line.find_first_not_of(" \t", at);
    at = at == line.npos ? at : line.find_first_of(" \t", at);
  }
  return one_line(line.substr(std::min(line.find_first_not_of(" \t", at), line.size())));
}

std::unexpected<Error> bad_answer(std::string_view why) {
  return fail(ErrorKind::unavailable, "dns_bad_answer", fmt::format("the DNS answer {}", why));
}

Result<DnsAnswer> read_answer(const Message& message, const std::string& name, ns_type type) {
  ns_msg handle;
  if (ns_initparse(message.data(), static_cast<int>(message.size()), &handle) != 0) {
    return bad_answer("cannot be read");
  }
  ns_rr asked;
  // A server that cannot read the question leaves it out.
  if (ns_msg_count(handle, ns_s_qd) == 1 &&
      (ns_parserr(&handle, ns_s_qd, 0, &asked) != 0 ||
       plain_name(ns_rr_name(asked)) != plain_name(name) || ns_rr_type(asked) != type)) {
    return bad_answer("belongs to another question");
  }
  DnsAnswer answer{.rcode = static_cast<int>(ns_msg_getflag(handle, ns_f_rcode)),
                   .authoritative = ns_msg_getflag(handle, ns_f_aa) != 0,
                   .truncated = ns_msg_getflag(handle, ns_f_tc) != 0,
                   .recursive = ns_msg_getflag(handle, ns_f_ra) != 0};
  for (int i = 0; i < ns_msg_count(handle, ns_s_an); ++i) {
    ns_rr record;
    if (ns_parserr(&handle, ns_s_an, i, &record) != 0) {
      continue;
    }
    auto data = data_of(handle, record);
    if (!data) {
      continue;
    }
    const bool wanted =
        ns_rr_type(record) == type && plain_name(ns_rr_name(record)) == plain_name(name);
    if (wanted && answer.data.empty()) {
      answer.ttl = ns_rr_ttl(record);
    }
    if (wanted) {
      answer.data.push_back(*data);
    }
    answer.records.push_back({.name = plain_name(ns_rr_name(record)),
                              .type = type_name(ns_rr_type(record)),
                              .data = *std::move(data)});
  }
  return answer;
}

}  // namespace

Result<DnsAnswer> dns_query(const std::string& address, int port, const std::string& name,
                            const std::string& type, bool tcp, std::chrono::milliseconds timeout,
                            Recursion recursion) {
  const auto number = parse_type(type);
  if (!number) {
    return fail(ErrorKind::invalid, "bad_type",
                fmt::format("'{}' is not a known record type", type));
  }
  Message question(512);
  struct __res_state state{};
  const int size = ::res_nmkquery(&state, ns_o_query, name.c_str(), ns_c_in, *number, nullptr, 0,
                                  nullptr, question.data(), static_cast<int>(question.size()));
  if (size < 12) {
    return fail(ErrorKind::invalid, "bad_name", fmt::format("cannot ask for the name '{}'", name));
  }
  question.resize(static_cast<std::size_t>(size));
  constexpr unsigned char kRecursionDesired = 1;
  if (recursion == Recursion::none) {
    question[2] &= static_cast<unsigned char>(~kRecursionDesired);
  } else {
    question[2] |= kRecursionDesired;
  }
  TRY(const auto answer, exchange(address, port, tcp, question, timeout));
  if (answer.size() < 12 || answer[0] != question[0] || answer[1] != question[1]) {
    return bad_answer("belongs to another question");
  }
  return read_answer(answer, name, *number);
}

}  // namespace podplay::net
