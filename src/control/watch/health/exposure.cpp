// Each attempt is a short conversation that ends before anything would happen: a recipient is named
// and no message follows. An answer that is neither yes nor no counts as not tried.
#include "control/watch/health/exposure.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <filesystem>

#include "control/identity/hash_memory.hpp"
#include "net/dns.hpp"
#include "net/line_client.hpp"
#include "store/domains.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr std::int64_t kMostAdmins = 20;
constexpr std::size_t kMostFiles = 5000;
// Nobody's address; no name must be resolved for it (RFC 5737).
constexpr const char* kElsewhere = "<podplay-check@[192.0.2.1]>";
constexpr std::array kDefaultPasswords = std::to_array<const char*>(
    {"admin", "password", "changeme", "podplay", "admin123", "password123", "12345678"});

ServiceCheck made(std::string service, std::string name, std::string reason) {
  return {.service = std::move(service),
          .check = {.name = "exposure-" + std::move(name), .reason = std::move(reason)}};
}

ServiceCheck& not_tried(ServiceCheck& one, const Error& error) {
  one.check.result = CheckResult::warning;
  one.check.reason = "not tried: " + describe(error);
  return one;
}

ServiceCheck& exposed(ServiceCheck& one, std::string reason) {
  one.check.result = CheckResult::failed;
  one.check.reason = std::move(reason);
  return one;
}

// Gives the reply to the last of the lines, or to the first that is refused.
Result<std::string> converse(const ExposureOptions& options, int port, bool tls,
                             const std::vector<std::string>& lines) {
  TRY(auto client, net::LineClient::connect(options.address, port, options.timeout));
  TRY(auto reply, client->read_smtp_reply());
  std::vector<std::string> all{"EHLO stranger.podplay.invalid"};
  if (tls) {
    all.insert(all.end(), {"STARTTLS", "EHLO stranger.podplay.invalid"});
  }
  all.insert(all.end(), lines.begin(), lines.end());
  for (const std::string& line : all) {
    if (!reply.starts_with('2')) {
      break;
    }
    TRY(client->send_line(line));
    TRY(reply, client->read_smtp_reply());
    if (line == "STARTTLS" && reply.starts_with('2')) {
      TRY(client->start_tls(""));
    }
  }
  static_cast<void>(client->send_line("QUIT"));
  return reply;
}

ServiceCheck try_mail(const ExposureOptions& options, const char* name, int port, bool tls,
                      const std::string& sender, const std::string& recipient,
                      const std::string& would) {
  ServiceCheck one = made("mail", name, "a stranger is refused");
  const auto reply = converse(options, port, tls, {"MAIL FROM:" + sender, "RCPT TO:" + recipient});
  if (!reply) {
    return not_tried(one, reply.error());
  }
  if (reply->starts_with('2')) {
    return exposed(one, fmt::format("anyone {} on port {}: it answers '{}'", would, port,
                                    reply->substr(0, 100)));
  }
  if (!reply->starts_with('5')) {
    one.check.result = CheckResult::warning;
    one.check.reason = fmt::format("not tried: port {} answers '{}'", port, reply->substr(0, 100));
  } else {
    one.check.reason = fmt::format("a stranger is refused: {}", reply->substr(0, 100));
  }
  return one;
}

ServiceCheck try_recursion(const Context& context, const ExposureOptions& options) {
  ServiceCheck one = made("bind", "recursion", "strangers are told our own names only");
  const auto answer =
      net::dns_query(options.address, options.dns_port, context.settings.text("PODPLAY_HOST_NAME"),
                     "A", false, options.timeout, net::Recursion::wanted);
  if (!answer) {
    return not_tried(one, answer.error());
  }
  return answer->recursive
             ? exposed(one, fmt::format("named looks up names for strangers: port {} offers "
                                        "recursion to {}",
                                        options.dns_port, options.address))
             : one;
}

ServiceCheck try_transfer(Context& context, const ExposureOptions& options) {
  ServiceCheck one = made("bind", "zone-transfer", "strangers cannot copy a zone");
  const auto domains = context.store.read<std::vector<Domain>>(
      [](store::Session& session) { return store::list_domains(session, 0, 1); });
  if (!domains || domains->empty()) {
    return one;
  }
  // 252 is AXFR (RFC 5936).
  const auto answer = net::dns_query(options.address, options.dns_port, domains->front().name,
                                     "TYPE252", true, options.timeout);
  if (!answer) {
    return not_tried(one, answer.error());
  }
  return answer->rcode == 0 && !answer->records.empty()
             ? exposed(one, fmt::format("named gives the whole zone {} to strangers",
                                        domains->front().name))
             : one;
}

ServiceCheck try_old_tls(const ExposureOptions& options, const ExposedPort& port) {
  ServiceCheck one =
      made(std::string(port.service), fmt::format("tls-{}", port.name), "TLS below 1.2 is refused");
  const auto shown = net::shown_old_tls(options.address, port.port, port.start, options.timeout);
  if (shown) {
    return exposed(one, fmt::format("port {} ({}) speaks {}", port.port, port.name, *shown));
  }
  return net::is_answer(shown.error()) ? one : not_tried(one, shown.error());
}

bool has_default_password(const Context& context, const User& user) {
  std::vector<std::string> guesses{user.email, user.email.substr(0, user.email.find('@'))};
  guesses.insert(guesses.end(), kDefaultPasswords.begin(), kDefaultPasswords.end());
  return context.hashes.is_among(user.password_hash, guesses);
}

ServiceCheck try_passwords(Context& context) {
  ServiceCheck one = made("control", "default-password", "no administrator has a default password");
  const auto admins = context.store.read<std::vector<User>>(
      [](store::Session& session) { return store::list_enabled_admins(session, kMostAdmins); });
  if (!admins) {
    return not_tried(one, admins.error());
  }
  for (const User& admin : *admins) {
    if (!admin.password_hash.empty() && has_default_password(context, admin)) {
      return exposed(one,
                     fmt::format("{} has a password that is among the first guesses", admin.email));
    }
  }
  return one;
}

bool is_key(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return name == "privkey.pem" || name.ends_with(".key") || name.ends_with("-key.pem") ||
         name == "key.pem";
}

ServiceCheck try_keys(const Context& context) {
  ServiceCheck one = made("control", "keys", "only their owners can read keys");
  std::size_t looked = 0;
  for (const std::string& root : {context.paths.certificates, context.paths.state}) {
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator
             at(root, std::filesystem::directory_options::skip_permission_denied, error),
         end;
         !error && at != end && looked < kMostFiles; at.increment(error), ++looked) {
      struct stat info{};
      if (!is_key(at->path()) || ::lstat(at->path().c_str(), &info) != 0 ||
          !S_ISREG(info.st_mode)) {
        continue;
      }
      if ((info.st_mode & 0007U) != 0) {
        return exposed(one, fmt::format("everybody may read the key {} (mode {:o})",
                                        at->path().string(), info.st_mode & 07777U));
      }
    }
  }
  return one;
}

}  // namespace

std::string outside_address() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) {
    return {};
  }
  std::string found;
  for (const ifaddrs* one = first; one != nullptr && found.empty(); one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET ||
        (one->ifa_flags & IFF_LOOPBACK) != 0 || (one->ifa_flags & IFF_UP) == 0) {
      continue;
    }
    char text[INET_ADDRSTRLEN] = "";
    const auto* address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
    if (::inet_ntop(AF_INET, &address->sin_addr, text, sizeof text) != nullptr) {
      found = text;
    }
  }
  ::freeifaddrs(first);
  return found;
}

std::vector<ServiceCheck> try_exposure(Context& context, const ExposureOptions& options) {
  std::vector<ServiceCheck> checks{try_passwords(context), try_keys(context)};
  if (options.address.empty()) {
    ServiceCheck none = made("control", "address", "");
    none.check.result = CheckResult::warning;
    none.check.reason = "not tried: the pod has no address but the loopback";
    checks.push_back(std::move(none));
    return checks;
  }
  const std::string ours =
      fmt::format("<postmaster@{}>", context.settings.text("PODPLAY_MAIL_SERVER_NAME"));
  if (options.mail) {
    checks.push_back(try_mail(options, "relay", options.smtp_port, false, "<>", kElsewhere,
                              "may send mail through us to others"));
    checks.push_back(try_mail(options, "relay-submission", options.submission_port, true,
                              "<podplay-check@podplay.invalid>", kElsewhere,
                              "may send mail without a login"));
    checks.push_back(try_mail(options, "our-names", options.smtp_port, false, ours, ours,
                              "may send in our name"));
  } else {
    ServiceCheck none = made("mail", "relay", "not tried: mail is not ready");
    none.check.result = CheckResult::warning;
    checks.push_back(std::move(none));
  }
  if (options.bind) {
    checks.push_back(try_recursion(context, options));
    checks.push_back(try_transfer(context, options));
  } else {
    ServiceCheck none = made("bind", "recursion", "not tried: bind is not ready");
    none.check.result = CheckResult::warning;
    checks.push_back(std::move(none));
  }
  for (const ExposedPort& port : options.tls_ports) {
    checks.push_back(try_old_tls(options, port));
  }
  return checks;
}

}  // namespace podplay::control
