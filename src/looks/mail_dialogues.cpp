// What SMTP (RFC 5321) and IMAP (RFC 9051) answer to a client that neither logs in nor sends mail.
#include <future>

#include "looks/dialogue.hpp"
#include "looks/rows.hpp"

namespace podplay::looks {
namespace {

// As the probes say it, so that the daemons' lines about it are told apart in the same way.
constexpr const char* kEhlo = "EHLO localhost.localdomain";

LookJson talk_smtp(const std::string& address, int port, const std::string& host) {
  Dialogue dialogue(address, port, Dialogue::Answer::smtp);
  if (port == 465) {
    dialogue.start_tls(host);
  }
  dialogue.greet();
  dialogue.say(kEhlo);
  if (port != 465 && dialogue.say("STARTTLS")) {
    dialogue.start_tls(host);
    dialogue.say(kEhlo);
  }
  dialogue.say("QUIT");
  return dialogue.result();
}

LookJson talk_imap(const std::string& address, int port, const std::string& host) {
  Dialogue dialogue(address, port, Dialogue::Answer::imap);
  if (port == 993) {
    dialogue.start_tls(host);
  }
  dialogue.greet();
  dialogue.say("CAPABILITY");
  if (port != 993 && dialogue.say("STARTTLS")) {
    dialogue.start_tls(host);
    dialogue.say("CAPABILITY");
  }
  dialogue.say("LOGOUT");
  return dialogue.result();
}

using Talk = LookJson (*)(const std::string& address, int port, const std::string& host);

LookJson talk_on(const std::vector<int>& ports, const LookPlace& place,
                 const LookQuestion& question, Talk talk) {
  std::vector<std::future<LookJson>> dialogues;
  for (const int port : ports) {
    if (question.port == 0 || question.port == port) {
      dialogues.push_back(std::async(std::launch::async, talk, place.address, port, question.host));
    }
  }
  LookJson rows = LookJson::array();
  for (auto& dialogue : dialogues) {
    rows.push_back(dialogue.get());
  }
  return {{"dialogues", std::move(rows)}};
}

}  // namespace

LookJson look_at_smtp(const LookPlace& place, const LookQuestion& question) {
  return talk_on({25, 587, 465}, place, question, talk_smtp);
}

LookJson look_at_imap(const LookPlace& place, const LookQuestion& question) {
  return talk_on({143, 993}, place, question, talk_imap);
}

}  // namespace podplay::looks
