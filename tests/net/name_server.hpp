// A name server of the test's own on 127.0.0.1, over UDP and TCP, that answers from a table.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace podplay::test {

class NameServer {
 public:
  NameServer() {
    // The same port for both; the kernel's choice for UDP may be in use for TCP.
    for (int tries = 0; tries < 20; ++tries) {
      udp_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      tcp_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socklen_t size = sizeof address;
      ::bind(udp_, reinterpret_cast<sockaddr*>(&address), size);
      ::getsockname(udp_, reinterpret_cast<sockaddr*>(&address), &size);
      if (::bind(tcp_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
          ::listen(tcp_, 8) == 0) {
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
        return;
      }
      ::close(udp_);
      ::close(tcp_);
    }
    throw std::runtime_error("no port for a name server");
  }
  ~NameServer() {
    ending_ = true;
    thread_.join();
    ::close(udp_);
    ::close(tcp_);
  }
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  int port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int questions() const { return questions_; }
  int questions_over_tcp() const { return over_tcp_; }

  // Types: A, AAAA, CNAME, NS, TXT (one string), CAA ("0 issue ca.test"), SOA (a serial).
  void add(const std::string& name, const std::string& type, const std::string& data) {
    const std::scoped_lock lock(mutex_);
    records_[name].emplace_back(type, data);
  }
  void fail(const std::string& name, int rcode) {
    const std::scoped_lock lock(mutex_);
    rcodes_[name] = rcode;
  }

  // It receives and says nothing.
  std::atomic<bool> silent{false};
  // Answers over UDP are cut.
  std::atomic<bool> truncates{false};
  // It looks up other people's names; otherwise it leaves the target of a CNAME to the client.
  std::atomic<bool> recursive{true};
  std::atomic<bool> authoritative{false};

 private:
  struct Number {
    const char* name;
    int value;
  };
  static constexpr Number kTypes[] = {{"A", 1},    {"NS", 2},    {"CNAME", 5}, {"SOA", 6},
                                      {"TXT", 16}, {"AAAA", 28}, {"CAA", 257}};

  static std::string two(unsigned value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
  }
  static std::string wire_name(std::string name) {
    std::string wire;
    while (!name.empty()) {
      const std::string label = name.substr(0, name.find('.'));
      wire += static_cast<char>(label.size());
      wire += label;
      name.erase(0, label.size() + 1);
    }
    return wire + '\0';
  }
  static std::string wire_data(const std::string& type, const std::string& data) {
    if (type == "A" || type == "AAAA") {
      std::string octets(type == "A" ? 4 : 16, '\0');
      ::inet_pton(type == "A" ? AF_INET : AF_INET6, data.c_str(), octets.data());
      return octets;
    }
    if (type == "TXT") {
      return static_cast<char>(data.size()) + data;
    }
    if (type == "CAA") {
      const std::size_t first = data.find(' ');
      const std::size_t second = data.find(' ', first + 1);
      const std::string tag = data.substr(first + 1, second - first - 1);
      return std::string(1, static_cast<char>(std::stoi(data.substr(0, first)))) +
             static_cast<char>(tag.size()) + tag + data.substr(second + 1);
    }
    if (type == "SOA") {
      const auto serial = static_cast<unsigned>(std::stoul(data));
      return wire_name("ns1.test") + wire_name("admin.test") + two(serial >> 16) +
             two(serial & 0xffff) + std::string(16, '\0');
    }
    return wire_name(data);
  }
  static std::string record(const std::string& name, const std::string& type,
                            const std::string& data) {
    const std::string octets = wire_data(type, data);
    unsigned number = 0;
    for (const Number& one : kTypes) {
      number = type == one.name ? static_cast<unsigned>(one.value) : number;
    }
    return wire_name(name) + two(number) + two(1) + two(0) + two(60) +
           two(static_cast<unsigned>(octets.size())) + octets;
  }

  std::string answer(const std::string& question, bool tcp) {
    const std::scoped_lock lock(mutex_);
    std::string name;
    std::size_t at = 12;
    while (question.at(at) != '\0') {
      const auto size = static_cast<std::size_t>(question.at(at));
      name += (name.empty() ? "" : ".") + question.substr(at + 1, size);
      at += size + 1;
    }
    const std::string asked = question.substr(12, at + 5 - 12);
    const int type = static_cast<unsigned char>(question.at(at + 1)) << 8 |
                     static_cast<unsigned char>(question.at(at + 2));
    std::string records;
    unsigned count = 0;
    int rcode = rcodes_.contains(name) ? rcodes_[name] : 0;
    for (int hops = 0; hops < 10 && rcode == 0; ++hops) {
      std::string next;
      for (const auto& [kind, data] : records_[name]) {
        const bool alias = kind == "CNAME" && type != 5;
        bool wanted = alias;
        for (const Number& one : kTypes) {
          wanted = wanted || (kind == one.name && type == one.value);
        }
        if (wanted) {
          records += record(name, kind, data);
          ++count;
        }
        next = alias ? data : next;
      }
      rcode = exists(name) ? 0 : 3;
      if (next.empty() || !recursive) {
        break;
      }
      name = next;
    }
    const bool cut = truncates && !tcp;
    const unsigned flags = 0x8100U | (authoritative ? 0x0400U : 0U) | (cut ? 0x0200U : 0U) |
                           (recursive ? 0x0080U : 0U) | static_cast<unsigned>(rcode);
    return question.substr(0, 2) + two(flags) + two(1) + two(cut ? 0 : count) + two(0) + two(0) +
           asked + (cut ? std::string() : records);
  }
  bool exists(const std::string& name) const {
    for (const auto& [known, data] : records_) {
      if (!data.empty() && (known == name || known.ends_with("." + name))) {
        return true;
      }
    }
    return false;
  }

  void serve() {
    while (!ending_) {
      pollfd waits[] = {{udp_, POLLIN, 0}, {tcp_, POLLIN, 0}};
      if (::poll(waits, 2, 20) <= 0) {
        continue;
      }
      char octets[4096];
      if (waits[0].revents != 0) {
        sockaddr_in from{};
        socklen_t size = sizeof from;
        const ssize_t got =
            ::recvfrom(udp_, octets, sizeof octets, 0, reinterpret_cast<sockaddr*>(&from), &size);
        ++questions_;
        if (got > 12 && !silent) {
          const std::string text = answer({octets, static_cast<std::size_t>(got)}, false);
          ::sendto(udp_, text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
        }
      }
      if (waits[1].revents != 0) {
        const int client = ::accept(tcp_, nullptr, nullptr);
        const ssize_t got = ::recv(client, octets, sizeof octets, 0);
        ++questions_;
        ++over_tcp_;
        if (got > 14 && !silent) {
          std::string text = answer({octets + 2, static_cast<std::size_t>(got) - 2}, true);
          text = two(static_cast<unsigned>(text.size())) + text;
          static_cast<void>(::send(client, text.data(), text.size(), MSG_NOSIGNAL));
        }
        ::close(client);
      }
    }
  }

  // Constant after construction.
  int udp_ = -1;
  int tcp_ = -1;
  int port_ = 0;
  std::thread thread_;

  std::atomic<bool> ending_{false};
  std::atomic<int> questions_{0};
  std::atomic<int> over_tcp_{0};

  std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> records_;
  std::map<std::string, int> rcodes_;
};

}  // namespace podplay::test
