// The control channel's messages. All integers are big-endian:
//
//   uint32 length of what follows, uint32 version (1), then a table
//   table: for each entry uint8 key length, key, uint8 type, uint32 length, value
//
// The first entry is "_auth", a table with the one entry "hsha": an octet that names the algorithm
// and 88 octets of base64, padded with zeros. It signs everything behind itself: "_ctrl" (serial,
// times, nonce) and "_data" (the command, or result, text and err of an answer).
#include "net/control_channel.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>

#include "base/encoding.hpp"

namespace podplay::net {
namespace {

using namespace std::chrono;

constexpr char kBinary = 1;
constexpr char kTable = 2;
// BIND's number for HMAC-SHA256.
constexpr char kHmacSha256 = static_cast<char>(163);
constexpr std::size_t kSignatureRoom = 88;
// The version, then the entry "_auth".
constexpr std::size_t kVersionSize = 4;
constexpr std::size_t kAuthSize = 1 + 5 + 1 + 4 + (1 + 4 + 1 + 4 + 1 + kSignatureRoom);
// Where the 88 octets begin.
constexpr std::size_t kSignatureAt = kVersionSize + kAuthSize - kSignatureRoom;
// The limit of an answer. named sends far less.
constexpr std::size_t kMostOctets = 8U << 20;
// Seconds that a message is valid for.
constexpr std::int64_t kLife = 60;

using Fields = std::map<std::string, std::string, std::less<>>;

std::string uint32_octets(std::size_t value) {
  std::string octets;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    octets += static_cast<char>((value >> shift) & 0xff);
  }
  return octets;
}

std::size_t read_uint32(std::string_view octets) {
  std::size_t value = 0;
  for (const char octet : octets.substr(0, 4)) {
    value = value << 8 | static_cast<unsigned char>(octet);
  }
  return value;
}

std::string entry(std::string_view key, char type, std::string_view value) {
  std::string text(1, static_cast<char>(key.size()));
  text += key;
  text += type;
  text += uint32_octets(value.size());
  text += value;
  return text;
}

std::string signature(const Secret& key, std::string_view signed_octets) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const std::string& secret = key.reveal();
  ::HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(signed_octets.data()), signed_octets.size(),
         digest.data(), &size);
  std::string text = base64({reinterpret_cast<const char*>(digest.data()), size});
  text.resize(kSignatureRoom, '\0');
  return text;
}

std::unexpected<Error> no_channel_answer(std::string_view why) {
  return fail(ErrorKind::unavailable, "control_channel",
              fmt::format("named does not answer on its control channel: {}", why));
}

// Adds the entries of a table, those of nested tables as "outer.inner". False when it is cut.
bool read_table(std::string_view table, const std::string& prefix, Fields& fields) {
  while (!table.empty()) {
    const std::size_t key_size = static_cast<unsigned char>(table.front());
    const std::size_t head = 1 + key_size + 1 + 4;
    if (table.size() < head) {
      return false;
    }
    const std::string key = prefix + std::string(table.substr(1, key_size));
    const char type = table[1 + key_size];
    const std::size_t size = read_uint32(table.substr(head - 4));
    if (table.size() - head < size) {
      return false;
    }
    const std::string_view value = table.substr(head, size);
    if (type != kTable) {
      fields[key] = value;
    } else if (!prefix.empty() || !read_table(value, key + ".", fields)) {
      // Tables are nested once; anything deeper is not an answer of named.
      return false;
    }
    table.remove_prefix(head + size);
  }
  return true;
}

std::string field(const Fields& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : found->second;
}

bool wait_for(int fd, short events, steady_clock::time_point deadline) {
  const auto left = ceil<milliseconds>(deadline - steady_clock::now()).count();
  pollfd wait{fd, events, 0};
  return left > 0 && ::poll(&wait, 1, static_cast<int>(left)) == 1;
}

Status send_all(int fd, std::string_view octets, steady_clock::time_point deadline) {
  while (!octets.empty()) {
    if (!wait_for(fd, POLLOUT, deadline)) {
      return no_channel_answer("the command could not be sent in time");
    }
    const ssize_t sent = ::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      return no_channel_answer(std::strerror(errno));
    }
    octets.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  }
  return {};
}

Result<std::string> receive(int fd, std::size_t size, steady_clock::time_point deadline) {
  std::string octets(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    if (!wait_for(fd, POLLIN, deadline)) {
      return no_channel_answer("nothing came in time");
    }
    const ssize_t got = ::recv(fd, octets.data() + have, size - have, MSG_DONTWAIT);
    if (got == 0) {
      // This is also how named answers a wrong key.
      return no_channel_answer("it closed the connection");
    }
    if (got < 0 && errno != EAGAIN && errno != EINTR) {
      return no_channel_answer(std::strerror(errno));
    }
    have += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  }
  return octets;
}

}  // namespace

Result<Secret> read_bind_key(std::string_view text) {
  constexpr std::string_view kBefore = "secret \"";
  const std::size_t begin = text.find(kBefore);
  const std::size_t end = begin == text.npos ? text.npos : text.find('"', begin + kBefore.size());
  if (end == text.npos || text.find("hmac-sha256") == text.npos) {
    return fail(ErrorKind::io, "bind_key", "the key file holds no hmac-sha256 key",
                "remove the file and restart the container: the agent makes a new one");
  }
  TRY(auto secret, from_base64(text.substr(begin + kBefore.size(), end - begin - kBefore.size())));
  return Secret(std::move(secret));
}

Result<std::unique_ptr<ControlChannel>> ControlChannel::connect(int port, Secret key,
                                                                milliseconds timeout) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return no_channel_answer(std::strerror(errno));
  }
  std::unique_ptr<ControlChannel> channel(new ControlChannel(fd, std::move(key), timeout));
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return no_channel_answer(std::strerror(errno));
  }
  // named answers the first message with the nonce, and does not run it.
  TRY(channel->exchange("null"));
  return channel;
}

ControlChannel::ControlChannel(int fd, Secret key, milliseconds timeout)
    : fd_(fd),
      key_(std::move(key)),
      timeout_(timeout),
      serial_(static_cast<std::uint32_t>(steady_clock::now().time_since_epoch().count())) {}

ControlChannel::~ControlChannel() { ::close(fd_); }

Result<std::string> ControlChannel::run(const std::string& command) { return exchange(command); }

Result<std::string> ControlChannel::exchange(const std::string& command) {
  const auto deadline = steady_clock::now() + timeout_;
  const std::int64_t now = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
  std::string control = entry("_ser", kBinary, std::to_string(++serial_)) +
                        entry("_tim", kBinary, std::to_string(now)) +
                        entry("_exp", kBinary, std::to_string(now + kLife));
  if (!nonce_.empty()) {
    control += entry("_nonce", kBinary, nonce_);
  }
  const std::string body =
      entry("_ctrl", kTable, control) + entry("_data", kTable, entry("type", kBinary, command));
  const std::string proof = std::string(1, kHmacSha256) + signature(key_, body);
  const std::string message =
      uint32_octets(1) + entry("_auth", kTable, entry("hsha", kBinary, proof)) + body;
  TRY(send_all(fd_, uint32_octets(message.size()) + message, deadline));

  TRY(const auto length, receive(fd_, 4, deadline));
  const std::size_t size = read_uint32(length);
  if (size < kVersionSize + kAuthSize || size > kMostOctets) {
    return no_channel_answer(fmt::format("an answer of {} octets is not one of its own", size));
  }
  TRY(const auto answer, receive(fd_, size, deadline));
  const std::string_view signed_octets = std::string_view(answer).substr(kVersionSize + kAuthSize);
  if (!equal_constant_time(answer.substr(kSignatureAt, kSignatureRoom),
                           signature(key_, signed_octets))) {
    return no_channel_answer("the answer is signed with another key");
  }
  Fields fields;
  if (!read_table(signed_octets, "", fields)) {
    return no_channel_answer("the answer cannot be read");
  }
  nonce_ = field(fields, "_ctrl._nonce");
  const std::string result = field(fields, "_data.result");
  const std::string text = field(fields, "_data.text");
  if (!result.empty() && result != "0") {
    const std::string words = field(fields, "_data.err");
    return fail(ErrorKind::refused, "named_refused",
                fmt::format("named refused '{}': {}{}{}", command.substr(0, command.find(" {")),
                            words, text.empty() ? "" : ": ", text));
  }
  return text;
}

}  // namespace podplay::net
