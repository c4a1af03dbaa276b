// A thread never waits for a client that does not take its answer: answers are gathered, sent as
// far as the socket takes them, and the rest goes back to the waiting room. Only an answer in
// pieces, which is too long to be gathered, waits for its client.
#include "net/plain_server.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "net/peer_stream.hpp"
#include "net/request_length.hpp"

namespace podplay::net {
namespace {

using namespace std::chrono;

// A body must come within this time, and a second more for each 4 KiB.
constexpr seconds kBodyDeadline{30};
constexpr std::size_t kSlowestBody = 4U << 10;
// The next piece of an answer waits while more octets than this are not sent.
constexpr std::size_t kMostGathered = 1U << 20;
// An answer that is made slowly, piece after piece, is sent as often as this. A piece that comes
// later than this after the one before is sent at once.
constexpr milliseconds kSendingPeriod{20};
// Octets of a head that are taken at once.
constexpr std::size_t kHeadPiece = 4U << 10;
// A client must take some of an answer in pieces within this time.
constexpr milliseconds kTakingDeadline{30'000};

class Conversation final : public PeerStream {
 public:
  Conversation(int socket, const std::string& address, milliseconds read_timeout)
      : PeerStream(address), socket_(socket), read_timeout_(read_timeout) {}

  // Sends what the socket takes now. Returns false when the connection is gone.
  bool send_now() {
    std::size_t done = 0;
    bool there = true;
    while (there && done < unsent_.size()) {
      const ssize_t sent = ::send(socket_, unsent_.data() + done, unsent_.size() - done,
                                  MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EAGAIN) {
        break;
      }
      there = sent > 0;
      done = there ? done + static_cast<std::size_t>(sent) : unsent_.size();
    }
    unsent_.erase(0, done);
    return there;
  }
  std::string take_unsent() { return std::move(unsent_); }

  bool is_readable() const override { return used_ < head_.size() || wait_for_octets(); }
  bool is_writable() const override { return true; }

  ssize_t read(char* to, size_t size) override {
    if (used_ == head_.size() && !whole_head_) {
      take_head();
    }
    if (used_ < head_.size()) {
      const std::size_t count = std::min(size, head_.size() - used_);
      std::memcpy(to, head_.data() + used_, count);
      used_ += count;
      return static_cast<ssize_t>(count);
    }
    // A client may wait for "100 Continue".
    return send_now() ? receive(to, size, 0) : -1;
  }

  // The whole of an ordinary answer comes with one call, which never waits.
  ssize_t write(const char* from, size_t size) override {
    while (unsent_.size() > kMostGathered) {
      if (!wait_until_taken() || !send_now()) {
        return -1;
      }
    }
    unsent_.append(from, size);
    const auto now = steady_clock::now();
    if (now >= last_sent_ + kSendingPeriod) {
      last_sent_ = now;
      return send_now() ? static_cast<ssize_t>(size) : -1;
    }
    return static_cast<ssize_t>(size);
  }

  // The library would refuse a number that does not fit into an fd_set. It does not use the socket.
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  // The library reads a head octet by octet. It is taken in large pieces here, and nothing behind
  // its end: that may be another request, which the waiting room looks at.
  void take_head() {
    std::array<char, kHeadPiece> piece;
    const ssize_t come = receive(piece.data(), piece.size(), MSG_PEEK);
    const std::string_view seen(piece.data(), come > 0 ? static_cast<std::size_t>(come) : 0);
    const std::size_t end = seen.find(kEndOfHead);
    head_.clear();
    used_ = 0;
    whole_head_ = end != seen.npos || seen.size() < kEndOfHead.size();
    if (seen.size() < kEndOfHead.size()) {
      return;
    }
    // A piece may end within the mark of the end.
    const std::size_t wanted =
        whole_head_ ? end + kEndOfHead.size() : seen.size() - (kEndOfHead.size() - 1);
    const ssize_t taken = receive(piece.data(), wanted, 0);
    head_.assign(piece.data(), taken > 0 ? static_cast<std::size_t>(taken) : 0);
  }

  // Waits until octets have come. Returns how many; 0 at the end; -1 when none came in time.
  ssize_t receive(char* to, std::size_t size, int flags) {
    for (;;) {
      const ssize_t count = ::recv(socket_, to, size, flags | MSG_DONTWAIT);
      if (count >= 0) {
        read_ += (flags & MSG_PEEK) == 0 ? static_cast<std::size_t>(count) : 0;
        return count;
      }
      if ((errno != EAGAIN && errno != EINTR) || !wait_for_octets()) {
        return -1;
      }
    }
  }

  bool wait_for_octets() const {
    const auto deadline = begun_ + kBodyDeadline + seconds(read_ / kSlowestBody);
    const auto left = duration_cast<milliseconds>(deadline - steady_clock::now());
    const auto wait = std::min(left, read_timeout_);
    pollfd one{.fd = socket_, .events = POLLIN, .revents = 0};
    return wait.count() > 0 && ::poll(&one, 1, static_cast<int>(wait.count())) > 0;
  }

  bool wait_until_taken() const {
    pollfd one{.fd = socket_, .events = POLLOUT, .revents = 0};
    return ::poll(&one, 1, static_cast<int>(kTakingDeadline.count())) > 0;
  }

  const int socket_;
  const milliseconds read_timeout_;
  const steady_clock::time_point begun_ = steady_clock::now();
  std::size_t read_ = 0;
  // A piece of the head, of which the library has read `used_` octets.
  std::string head_;
  std::size_t used_ = 0;
  // No octet of the head is in the socket.
  bool whole_head_ = false;
  steady_clock::time_point last_sent_ = begun_;
  std::string unsent_;
};

}  // namespace

Served PlainServer::serve(int socket, const std::string& address) {
  Conversation conversation(socket, address, read_timeout_);
  bool closed = false;
  const bool fine = answer_one(conversation, address, closed, nullptr);
  const bool there = conversation.send_now();
  return {.rest = conversation.take_unsent(), .keep = fine && !closed && there};
}

}  // namespace podplay::net
