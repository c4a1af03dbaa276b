// A server on 127.0.0.1 that shows the certificate which the test gave it for a name, with TLS from
// the start or after a dialogue.
#pragma once

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/signing_key.hpp"
#include "net/x509.hpp"

namespace podplay::net::test {

struct Pair {
  // Leaf and chain in PEM.
  std::string chain;
  std::string key;
  std::string fingerprint;
};

// Signed by an authority of its own.
inline Pair make_certificate(const std::vector<std::string>& names) {
  const WallTime now = SystemClock{}.now();
  static const auto authority = make_authority("Test CA", std::chrono::days(30), now).value();
  const Secret key = make_private_key().value();
  Pair pair;
  pair.chain =
      issue_certificate(authority, key, names.front(), names, std::chrono::hours(24), now).value();
  pair.key = key.reveal();
  pair.fingerprint = read_certificate(pair.chain).value().fingerprint;
  return pair;
}

class TlsServer {
 public:
  // What the server says first, and its replies to each line of the client; the handshake follows.
  struct Dialogue {
    std::string greeting;
    std::vector<std::string> replies;
  };
  // The empty name: clients that ask for no other. A name with an empty chain: no handshake.
  using Certificates = std::map<std::string, Pair>;

  explicit TlsServer(Certificates certificates, Dialogue dialogue = {})
      : certificates_(std::move(certificates)),
        dialogue_(std::move(dialogue)),
        context_(SSL_CTX_new(TLS_server_method())),
        fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    // Clients hang up as soon as they have seen the certificate.
    ::signal(SIGPIPE, SIG_IGN);
    SSL_CTX_set_cert_cb(context_, choose, this);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(fd_, 16);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~TlsServer() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
    SSL_CTX_free(context_);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  int port() const { return port_; }
  int asked() const { return asked_; }
  void show(const std::string& name, const Pair& pair) {
    const std::scoped_lock lock(mutex_);
    certificates_[name] = pair;
  }

 private:
  static int choose(SSL* ssl, void* self) {
    const char* asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    const Pair pair = static_cast<TlsServer*>(self)->certificate_of(asked == nullptr ? "" : asked);
    if (pair.chain.empty()) {
      return 0;
    }
    BIO* chain = BIO_new_mem_buf(pair.chain.data(), static_cast<int>(pair.chain.size()));
    BIO* text = BIO_new_mem_buf(pair.key.data(), static_cast<int>(pair.key.size()));
    X509* leaf = PEM_read_bio_X509(chain, nullptr, nullptr, nullptr);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(text, nullptr, nullptr, nullptr);
    const bool used = SSL_use_certificate(ssl, leaf) == 1 && SSL_use_PrivateKey(ssl, key) == 1;
    X509_free(leaf);
    EVP_PKEY_free(key);
    BIO_free(chain);
    BIO_free(text);
    return used ? 1 : 0;
  }
  Pair certificate_of(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    const auto found = certificates_.find(name);
    return found == certificates_.end() ? certificates_[""] : found->second;
  }
  void run() {
    for (;;) {
      const int client = ::accept(fd_, nullptr, nullptr);
      if (client < 0) {
        return;
      }
      ++asked_;
      serve(client);
      ::close(client);
    }
  }
  void serve(int client) const {
    const auto say = [&](const std::string& text) {
      static_cast<void>(::send(client, text.data(), text.size(), MSG_NOSIGNAL));
    };
    if (!dialogue_.greeting.empty()) {
      say(dialogue_.greeting);
    }
    for (const std::string& reply : dialogue_.replies) {
      char line[1024];
      if (::recv(client, line, sizeof line, 0) <= 0) {
        return;
      }
      say(reply);
    }
    SSL* ssl = SSL_new(context_);
    SSL_set_fd(ssl, client);
    if (SSL_accept(ssl) == 1) {
      char rest[64];
      SSL_read(ssl, rest, sizeof rest);
    }
    SSL_free(ssl);
  }

  std::mutex mutex_;
  // Guarded by mutex_.
  Certificates certificates_;

  const Dialogue dialogue_;
  SSL_CTX* context_;
  int fd_;
  int port_ = 0;
  std::atomic<int> asked_ = 0;
  std::thread thread_;
};

}  // namespace podplay::net::test
