// A key is written once and never changed, so a crash leaves a whole key or none.
#include "control/certificates/keys.hpp"

#include <fmt/format.h>

namespace podplay::control {
namespace {

constexpr unsigned kFolderMode = 0700;
constexpr unsigned kKeyMode = 0600;

std::string account_path(const std::string& folder, const std::string& account) {
  return fmt::format("{}/accounts/{}.pem", folder, account);
}
std::string next_path(const std::string& folder, const std::string& account) {
  return fmt::format("{}/accounts/{}.next.pem", folder, account);
}
std::string order_path(const std::string& folder, std::int64_t order) {
  return fmt::format("{}/orders/{}.pem", folder, order);
}

}  // namespace

Result<Secret> AcmeKeys::read_or_make(const std::string& path, net::KeyKind kind) {
  if (files_.exists(path)) {
    TRY(auto text, files_.read(path));
    return Secret(std::move(text));
  }
  TRY(auto key, net::make_private_key(kind));
  TRY(files_.make_dirs(path.substr(0, path.rfind('/')), kFolderMode));
  TRY(files_.write_atomic(path, key.reveal(), kKeyMode));
  return key;
}

Result<Secret> AcmeKeys::account_key(const std::string& account) {
  return read_or_make(account_path(folder_, account), net::KeyKind::ecdsa_p256);
}

Result<Secret> AcmeKeys::next_account_key(const std::string& account) {
  return read_or_make(next_path(folder_, account), net::KeyKind::ecdsa_p256);
}

bool AcmeKeys::has_next_account_key(const std::string& account) const {
  return files_.exists(next_path(folder_, account));
}

Status AcmeKeys::take_next_key(const std::string& account) {
  return files_.rename(next_path(folder_, account), account_path(folder_, account));
}

Status AcmeKeys::forget_account(const std::string& account) {
  TRY(files_.remove_tree(next_path(folder_, account)));
  return files_.remove_tree(account_path(folder_, account));
}

Result<Secret> AcmeKeys::order_key(std::int64_t order, net::KeyKind kind) {
  return read_or_make(order_path(folder_, order), kind);
}

Status AcmeKeys::forget_order(std::int64_t order) {
  return files_.remove_tree(order_path(folder_, order));
}

}  // namespace podplay::control
