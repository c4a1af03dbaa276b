// A token is checked before it becomes the name of a file. Each certificate of tls-alpn-01 has a
// key of its own, which is made here and never leaves the folder.
#include "daemons/apache_challenges.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "daemons/folders.hpp"
#include "daemons/probing.hpp"
#include "model/names.hpp"
#include "net/chain.hpp"
#include "net/reverse_name.hpp"
#include "net/x509.hpp"

namespace podplay::daemons {
namespace {

constexpr std::string_view kHttp = "http-01";
constexpr std::string_view kTls = "tls-alpn-01";
constexpr const char* kProtocol = "acme-tls/1";
// RFC 8555 section 8.1: base64url, and a dot in the key authorization.
constexpr std::string_view kTokenAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kLongestToken = 200;
constexpr std::size_t kMostAnswer = 4096;
// A certificate with less time than this is made again.
constexpr std::chrono::hours kLeastLeft{24};

RowVerdict challenge_later(std::string words) {
  return {.state = RowState::later, .words = std::move(words)};
}
RowVerdict challenge_refused(std::string words) {
  return {.state = RowState::refused, .words = std::move(words)};
}
RowVerdict challenge_verdict(const Status& done) {
  return done ? RowVerdict{} : challenge_later(describe(done.error()));
}

bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= kLongestToken &&
         text.find_first_not_of(kTokenAlphabet) == text.npos;
}

// The server name that TLS-ALPN-01 asks for: of an address, its reverse name (RFC 8738 section 6).
// Empty when the identifier is neither a DNS name nor an address.
std::string server_name(const std::string& identifier) {
  std::string reverse = net::reverse_name(identifier);
  if (!reverse.empty()) {
    return reverse;
  }
  const auto name = DomainName::parse(identifier);
  return name ? name->text() : std::string();
}

// What is wrong with the row; empty when nothing is.
std::string fault_of(const FeedRow& row) {
  const auto& challenge = std::get<ChallengeRow>(row.content);
  const std::string& answer = challenge.key_authorization;
  if (challenge.type != kHttp && challenge.type != kTls) {
    return fmt::format("Apache answers http-01 and tls-alpn-01, not '{}'", challenge.type);
  }
  if (!answer.starts_with(row.key + ".") ||
      !is_token(std::string_view(answer).substr(row.key.size() + 1))) {
    return fmt::format("the key authorization '{}' does not fit its token", answer);
  }
  if (server_name(challenge.identifier).empty()) {
    return fmt::format("'{}' is neither a name nor an address", challenge.identifier);
  }
  return {};
}

// RFC 9110 section 7.2.
std::string host_of(const std::string& identifier) {
  return identifier.contains(':') ? fmt::format("[{}]", identifier) : identifier;
}

}  // namespace

ApacheChallenges::ApacheChallenges(ChallengeOptions options) : options_(std::move(options)) {}

std::string ApacheChallenges::http_file(const std::string& token) const {
  return fmt::format("{}/http/{}", options_.folder, token);
}

std::string ApacheChallenges::key_file(const std::string& token) const {
  return fmt::format("{}/tls/{}.pem", options_.folder, token);
}

std::string ApacheChallenges::link_of(const std::string& name) const {
  return fmt::format("{}/names/{}", options_.folder, name);
}

Status ApacheChallenges::prepare() const {
  for (const char* part : {"", "/http", "/tls", "/names"}) {
    TRY(make_folder(options_.folder + part, 0750, "", options_.group));
  }
  return {};
}

std::vector<RowVerdict> ApacheChallenges::apply(RowTools& tools, std::span<const FeedRow> rows) {
  if (!rows.empty() && !strangers_removed_) {
    strangers_removed_ = remove_strangers(tools).has_value();
  }
  std::vector<RowVerdict> verdicts;
  for (const FeedRow& row : rows) {
    if (!is_token(row.key)) {
      verdicts.push_back(row.deleted ? RowVerdict{}
                                     : challenge_refused(fmt::format("'{}' is no token", row.key)));
    } else if (row.deleted) {
      verdicts.push_back(challenge_verdict(drop(tools.files, row.key)));
    } else {
      verdicts.push_back(put(tools.files, row));
    }
  }
  return verdicts;
}

// A replica that was lost knows nothing of rows that were deleted meanwhile.
Status ApacheChallenges::remove_strangers(RowTools& tools) const {
  TRY(const auto kept, tools.source.rows(RowKind::challenge, ""));
  std::set<std::string, std::less<>> wanted;
  for (const KeptRow& one : kept) {
    wanted.insert(one.row.key);
  }
  TRY(const auto answers, tools.files.list(options_.folder + "/http"));
  for (const std::string& name : answers) {
    if (!wanted.contains(name)) {
      TRY(tools.files.remove_tree(http_file(name)));
    }
  }
  TRY(const auto names, tools.files.list(options_.folder + "/names"));
  for (const std::string& name : names) {
    if (!wanted.contains(token_of(tools.files, name))) {
      TRY(tools.files.remove_tree(link_of(name)));
    }
  }
  TRY(const auto keys, tools.files.list(options_.folder + "/tls"));
  for (const std::string& name : keys) {
    if (!wanted.contains(name.substr(0, name.find('.')))) {
      TRY(tools.files.remove_tree(fmt::format("{}/tls/{}", options_.folder, name)));
    }
  }
  return {};
}

RowVerdict ApacheChallenges::put(Files& files, const FeedRow& row) {
  std::string fault = fault_of(row);
  if (!fault.empty()) {
    return challenge_refused(std::move(fault));
  }
  if (std::get<ChallengeRow>(row.content).type == kHttp) {
    return challenge_verdict(put_http(files, row));
  }
  return put_tls(files, row);
}

Status ApacheChallenges::put_http(Files& files, const FeedRow& row) const {
  const std::string& answer = std::get<ChallengeRow>(row.content).key_authorization;
  const std::string file = http_file(row.key);
  if (files.read(file).value_or("") == answer) {
    return {};
  }
  return write(files, file, answer);
}

// An authority asks only when the row was proven, and after a crash all rows are told again: so a
// file need not appear at once, and is not synced, which would take longer than all else.
Status ApacheChallenges::write(Files& files, const std::string& path,
                               const std::string& content) const {
  TRY(files.remove_tree(path));
  return files.write_new(path, content, 0640, {.user = "", .group = options_.group});
}

RowVerdict ApacheChallenges::put_tls(Files& files, const FeedRow& row) {
  const auto& challenge = std::get<ChallengeRow>(row.content);
  const std::string name = server_name(challenge.identifier);
  const std::string other = token_of(files, name);
  if (!other.empty() && other != row.key) {
    const auto newer = read_key_file(files, other);
    if (newer && newer->seq > row.seq) {
      return challenge_refused(fmt::format("the newer challenge {} is shown for {}", other, name));
    }
  }
  const auto before = read_key_file(files, row.key);
  const bool fits = before && before->name == name && before->seq == row.seq &&
                    before->digest == sha256_hex(challenge.key_authorization) &&
                    before->until > SystemClock{}.now() + kLeastLeft;
  if (!fits) {
    if (const Status made = make_key_file(files, row, name); !made) {
      return challenge_later(describe(made.error()));
    }
  }
  if (other == row.key) {
    return {};
  }
  return challenge_verdict(files.swap_link(fmt::format("../tls/{}.pem", row.key), link_of(name)));
}

Status ApacheChallenges::make_key_file(Files& files, const FeedRow& row,
                                       const std::string& name) const {
  const auto& challenge = std::get<ChallengeRow>(row.content);
  const std::string digest = sha256(challenge.key_authorization);
  TRY(const auto key, net::make_private_key());
  TRY(const auto certificate,
      net::make_challenge_certificate(key, challenge.identifier, digest, SystemClock{}.now()));
  const std::string text =
      fmt::format("{} {} {}\n{}{}", name, row.seq, hex(digest), key.reveal(), certificate);
  return write(files, key_file(row.key), text);
}

Status ApacheChallenges::drop(Files& files, const std::string& token) {
  TRY(files.remove_tree(http_file(token)));
  const auto shown = read_key_file(files, token);
  if (shown) {
    if (token_of(files, shown->name) == token) {
      TRY(files.remove_tree(link_of(shown->name)));
    }
    removed_[token] = *shown;
  }
  return files.remove_tree(key_file(token));
}

Result<ApacheChallenges::Shown> ApacheChallenges::read_key_file(Files& files,
                                                                const std::string& token) const {
  TRY(const auto text, files.read(key_file(token)));
  TRY(const auto certificate, net::read_certificate(text));
  const std::string_view line = std::string_view(text).substr(0, text.find('\n'));
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  const auto seq = first < last && last != line.npos
                       ? parse_number<std::uint64_t>(line.substr(first + 1, last - first - 1))
                       : std::nullopt;
  if (!seq) {
    return fail(ErrorKind::invalid, "challenge_file",
                fmt::format("{} does not begin with what it is for", key_file(token)));
  }
  return Shown{.name = std::string(line.substr(0, first)),
               .seq = *seq,
               .digest = std::string(line.substr(last + 1)),
               .fingerprint = certificate.fingerprint,
               .until = certificate.not_after};
}

std::string ApacheChallenges::token_of(Files& files, const std::string& name) const {
  const std::string target = files.read_link(link_of(name)).value_or("");
  const std::size_t slash = target.rfind('/');
  return slash == target.npos ? "" : target.substr(slash + 1, target.rfind('.') - slash - 1);
}

std::vector<RowVerdict> ApacheChallenges::prove(std::span<const FeedRow> rows,
                                                std::chrono::milliseconds timeout) {
  const auto web =
      net::HttpClient::make({.base_url = fmt::format("http://{}:{}", kLocal, options_.http_port),
                             .connect_timeout = timeout,
                             .timeout = timeout,
                             .most_body = kMostAnswer});
  if (!web) {
    return {rows.size(), challenge_later(describe(web.error()))};
  }
  std::vector<RowVerdict> verdicts;
  for (const FeedRow& row : rows) {
    verdicts.push_back(row.deleted ? is_gone(**web, row.key, timeout)
                                   : is_answered(**web, row, timeout));
  }
  return verdicts;
}

Result<std::string> ApacheChallenges::answer(net::HttpClient& web, const std::string& host,
                                             const std::string& token) {
  TRY(const auto response,
      web.send({.path = "/.well-known/acme-challenge/" + token,
                .headers = {{"Host", host_of(host)}, {"User-Agent", "podplay-probe"}}}));
  return response.status == 200 ? response.body : std::string();
}

Result<std::string> ApacheChallenges::shown(const std::string& name,
                                            std::chrono::milliseconds timeout) const {
  TRY(const auto client, net::LineClient::connect(kLocal, options_.https_port, timeout));
  const Status done = client->start_tls(name, kProtocol);
  if (!done && done.error().kind == ErrorKind::timeout) {
    return std::unexpected(done.error());
  }
  if (!done) {
    return std::string();
  }
  return client->fingerprint();
}

RowVerdict ApacheChallenges::is_answered(net::HttpClient& web, const FeedRow& row,
                                         std::chrono::milliseconds timeout) const {
  const auto& challenge = std::get<ChallengeRow>(row.content);
  if (challenge.type == kHttp) {
    const auto seen = answer(web, challenge.identifier, row.key);
    if (!seen) {
      return challenge_later(describe(seen.error()));
    }
    return *seen == challenge.key_authorization
               ? RowVerdict{}
               : challenge_later(fmt::format("port {} answers '{}' for the challenge {} of {}",
                                             options_.http_port, *seen, row.key,
                                             challenge.identifier));
  }
  RealFiles files;
  const auto wanted = read_key_file(files, row.key);
  if (!wanted) {
    return challenge_later(describe(wanted.error()));
  }
  const auto seen = shown(wanted->name, timeout);
  if (!seen) {
    return challenge_later(describe(seen.error()));
  }
  return *seen == wanted->fingerprint
             ? RowVerdict{}
             : challenge_later(fmt::format("port {} does not show the challenge {} for {}",
                                           options_.https_port, row.key, wanted->name));
}

// A deleted row does not say of which type it was. Apache answers a token on every name, so any
// will do.
RowVerdict ApacheChallenges::is_gone(net::HttpClient& web, const std::string& token,
                                     std::chrono::milliseconds timeout) {
  const auto seen = answer(web, "localhost", token);
  if (!seen) {
    return challenge_later(describe(seen.error()));
  }
  if (seen->starts_with(token + ".")) {
    return challenge_later(
        fmt::format("port {} still answers the challenge {}", options_.http_port, token));
  }
  const auto removed = removed_.find(token);
  if (removed == removed_.end()) {
    return {};
  }
  const auto certificate = shown(removed->second.name, timeout);
  if (!certificate) {
    return challenge_later(describe(certificate.error()));
  }
  if (*certificate == removed->second.fingerprint) {
    return challenge_later(fmt::format("port {} still shows the challenge {} for {}",
                                       options_.https_port, token, removed->second.name));
  }
  removed_.erase(removed);
  return {};
}

}  // namespace podplay::daemons
