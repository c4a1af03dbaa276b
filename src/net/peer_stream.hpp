// What the connections of our servers tell cpp-httplib about who is at the other end. Internal to
// net.
#pragma once

#include <httplib.h>

#include <string>

namespace podplay::net {

// An address without its port: "192.0.2.1", "2001:db8::1". Empty for another family.
std::string address_text(const sockaddr_storage& from);

class PeerStream : public httplib::Stream {
 public:
  // `address` must outlive the stream.
  explicit PeerStream(const std::string& address) : address_(address) {}

  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = address_;
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }

 private:
  const std::string& address_;
};

}  // namespace podplay::net
