// Challenges of certificate authorities that Apache answers (RFC 8555 section 8.3, RFC 8737).
// mod_podplay reads the files here when somebody asks (services/apache/module/challenges.c), so
// Apache is never reloaded for them.
#pragma once

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "daemons/rows.hpp"
#include "net/http.hpp"

namespace podplay::daemons {

struct ChallengeOptions {
  // http/TOKEN: the key authorization. tls/TOKEN.pem: key and certificate. names/NAME: a link to
  // the one that is shown for this server name.
  std::string folder = "/data/service/challenges";
  // Apache's workers, which read the keys. Empty: files stay the agent's.
  std::string group = "www-data";
  int http_port = 80;
  int https_port = 443;
};

// Used by one thread at a time.
class ApacheChallenges {
 public:
  explicit ApacheChallenges(ChallengeOptions options = {});

  // Makes the folders.
  Status prepare() const;
  // Gives a verdict for each row. Of several tls-alpn-01 challenges for one name the newest is
  // shown; the others are refused, and tried again later. The first call of an agent also removes
  // what is left of rows that the replica does not know.
  std::vector<RowVerdict> apply(RowTools& tools, std::span<const FeedRow> rows);
  // Asks Apache, as an authority would: http-01 by GET on port 80, tls-alpn-01 by a handshake on
  // port 443.
  std::vector<RowVerdict> prove(std::span<const FeedRow> rows, std::chrono::milliseconds timeout);

 private:
  // What the first line of tls/TOKEN.pem says.
  struct Shown {
    std::string name;
    std::uint64_t seq = 0;
    // Of the key authorization: SHA-256, hexadecimal.
    std::string digest;
    // Of the certificate.
    std::string fingerprint;
    WallTime until{};
  };

  std::string http_file(const std::string& token) const;
  std::string key_file(const std::string& token) const;
  std::string link_of(const std::string& name) const;
  Status remove_strangers(RowTools& tools) const;
  RowVerdict put(Files& files, const FeedRow& row);
  Status put_http(Files& files, const FeedRow& row) const;
  Status write(Files& files, const std::string& path, const std::string& content) const;
  RowVerdict put_tls(Files& files, const FeedRow& row);
  Status make_key_file(Files& files, const FeedRow& row, const std::string& name) const;
  Status drop(Files& files, const std::string& token);
  Result<Shown> read_key_file(Files& files, const std::string& token) const;
  // The token whose certificate is shown for a name; empty when there is none.
  std::string token_of(Files& files, const std::string& name) const;
  // What Apache answers for a token on port 80; empty for anything but 200.
  static Result<std::string> answer(net::HttpClient& web, const std::string& host,
                                    const std::string& token);
  // The fingerprint that Apache shows to an authority; empty when it declines the handshake.
  Result<std::string> shown(const std::string& name, std::chrono::milliseconds timeout) const;
  RowVerdict is_answered(net::HttpClient& web, const FeedRow& row,
                         std::chrono::milliseconds timeout) const;
  RowVerdict is_gone(net::HttpClient& web, const std::string& token,
                     std::chrono::milliseconds timeout);

  // Constant after construction.
  const ChallengeOptions options_;

  // Owned by the calling thread.
  bool strangers_removed_ = false;
  // By token: certificates that were removed and not yet seen to be gone.
  std::map<std::string, Shown> removed_;
};

}  // namespace podplay::daemons
