// One line of Postfix or Dovecot about one message, read at the daemons' own fixed positions. What
// a client chose (addresses, HELO, Message-ID, the remote server's words) may hold any text, such
// as "status=sent": it is taken as a value and never looked through for facts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "logs/line.hpp"

namespace podplay::control {

struct TraceLine {
  enum class Kind {
    // A client began a message: `peer`, `login`.
    client,
    // A program of this pod handed it in: `from`.
    pickup,
    // `message_id`.
    message_id,
    // The queue manager took it up: `from`, `size`.
    queued,
    // One try for one recipient: `to`, `via`, `peer`, `dsn`, `status`, `words`.
    delivery,
    // What a remote server said before another was tried: `words`.
    said,
    // A client was refused: `peer`, `from`, `to`, `login`, `words`. No queue id: at RCPT or before.
    refused,
    // A milter of ours refused it; the same fields.
    checked,
    // The client left before the message was complete.
    cancelled,
    // It waited too long, or was expired by hand: `status`.
    returned,
    // A report about it was made: `other_id`, `words` says which.
    notified,
    // By hand.
    held,
    released,
    expired,
    deleted,
    requeued,
    // It left the queue.
    removed,
    // Dovecot filed it, or did what a Sieve script says: `to`, `session`, `words`.
    filed,
  };

  Kind kind = Kind::queued;
  std::string time{};
  std::string queue_id{};
  std::string from{};
  std::string to{};
  // The alias that was asked for (orig_to).
  std::string via{};
  // "name[192.0.2.1]", or the relay.
  std::string peer{};
  // Who had logged in.
  std::string login{};
  std::string message_id{};
  std::string size{};
  std::string dsn{};
  // sent, deferred, bounced, expired ...
  std::string status{};
  std::string words{};
  std::string other_id{};
  // Dovecot's, of one delivery.
  std::string session{};
  // The envelope of a refusal could not be told apart from what the client wrote into it.
  bool unclear = false;
};

// Nothing for a line that is not about a message.
std::optional<TraceLine> read_trace_line(const logs::LogLine& line);

// Whether the text can be a queue id, short or long: no word of a sentence is one.
bool is_trace_id(std::string_view text);

// Takes "<address>" off the front, as Postfix writes it (RFC 5321 section 4.1.2: the local part may
// be quoted and hold any character then). Nothing when it does not begin with one.
std::optional<std::string> take_traced_address(std::string_view& rest);

// The session of Dovecot in the reply to a delivery by LMTP; empty when there is none.
std::string delivery_session(const TraceLine& delivery);

// What Dovecot did with the message: the words behind its Message-ID. Nothing when they cannot be
// told apart from it.
std::optional<std::string> filed_action(const TraceLine& filed, std::string_view message_id);

}  // namespace podplay::control
