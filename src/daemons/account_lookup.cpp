// The protocol of auth-userdb: the version first, then one line for each question.
#include "daemons/account_lookup.hpp"

#include <fmt/format.h>

namespace podplay::daemons {

Result<std::string> AccountLookup::ask(const std::string& address) {
  if (due_) {
    // It belongs to an earlier question, and may be older than what is asked for now.
    TRY(read_answer());
  }
  if (!client_) {
    TRY(open());
  }
  if (Status sent = client_->send_raw(fmt::format("USER\t{}\t{}\tprotocol=lmtp\n", ++id_, address));
      !sent) {
    client_.reset();
    return std::unexpected(sent.error());
  }
  due_ = true;
  TRY(const auto answer, read_answer());
  const std::string kind = answer.substr(0, answer.find('\t'));
  if (kind == "USER" || kind == "NOTFOUND") {
    return kind;
  }
  return fail(ErrorKind::unavailable, "userdb",
              fmt::format("a look-up of {} gives '{}'", address, answer));
}

void AccountLookup::close() {
  if (!due_) {
    client_.reset();
  }
}

Status AccountLookup::open() {
  TRY(auto client, net::LineClient::connect_unix(path_, timeout_));
  TRY(client->send_raw("VERSION\t1\t2\n"));
  client_ = std::move(client);
  return {};
}

Result<std::string> AccountLookup::read_answer() {
  for (;;) {
    auto line = client_->read_line();
    if (!line) {
      if (line.error().kind != ErrorKind::timeout) {
        // auth has ended the connection, and with it the question.
        client_.reset();
        due_ = false;
      }
      return std::unexpected(line.error());
    }
    // auth greets with its version and its pid.
    if (line->starts_with("VERSION\t") || line->starts_with("SPID\t")) {
      continue;
    }
    due_ = false;
    return *line;
  }
}

}  // namespace podplay::daemons
