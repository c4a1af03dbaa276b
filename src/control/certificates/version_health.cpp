// The leaf stands in cert.pem and in fullchain.pem, the chain in chain.pem and in fullchain.pem.
// The key stands once, and the leaf says whether it is the right one.
#include "control/certificates/version_health.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "net/chain.hpp"
#include "net/x509.hpp"

namespace podplay::control {
namespace {

// In octets. No version has a larger file, so that one is not read.
constexpr std::uintmax_t kLargest = std::uintmax_t{128} << 10;

using Chain = std::vector<std::string>;

// What the version's files hold now.
struct Content {
  std::map<std::string, std::string> texts;
  Chain cert;
  Chain chain;
  Chain full;

  bool has(const char* file) const { return texts.contains(file); }
};

std::map<std::string, std::string> read_texts(Files& files, const std::string& folder) {
  std::map<std::string, std::string> texts;
  for (const char* file : kCertificateFiles) {
    if (auto text = read_small(files, fmt::format("{}/{}", folder, file), kLargest)) {
      texts.emplace(file, std::move(*text));
    }
  }
  return texts;
}

Content split_texts(std::map<std::string, std::string> texts) {
  Content content{.texts = std::move(texts), .cert = {}, .chain = {}, .full = {}};
  const auto split = [&](const char* file) {
    return content.has(file) ? net::split_chain(content.texts.at(file)).value_or(Chain{}) : Chain{};
  };
  content.cert = split("cert.pem");
  content.chain = split("chain.pem");
  content.full = split("fullchain.pem");
  return content;
}

bool begins_with(const Chain& chain, const std::string& version) {
  if (chain.empty()) {
    return false;
  }
  const auto info = net::read_certificate(chain.front());
  return info && info->fingerprint == version;
}

// The usual case, in as few steps as possible: at start every certificate is looked at.
bool is_whole(const std::map<std::string, std::string>& texts, const std::string& version) {
  if (texts.size() != kCertificateFiles.size() ||
      texts.at("fullchain.pem") != texts.at("cert.pem") + texts.at("chain.pem")) {
    return false;
  }
  const auto info = net::read_certificate(texts.at("cert.pem"));
  if (!info || info->fingerprint != version ||
      !net::check_key_matches(texts.at("cert.pem"), Secret(texts.at("privkey.pem")))) {
    return false;
  }
  const auto full = net::split_chain(texts.at("fullchain.pem"));
  return full && net::check_chain(*full);
}

Chain with_leaf(const std::string& leaf, const Chain& issuers) {
  Chain all{leaf};
  all.insert(all.end(), issuers.begin(), issuers.end());
  return all;
}

// The longer of the chains that fit the leaf: a shorter one was cut off.
std::optional<Chain> find_issuers(const Content& content, const std::string& leaf) {
  std::optional<Chain> found;
  const auto consider = [&](Chain issuers) {
    const bool fits = net::check_chain(with_leaf(leaf, issuers)).has_value();
    if (fits && (!found || issuers.size() > found->size())) {
      found = std::move(issuers);
    }
  };
  if (!content.full.empty() && content.full.front() == leaf) {
    consider({content.full.begin() + 1, content.full.end()});
  }
  if (content.has("chain.pem")) {
    consider(content.chain);
  }
  return found;
}

std::string join(const Chain& chain) {
  std::string text;
  for (const std::string& pem : chain) {
    text += pem;
  }
  return text;
}

std::vector<std::string> all_files(Files& files, const std::string& folder) {
  std::vector<std::string> there;
  for (const char* file : kCertificateFiles) {
    if (files.exists(fmt::format("{}/{}", folder, file))) {
      there.emplace_back(file);
    }
  }
  return there;
}

}  // namespace

Result<std::string> read_small(Files& files, const std::string& path, std::uintmax_t most) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::is_regular_file(status)) {
    return fail(ErrorKind::invalid, "no_file",
                fmt::format("{} is no file, or leads to none that is here", path),
                "copy the file itself, not a link to it");
  }
  const auto size = std::filesystem::file_size(path, error);
  if (error || size > most) {
    return fail(ErrorKind::invalid, "too_large",
                fmt::format("{} has {} octets, more than {}", path, error ? 0 : size, most),
                "copy only the certificate and those that signed it, or only the key");
  }
  auto text = files.read(path);
  if (!text) {
    text.error().remedy = fmt::format("let the control plane read it: chown --reference={} {}",
                                      std::filesystem::path(path).parent_path().string(), path);
  }
  return text;
}

VersionHealth examine_version(Files& files, const std::string& certificates,
                              const CertificateRef& version) {
  const std::string folder =
      fmt::format("{}/{}/versions/{}", certificates, version.name, version.version);
  VersionHealth health;
  auto texts = read_texts(files, folder);
  if (is_whole(texts, version.version)) {
    health.whole = true;
    return health;
  }
  const Content content = split_texts(std::move(texts));
  const bool own_cert = content.cert.size() == 1 && begins_with(content.cert, version.version);
  const bool own_full = begins_with(content.full, version.version);
  if (!own_cert && !own_full) {
    health.strange = all_files(files, folder);
    return health;
  }
  const std::string leaf = own_cert ? content.cert.front() : content.full.front();
  const auto issuers = find_issuers(content, leaf);
  const Secret key(content.has("privkey.pem") ? content.texts.at("privkey.pem") : "");
  const bool own_key = !key.empty() && net::check_key_matches(leaf, key).has_value();
  const auto is_own = [&](const std::string& file) {
    if (file == "cert.pem") {
      return own_cert;
    }
    if (file == "privkey.pem") {
      return own_key;
    }
    if (!issuers) {
      return false;
    }
    return file == "chain.pem" ? content.has("chain.pem") && content.chain == *issuers
                               : content.full == with_leaf(leaf, *issuers);
  };
  health.whole = true;
  for (const char* file : kCertificateFiles) {
    if (is_own(file)) {
      continue;
    }
    health.whole = false;
    if (files.exists(fmt::format("{}/{}", folder, file))) {
      health.strange.emplace_back(file);
    }
  }
  if (issuers && own_key) {
    health.texts = CertificateFiles{.leaf = leaf, .chain = join(*issuers), .key = key};
  }
  return health;
}

}  // namespace podplay::control
