// A challenge is the time when it expires, random octets, and a keyed hash of both and the purpose.
#include "control/identity/challenges.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "control/identity/sealing.hpp"
#include "store/factors.hpp"

namespace podplay::control {
namespace {

constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kRandomBytes = 16;
constexpr std::size_t kMarkBytes = 32;
constexpr std::size_t kBodyBytes = kTimeBytes + kRandomBytes;

std::string time_octets(WallTime time) {
  const auto millis = static_cast<std::uint64_t>(to_millis(time));
  std::string octets;
  for (int shift = 56; shift >= 0; shift -= 8) {
    octets += static_cast<char>(millis >> static_cast<unsigned>(shift));
  }
  return octets;
}

WallTime expiry_of(std::string_view challenge) {
  std::uint64_t millis = 0;
  for (const char c : challenge.substr(0, kTimeBytes)) {
    millis = millis << 8U | static_cast<unsigned char>(c);
  }
  return from_millis(static_cast<std::int64_t>(millis));
}

std::string mark_of(const auth::Seal& seal, std::string_view body, std::string_view purpose) {
  return seal.mark(fmt::format("challenge {} {}", hex(body), purpose));
}

std::unexpected<Error> expired() {
  return fail(ErrorKind::unauthorized, "challenge_invalid",
              "the question that the passkey answered is unknown, was answered already, or is more "
              "than five minutes old",
              "begin again");
}

}  // namespace

Result<std::string> make_challenge(Context& context, std::string_view purpose,
                                   std::chrono::seconds lifetime) {
  TRY(const auto seal, open_seal(context));
  std::string random(kRandomBytes, '\0');
  random_bytes(random.data(), random.size());
  const std::string body = time_octets(context.clock.now() + lifetime) + random;
  return body + mark_of(seal, body, purpose);
}

Status check_challenge(Context& context, std::string_view challenge, std::string_view purpose) {
  TRY(const auto seal, open_seal(context));
  if (challenge.size() != kBodyBytes + kMarkBytes) {
    return expired();
  }
  const std::string_view body = challenge.substr(0, kBodyBytes);
  if (!equal_constant_time(mark_of(seal, body, purpose), challenge.substr(kBodyBytes)) ||
      expiry_of(challenge) <= context.clock.now()) {
    return expired();
  }
  return {};
}

Status use_challenge(store::Transaction& transaction, std::string_view challenge, WallTime now) {
  if (!store::use_challenge(transaction, sha256_hex(challenge), expiry_of(challenge), now)) {
    return expired();
  }
  return {};
}

auth::RelyingParty relying_party(const Settings& settings) {
  const std::string& name = settings.text("PODPLAY_HOST_NAME");
  const auto port = settings.integer("PODPLAY_HOST_HTTPS_PORT");
  auth::RelyingParty party{.id = name, .origins = {fmt::format("https://{}", name)}};
  if (port != 443) {
    party.origins.push_back(fmt::format("https://{}:{}", name, port));
  }
  return party;
}

}  // namespace podplay::control
