// One thread, the doorman, owns all waiting connections and looks at what has come without taking
// it (MSG_PEEK). A whole request goes to the pool's queue; a thread answers it and gives the
// connection back. The thread that fell asleep last is called first, and another one is started
// only when all are busy: each thread that ever answers keeps memory of its own (its stack,
// malloc's).
#include "net/waiting_room.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <vector>

#include "net/peer_stream.hpp"
#include "net/request_length.hpp"

namespace podplay::net {
namespace {

using namespace std::chrono;
using Clock = steady_clock;

// How often deadlines are looked at.
constexpr milliseconds kTick{250};
// How long the client may go on sending after the last answer, which it might not read otherwise.
constexpr seconds kDrainDeadline{5};
constexpr std::size_t kSlowestAnswer = 4U << 10;
constexpr int kBacklog = 512;
// What the kernel copies for a client that takes nothing, in octets. By itself it would be up to
// 4 MiB, for each of many such clients.
constexpr int kSendBuffer = 256 << 10;

// Octets. A client that sends more after its last answer does not read it.
constexpr std::size_t kMostDrained = 8U << 20;

// RFC 9110 section 15.5.9.
constexpr std::string_view kTooLate =
    "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

enum class Phase {
  // Nothing of a request has come.
  idle,
  // A part of a request has come.
  arriving,
  // The client has not taken the whole answer yet.
  answering,
  // The last answer is sent; what the client still sends is dropped.
  draining,
};

struct Visitor {
  std::string address;
  Phase phase = Phase::idle;
  Clock::time_point since{};
  Clock::time_point deadline{};
  // Whether any octet of a request has come.
  bool begun = false;
  bool told_to_continue = false;
  std::string rest{};
  // How much of it is sent.
  std::size_t sent = 0;
  bool keep = false;
  std::size_t drained = 0;
};

// A connection on its way to the pool, and back.
struct Work {
  int socket = -1;
  std::string address;
  Served served{};
};

// A thread of the pool that has nothing to do.
struct Sleeper {
  std::condition_variable wake{};
  bool called = false;
};

std::unexpected<Error> cannot_listen(const WaitingRoomOptions& options, int code) {
  if (code == EADDRINUSE) {
    return fail(ErrorKind::conflict, "port_in_use",
                fmt::format("cannot listen on {} port {}", options.address, options.port),
                "end the program that uses the port, or set another one");
  }
  return fail(ErrorKind::io, "cannot_listen",
              fmt::format("cannot listen on {} port {}: {}", options.address, options.port,
                          std::strerror(code)));
}

// A problem document (RFC 9457), written here because wire is above this module.
std::string too_long_answer() {
  constexpr std::string_view kBody =
      R"({"type":"urn:podplay:problem:head_too_long","title":"Too long","status":431,)"
      R"("code":"head_too_long","detail":"the header fields are longer than 32 KiB",)"
      R"("remedy":"send fewer or shorter header fields"})";
  return fmt::format(
      "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: application/problem+json\r\n"
      "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
      kBody.size(), kBody);
}

class Room final : public WaitingRoom {
 public:
  Room(WaitingRoomOptions options, Serve serve)
      : options_(std::move(options)), serve_(std::move(serve)) {}
  ~Room() override {
    stop();
    for (const int one : {epoll_, wake_, listener_}) {
      if (one >= 0) {
        ::close(one);
      }
    }
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  Status open() {
    TRY(listen());
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (epoll_ < 0 || wake_ < 0 || !watch(listener_, EPOLLIN) || !watch(wake_, EPOLLIN)) {
      return cannot_listen(options_, errno);
    }
    peeked_.resize(kLongestHead + kSmallBody + 4);
    coming_ = 1;
    start_thread();
    doorman_ = std::thread([this] { keep_door(); });
    return {};
  }

  int port() const override { return port_; }

  void stop() override {
    const std::scoped_lock one(stop_mutex_);
    if (!doorman_.joinable()) {
      return;
    }
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_doorman();
    doorman_.join();
    {
      const std::scoped_lock lock(mutex_);
      while (Sleeper* sleeper = call_sleeper()) {
        sleeper->wake.notify_one();
      }
    }
    for (std::thread& thread : pool_) {
      thread.join();
    }
    for (const Work& work : back_) {
      ::close(work.socket);
    }
    back_.clear();
  }

 private:
  // --- before the threads ---

  Status listen() {
    sockaddr_storage where{};
    auto& v4 = reinterpret_cast<sockaddr_in&>(where);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(where);
    socklen_t size = sizeof v4;
    if (::inet_pton(AF_INET, options_.address.c_str(), &v4.sin_addr) == 1) {
      v4.sin_family = AF_INET;
      v4.sin_port = htons(static_cast<std::uint16_t>(options_.port));
    } else if (::inet_pton(AF_INET6, options_.address.c_str(), &v6.sin6_addr) == 1) {
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(static_cast<std::uint16_t>(options_.port));
      size = sizeof v6;
    } else {
      return cannot_listen(options_, EINVAL);
    }
    const int yes = 1;
    listener_ = ::socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener_ < 0 || ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        ::bind(listener_, reinterpret_cast<const sockaddr*>(&where), size) != 0 ||
        ::listen(listener_, kBacklog) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&where), &size) != 0) {
      return cannot_listen(options_, errno);
    }
    port_ = ntohs(where.ss_family == AF_INET ? v4.sin_port : v6.sin6_port);
    return {};
  }

  bool watch(int socket, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = socket;
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) == 0;
  }

  void wake_doorman() {
    const std::uint64_t one = 1;
    // The counter can only be full when the doorman is about to wake anyway.
    static_cast<void>(::write(wake_, &one, sizeof one));
  }

  // --- the pool's threads ---

  void answer_requests() {
    Sleeper me;
    {
      const std::scoped_lock lock(mutex_);
      --coming_;
    }
    for (;;) {
      Work work;
      {
        std::unique_lock lock(mutex_);
        while (queue_.empty()) {
          if (stopping_) {
            return;
          }
          me.called = false;
          sleepers_.push_back(&me);
          me.wake.wait(lock, [&me] { return me.called; });
        }
        work = std::move(queue_.front());
        queue_.pop_front();
      }
      work.served = serve_(work.socket, work.address);
      {
        const std::scoped_lock lock(mutex_);
        back_.push_back(std::move(work));
      }
      wake_doorman();
    }
  }

  // Call it with mutex_. The caller notifies the one that it returns; nullptr when all are busy.
  Sleeper* call_sleeper() {
    if (sleepers_.empty()) {
      return nullptr;
    }
    Sleeper* one = sleepers_.back();
    sleepers_.pop_back();
    one->called = true;
    return one;
  }

  // --- the doorman ---

  void keep_door() {
    std::array<epoll_event, 64> events{};
    for (;;) {
      const int wait = waiting_.empty() ? -1 : static_cast<int>(kTick.count());
      const int count = ::epoll_wait(epoll_, events.data(), std::ssize(events), wait);
      for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        if (event.data.fd == listener_) {
          let_in();
        } else if (event.data.fd != wake_) {
          look(event.data.fd, (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
        }
      }
      if (take_back()) {
        break;
      }
      close_late(Clock::now());
    }
    ::close(std::exchange(listener_, -1));
    while (!waiting_.empty()) {
      close(waiting_.begin()->first);
    }
  }

  void let_in() {
    for (;;) {
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      const int socket = ::accept4(listener_, reinterpret_cast<sockaddr*>(&from), &size,
                                   SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (socket < 0) {
        const bool full = errno == EMFILE || errno == ENFILE;
        if (full && make_room()) {
          continue;
        }
        return;
      }
      const int yes = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
      const std::string address = address_text(from);
      if (connections_ >= options_.most_connections && !make_room()) {
        ::close(socket);
        continue;
      }
      ++present_[address];
      ++connections_;
      const auto now = Clock::now();
      put(socket, {.address = address,
                   .phase = Phase::arriving,
                   .since = now,
                   .deadline = now + options_.request_deadline});
    }
  }

  void put(int socket, Visitor connection) {
    const bool sends = connection.phase == Phase::answering;
    waiting_[socket] = std::move(connection);
    if (!watch(socket, EPOLLET | EPOLLRDHUP | (sends ? EPOLLOUT : EPOLLIN))) {
      close(socket);
    }
  }

  // Closes the oldest waiting connection of the address with the most connections. Returns false
  // when none waits.
  bool make_room() {
    int victim = -1;
    std::pair<int, Clock::time_point> most{0, Clock::time_point::max()};
    for (const auto& [socket, connection] : waiting_) {
      const int here = present_[connection.address];
      if (here > most.first || (here == most.first && connection.since < most.second)) {
        most = {here, connection.since};
        victim = socket;
      }
    }
    if (victim >= 0) {
      close(victim);
    }
    return victim >= 0;
  }

  void look(int socket, bool hung_up) {
    const auto found = waiting_.find(socket);
    if (found == waiting_.end()) {
      return;
    }
    switch (found->second.phase) {
      case Phase::idle:
      case Phase::arriving: return look_at_request(socket, found->second, hung_up);
      case Phase::answering: return send_rest(socket, found->second, hung_up);
      case Phase::draining: return drain(socket, found->second);
    }
  }

  void look_at_request(int socket, Visitor& connection, bool hung_up) {
    const ssize_t count = ::recv(socket, peeked_.data(), peeked_.size(), MSG_PEEK | MSG_DONTWAIT);
    if (count <= 0) {
      if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(socket);
      }
      return;
    }
    connection.begun = true;
    if (connection.phase == Phase::idle) {
      connection.phase = Phase::arriving;
      connection.since = Clock::now();
      connection.deadline = connection.since + options_.request_deadline;
    }
    switch (judge_arrival({peeked_.data(), static_cast<std::size_t>(count)})) {
      case Arrival::whole: return hand_over(socket, connection);
      case Arrival::too_long:
        send_now(socket, too_long_answer());
        return begin_draining(socket, connection);
      case Arrival::expects:
        if (!std::exchange(connection.told_to_continue, true)) {
          send_now(socket, kContinue);
        }
        break;
      case Arrival::incomplete: break;
    }
    if (hung_up) {
      close(socket);
    }
  }

  // A short text always fits into an empty send buffer.
  static void send_now(int socket, std::string_view text) {
    static_cast<void>(::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  }

  void hand_over(int socket, Visitor& connection) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
    Work work{.socket = socket, .address = std::move(connection.address)};
    waiting_.erase(socket);
    Sleeper* one = nullptr;
    bool starts = false;
    {
      const std::scoped_lock lock(mutex_);
      queue_.push_back(std::move(work));
      one = call_sleeper();
      // A thread that is being started may be late, and finds the request all the same.
      starts =
          one == nullptr && coming_ < std::ssize(queue_) && std::ssize(pool_) < options_.threads;
      coming_ += starts ? 1 : 0;
    }
    if (one != nullptr) {
      one->wake.notify_one();
    } else if (starts) {
      start_thread();
    }
  }

  // Count it in coming_ before.
  void start_thread() {
    try {
      pool_.emplace_back([this] { answer_requests(); });
    } catch (const std::system_error&) {
      // There are too many threads: one that is busy takes the request when it is done.
      const std::scoped_lock lock(mutex_);
      --coming_;
    }
  }

  // Takes connections back from the pool. Returns whether the room is to be closed.
  bool take_back() {
    std::uint64_t count = 0;
    static_cast<void>(::read(wake_, &count, sizeof count));
    std::vector<Work> back;
    bool stopping = false;
    {
      const std::scoped_lock lock(mutex_);
      back = std::exchange(back_, {});
      stopping = stopping_;
    }
    const auto now = Clock::now();
    for (Work& work : back) {
      Visitor connection{.address = std::move(work.address),
                         .phase = Phase::idle,
                         .since = now,
                         .deadline = now + options_.keep_alive,
                         .rest = std::move(work.served.rest),
                         .keep = work.served.keep};
      if (!connection.rest.empty()) {
        connection.phase = Phase::answering;
        connection.deadline =
            now + options_.answer_deadline + seconds(connection.rest.size() / kSlowestAnswer);
      }
      const bool ends = connection.rest.empty() && !connection.keep;
      put(work.socket, std::move(connection));
      if (const auto found = waiting_.find(work.socket); ends && found != waiting_.end()) {
        begin_draining(work.socket, found->second);
      }
    }
    return stopping;
  }

  void send_rest(int socket, Visitor& connection, bool hung_up) {
    while (connection.sent < connection.rest.size()) {
      const ssize_t sent =
          ::send(socket, connection.rest.data() + connection.sent,
                 connection.rest.size() - connection.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EAGAIN && !hung_up) {
        return;
      }
      if (sent <= 0) {
        return close(socket);
      }
      connection.sent += static_cast<std::size_t>(sent);
    }
    if (!connection.keep) {
      return begin_draining(socket, connection);
    }
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
    const auto now = Clock::now();
    put(socket, {.address = connection.address,
                 .phase = Phase::idle,
                 .since = now,
                 .deadline = now + options_.keep_alive});
  }

  // A socket that is closed with unread octets in it is reset, and the client may lose the answer
  // (RFC 9112 section 9.6).
  void begin_draining(int socket, Visitor& connection) {
    ::shutdown(socket, SHUT_WR);
    connection.phase = Phase::draining;
    connection.deadline = Clock::now() + kDrainDeadline;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event);
  }

  void drain(int socket, Visitor& connection) {
    const ssize_t count = ::recv(socket, peeked_.data(), peeked_.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    }
    connection.drained += count > 0 ? static_cast<std::size_t>(count) : 0;
    if (count <= 0 || connection.drained > kMostDrained) {
      close(socket);
    }
  }

  void close_late(Clock::time_point now) {
    if (now - looked_ < kTick) {
      return;
    }
    looked_ = now;
    std::vector<int> late;
    for (const auto& [socket, connection] : waiting_) {
      if (now >= connection.deadline) {
        late.push_back(socket);
      }
    }
    for (const int socket : late) {
      Visitor& connection = waiting_.at(socket);
      if (connection.phase == Phase::arriving && connection.begun) {
        send_now(socket, kTooLate);
        begin_draining(socket, connection);
      } else {
        close(socket);
      }
    }
  }

  void close(int socket) {
    const auto found = waiting_.find(socket);
    if (--present_[found->second.address] <= 0) {
      present_.erase(found->second.address);
    }
    --connections_;
    waiting_.erase(found);
    ::close(socket);
  }

  // Constant after open().
  const WaitingRoomOptions options_;
  const Serve serve_;
  int epoll_ = -1;
  int wake_ = -1;
  int port_ = 0;

  // Owned by the doorman after open(), until it has ended.
  std::vector<std::thread> pool_;
  int listener_ = -1;
  std::unordered_map<int, Visitor> waiting_;
  // Connections of each address, those in the pool included.
  std::map<std::string, int> present_;
  std::size_t connections_ = 0;
  std::vector<char> peeked_;
  Clock::time_point looked_{};

  std::mutex stop_mutex_;
  // Guarded by stop_mutex_ after open().
  std::thread doorman_;

  std::mutex mutex_;
  // Guarded by mutex_. The last one fell asleep last.
  std::vector<Sleeper*> sleepers_;
  // Threads that were started and have not looked for work yet.
  std::int64_t coming_ = 0;
  std::deque<Work> queue_;
  std::vector<Work> back_;
  bool stopping_ = false;
};

}  // namespace

Result<std::unique_ptr<WaitingRoom>> WaitingRoom::open(WaitingRoomOptions options, Serve serve) {
  auto room = std::make_unique<Room>(std::move(options), std::move(serve));
  TRY(room->open());
  return room;
}

}  // namespace podplay::net
