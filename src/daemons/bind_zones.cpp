// Zones are added and removed over the control channel. They are changed by RFC 2136 updates
// through one nsupdate that keeps running and reads every record type as named does. Nothing counts
// as done before named itself answers accordingly.
#include "daemons/bind_zones.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>

#include "daemons/probing.hpp"
#include "model/serial.hpp"
#include "net/dns.hpp"

namespace podplay::daemons {
namespace {

using namespace std::chrono;

// Between two updates over one connection.
constexpr seconds kLongestIdle{2};
// nsupdate prints this for every answer.
constexpr std::string_view kUpdateAnswer = "opcode: UPDATE, status: ";
// Octets of nsupdate's lines; on the wire they are fewer, and a message holds 65,535.
constexpr std::size_t kMostUpdate = 60000;
// Changed RRsets that are asked for after a change.
constexpr std::size_t kMostProven = 10;
// The ends of the files that named keeps for a zone.
constexpr std::array<std::string_view, 5> kFileEnds{"", ".jnl", ".jbk", ".signed", ".signed.jnl"};
constexpr milliseconds kPause{2};

bool is_named_refusal(const Error& error, std::string_view words) {
  return error.code == "named_refused" && error.message.find(words) != std::string::npos;
}

// The word behind "status: ".
std::string update_status(const std::string& text) {
  const std::size_t begin = text.find(kUpdateAnswer) + kUpdateAnswer.size();
  return text.substr(begin, text.find_first_of(",\n", begin) - begin);
}

std::size_t size_of(const std::vector<std::string>& lines) {
  std::size_t size = 0;
  for (const std::string& line : lines) {
    size += line.size() + 1;
  }
  return size;
}

}  // namespace

ZoneKeeper::ZoneKeeper(Files& files, Runner& runner, std::shared_ptr<Reaper> reaper,
                       const TemplateSet& templates, ZoneKeeperOptions options, Logger log)
    : files_(files),
      runner_(runner),
      reaper_(std::move(reaper)),
      templates_(templates),
      options_(std::move(options)),
      log_(std::move(log)) {}

Status ZoneKeeper::put(const ZoneContent& wanted, const ZoneContent* before) {
  TRY(check_zone_text(wanted));
  TRY(const auto served, find_zone(wanted.name));
  if (!served) {
    TRY(add(wanted));
    return prove(wanted, wanted.rrsets);
  }

  ZoneRecords have;
  ZoneRecords want;
  if (before != nullptr && before->serial == served->serial) {
    have = {*served, before->rrsets};
    want = {updated_soa(*served, wanted), wanted.rrsets};
  } else {
    TRY(have, transfer(wanted.name));
    TRY(want, expected(wanted));
  }
  const std::vector<Rrset> changed = changed_rrsets(have.rrsets, want.rrsets);
  if (changed.empty() && have.soa == want.soa) {
    return {};
  }
  if (!serial_is_after(wanted.serial, served->serial)) {
    return fail(
        ErrorKind::conflict, "zone_serial",
        fmt::format("named serves serial {} of {}, and the wanted serial {} does not come after it",
                    served->serial, wanted.name, wanted.serial),
        "raise the zone's serial");
  }
  const auto lines = update_lines(wanted.name, have.rrsets, want.rrsets, want.soa);
  if (size_of(lines) > kMostUpdate) {
    log_.info("a zone changes by more than one update holds; it is removed and added again",
              {{"zone", wanted.name}, {"rrsets", changed.size()}});
    return replace(wanted);
  }
  TRY(update(wanted.name, lines));
  return prove(wanted, changed);
}

Status ZoneKeeper::replace(const ZoneContent& wanted) {
  TRY(check_zone_text(wanted));
  TRY(remove(wanted.name));
  TRY(add(wanted));
  return prove(wanted, wanted.rrsets);
}

// named deletes the zone's entry in the .nzd file first, and the zone's file as its last step. If
// the zone were added again in between, its new entry would be deleted. So this function makes sure
// that there is a file, and waits until it is gone.
Status ZoneKeeper::remove(const std::string& name) {
  TRY(check_zone_text({.name = name, .serial = 1, .primary = "x", .contact = "x", .rrsets = {}}));
  if (!files_.exists(file_of(name))) {
    TRY(files_.write_atomic(file_of(name), "", 0640, options_.owner));
  }
  const auto removed = control(fmt::format("delzone -clean \"{}\"", name));
  if (!removed && !is_named_refusal(removed.error(), "not found")) {
    return std::unexpected(removed.error());
  }
  const auto deadline = steady_clock::now() + options_.timeout;
  while (removed && files_.exists(file_of(name))) {
    if (steady_clock::now() > deadline) {
      return fail(ErrorKind::timeout, "zone_removal",
                  fmt::format("named has not deleted {} within {} ms", file_of(name),
                              options_.timeout.count()));
    }
    std::this_thread::sleep_for(kPause);
  }
  TRY(remove_files(name));
  TRY(const auto served, ask_soa(name));
  if (served) {
    return fail(ErrorKind::refused, "zone_served",
                fmt::format("named still serves {} after it was removed", name),
                "remove the zone from named.conf");
  }
  return {};
}

Result<std::optional<std::uint32_t>> ZoneKeeper::serial_of(const std::string& name) {
  TRY(const auto served, find_zone(name));
  return served ? std::optional(served->serial) : std::nullopt;
}

Result<std::vector<std::string>> ZoneKeeper::compare(const ZoneContent& wanted) {
  TRY(check_zone_text(wanted));
  TRY(const auto served, find_zone(wanted.name));
  if (!served) {
    return std::vector{fmt::format("named does not serve {}", wanted.name)};
  }
  TRY(const auto have, transfer(wanted.name));
  TRY(const auto want, expected(wanted));
  return differences(have, want);
}

std::string ZoneKeeper::file_of(const std::string& name) const {
  return fmt::format("{}/{}.zone", options_.folder, name);
}

Result<std::optional<Soa>> ZoneKeeper::ask_soa(const std::string& name) const {
  TRY(const auto answer,
      net::dns_query(kLocal, options_.dns_port, name, "SOA", false, options_.timeout));
  if (!answer.authoritative || answer.data.empty()) {
    return std::nullopt;
  }
  auto soa = parse_soa(answer.data.front());
  if (!soa) {
    return fail(ErrorKind::unavailable, "zone_unreadable",
                fmt::format("named's SOA of {} cannot be read: {}", name, answer.data.front()));
  }
  soa->ttl = answer.ttl;
  return soa;
}

// named answers questions before it has loaded its zones, and opens its control channel afterwards.
// So a zone is only called absent when the channel answers: a new zone file must not replace the
// file of a zone that is being loaded.
Result<std::optional<Soa>> ZoneKeeper::find_zone(const std::string& name) {
  if (channel_) {
    TRY(auto served, ask_soa(name));
    if (served) {
      return served;
    }
  }
  TRY(control("null"));
  return ask_soa(name);
}

Result<std::string> ZoneKeeper::render(const ZoneContent& zone) const {
  return render_one(templates_, kZoneTemplate, zone_values(zone));
}

Result<ZoneRecords> ZoneKeeper::transfer(const std::string& name) {
  TRY(const auto outcome,
      run_or_fail(runner_, {.argv = {"/usr/bin/dig", "-r", "-k", options_.update_key, "-p",
                                     std::to_string(options_.dns_port), fmt::format("@{}", kLocal),
                                     "+noall", "+answer", "+noidnout", name + ".", "AXFR"},
                            .deadline = options_.timeout}));
  return parse_records(outcome.out, name);
}

// The records as named would spell them: named-compilezone is built from the same code.
Result<ZoneRecords> ZoneKeeper::expected(const ZoneContent& zone) {
  TRY(auto text, render(zone));
  // Nothing is checked except that the text can be read: it is to be compared, not judged.
  Command command{.argv = {"/usr/bin/named-compilezone",
                           "-q",
                           "-i",
                           "none",
                           "-k",
                           "ignore",
                           "-m",
                           "ignore",
                           "-n",
                           "ignore",
                           "-r",
                           "ignore",
                           "-M",
                           "ignore",
                           "-S",
                           "ignore",
                           "-W",
                           "ignore",
                           "-s",
                           "full",
                           "-o",
                           "-",
                           zone.name,
                           "-"},
                  .input = std::move(text),
                  .deadline = options_.timeout};
  TRY(const auto outcome, runner_.run(command));
  if (outcome.exit_code != 0) {
    return fail(ErrorKind::refused, "zone_refused",
                fmt::format("the zone {} cannot be read: {}", zone.name, outcome.words()));
  }
  return parse_records(outcome.out, zone.name);
}

Status ZoneKeeper::add(const ZoneContent& wanted) {
  TRY(const auto text, render(wanted));
  // named would apply an old journal to the new file.
  TRY(remove_files(wanted.name));
  TRY(files_.write_atomic(file_of(wanted.name), text, 0640, options_.owner));
  const std::string command = fmt::format(
      "addzone \"{}\" {{ type primary; file \"{}\"; allow-update {{ podplay-local; }}; }};",
      wanted.name, file_of(wanted.name));
  auto added = control(command);
  if (!added && is_named_refusal(added.error(), "already exists")) {
    // named knows the zone but does not serve it, because it could not load the file.
    TRY(remove(wanted.name));
    TRY(files_.write_atomic(file_of(wanted.name), text, 0640, options_.owner));
    added = control(command);
  }
  if (added) {
    return {};
  }
  if (added.error().code != "named_refused") {
    return std::unexpected(added.error());
  }
  // The control channel says little about what is wrong. named-checkzone reads the file as named
  // does, and says more.
  TRY(const auto checked,
      runner_.run({.argv = {"/usr/bin/named-checkzone", wanted.name, file_of(wanted.name)}}));
  TRY(remove_files(wanted.name));
  return fail(checked.exit_code == 0 ? ErrorKind::unavailable : ErrorKind::refused, "zone_refused",
              fmt::format("{}\n{}", added.error().message, checked.words()));
}

// An update is one message: named applies all of it or nothing. nsupdate ends at a line that it
// cannot read, before anything is sent. The next update starts another nsupdate.
Status ZoneKeeper::update(const std::string& name, const std::vector<std::string>& lines) {
  std::string input = fmt::format("zone {}.\n", name);
  for (const std::string& line : lines) {
    input += line;
    input += '\n';
  }
  input += "send\nanswer\n";
  const std::string server = fmt::format("server {} {}\n", kLocal, options_.dns_port);
  // One that was idle waits for the whole timeout for a connection that has ended meanwhile.
  if (steady_clock::now() - last_update_ > kLongestIdle) {
    nsupdate_.reset();
  }
  for (bool again = nsupdate_ != nullptr;; again = false) {
    if (!nsupdate_) {
      TRY(nsupdate_, Coprocess::start({"/usr/bin/nsupdate", "-v", "-t",
                                       std::to_string(ceil<seconds>(options_.timeout).count()),
                                       "-k", options_.update_key},
                                      reaper_));
      input.insert(0, server);
    }
    const auto answer = nsupdate_->ask(input, kUpdateAnswer, options_.timeout);
    last_update_ = steady_clock::now();
    if (answer) {
      const std::string status = update_status(*answer);
      if (status == "NOERROR") {
        return {};
      }
      // SERVFAIL says that named was not able to, for example with a full disk, not that the zone
      // is wrong.
      return fail(status == "SERVFAIL" ? ErrorKind::unavailable : ErrorKind::refused,
                  "zone_refused",
                  fmt::format("named answered the update of {} with {}", name, status),
                  "read named's log, which says why");
    }
    nsupdate_.reset();
    if (answer.error().message.find("syntax error") != std::string::npos) {
      return fail(
          ErrorKind::refused, "zone_refused",
          fmt::format("the records of {} cannot be read: {}", name, answer.error().message));
    }
    // An nsupdate that was kept may have ended long ago.
    if (!again) {
      return std::unexpected(answer.error());
    }
  }
}

Status ZoneKeeper::prove(const ZoneContent& wanted, const std::vector<Rrset>& changed) const {
  TRY(const auto served, ask_soa(wanted.name));
  if (!served || served->serial != wanted.serial) {
    return fail(ErrorKind::refused, "zone_not_served",
                fmt::format("named serves {} of {} instead of {}",
                            served ? fmt::format("serial {}", served->serial) : "nothing",
                            wanted.name, wanted.serial));
  }
  for (const Rrset& rrset : provable(changed, wanted.rrsets, kMostProven)) {
    const std::string name = absolute_name(rrset.name, wanted.name);
    const auto ask = [&](bool tcp) {
      return net::dns_query(kLocal, options_.dns_port, name, rrset.type, tcp, options_.timeout);
    };
    TRY(auto answer, ask(false));
    if (answer.truncated) {
      TRY(answer, ask(true));
    }
    if (answer.data.size() != rrset.data.size()) {
      return fail(ErrorKind::refused, "zone_not_served",
                  fmt::format("named serves {} records {} {} instead of {}", answer.data.size(),
                              name, rrset.type, rrset.data.size()),
                  "a name with a CNAME may have no other records, and no record may occur twice");
    }
  }
  return {};
}

Result<std::string> ZoneKeeper::control(const std::string& command) {
  for (bool again = channel_ != nullptr;; again = false) {
    if (!channel_) {
      TRY(const auto text, files_.read(options_.control_key));
      TRY(auto key, net::read_bind_key(text));
      TRY(channel_,
          net::ControlChannel::connect(options_.control_port, std::move(key), options_.timeout));
    }
    auto answer = channel_->run(command);
    if (answer || answer.error().code == "named_refused") {
      return answer;
    }
    channel_.reset();
    // named may have restarted since the last command.
    if (!again) {
      return answer;
    }
  }
}

Status ZoneKeeper::remove_files(const std::string& name) {
  for (const std::string_view end : kFileEnds) {
    TRY(files_.remove_tree(fmt::format("{}{}", file_of(name), end)));
  }
  return {};
}

}  // namespace podplay::daemons
