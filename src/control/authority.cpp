// The authority is made once. At every start its key must fit its certificate, else load() fails.
#include "control/authority.hpp"

namespace podplay::control {
namespace {

constexpr std::chrono::days kAuthorityLifetime{3650};

}  // namespace

Authority::Authority(Files& files, Clock& clock, std::string state_folder,
                     std::string shared_folder, Logger log)
    : files_(files),
      clock_(clock),
      state_folder_(std::move(state_folder)),
      shared_folder_(std::move(shared_folder)),
      log_(std::move(log)) {}

Status Authority::load() {
  const std::string key_path = state_folder_ + "/pod-ca/ca.key";
  const std::string certificate_path = state_folder_ + "/pod-ca/ca.pem";
  if (files_.exists(key_path) && files_.exists(certificate_path)) {
    TRY(read(certificate_path, key_path));
  } else {
    TRY(make(certificate_path, key_path));
  }
  const std::string shared = shared_folder_ + "/pod-ca/ca.pem";
  if (files_.read(shared).value_or("") == authority_.certificate) {
    return {};
  }
  TRY(files_.make_dirs(shared_folder_ + "/pod-ca"));
  return files_.write_atomic(shared, authority_.certificate, 0644);
}

Status Authority::read(const std::string& certificate_path, const std::string& key_path) {
  TRY(auto key, files_.read(key_path));
  TRY(auto certificate, files_.read(certificate_path));
  authority_ = {std::move(certificate), Secret(std::move(key))};
  return net::check_key_matches(authority_.certificate, authority_.key);
}

Status Authority::make(const std::string& certificate_path, const std::string& key_path) {
  log_.info("making the pod's certificate authority", {{"path", certificate_path}});
  TRY(auto made, net::make_authority("PodPlay pod CA", kAuthorityLifetime, clock_.now()));
  authority_ = std::move(made);
  TRY(files_.make_dirs(state_folder_ + "/pod-ca", 0700));
  TRY(files_.write_atomic(key_path, authority_.key.reveal(), 0600));
  return files_.write_atomic(certificate_path, authority_.certificate, 0644);
}

}  // namespace podplay::control
