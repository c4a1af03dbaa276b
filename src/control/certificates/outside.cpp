// First the version in use gets its content back, then the files of the person are looked at. Every
// step leaves a folder from which the next look goes on.
#include "control/certificates/outside.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "control/certificates/certificates.hpp"
#include "control/certificates/orders.hpp"
#include "control/certificates/uploads.hpp"
#include "control/certificates/version_health.hpp"
#include "control/certificates/versions.hpp"
#include "net/chain.hpp"
#include "store/certificates.hpp"

namespace podplay::control {
namespace {

enum class Place {
  // The link through `current`.
  ours,
  missing,
  // A file, or another link.
  persons,
};

Place place_of(Files& files, const std::string& folder, const std::string& file) {
  const std::string path = fmt::format("{}/{}", folder, file);
  const auto target = files.read_link(path);
  if (target && *target == "current/" + file) {
    return Place::ours;
  }
  return target || files.exists(path) ? Place::persons : Place::missing;
}

// All faults of an error on one line.
std::string one_line(const Error& error) {
  if (error.faults.empty()) {
    return describe(error);
  }
  std::vector<std::string> words;
  for (const Fault& fault : error.faults) {
    words.push_back(fault.remedy.empty() ? fault.message
                                         : fmt::format("{} ({})", fault.message, fault.remedy));
  }
  return fmt::format("{}", fmt::join(words, "; "));
}

// One look at one folder.
class Look {
 public:
  Look(Context& context, Certificate row)
      : context_(context),
        row_(std::move(row)),
        folder_(fmt::format("{}/{}", context.paths.certificates, row_.name)) {}

  Status run();

 private:
  // What came of the person's files.
  struct Outcome {
    bool adopted = false;
    // Why they cannot be used; empty: they can, or there are none.
    std::string problem{};
  };

  Status restore_version();
  Status move_out(const std::string& file);
  Result<Outcome> take_files();
  Result<Outcome> take_without_certificate();
  Result<Outcome> adopt(const Upload& upload);
  bool is_in_use(const Upload& upload) const;
  Status put_back(const Upload& upload);
  // The texts in which a certificate may be, the most complete first.
  Result<std::vector<std::string>> certificate_texts();
  Result<Secret> key_text();
  // Removes the person's files, so that the links can come back.
  Status forget_files();
  Status replace_lost(Outcome& outcome);
  Status restore_links();
  Status tell(const std::string& problem);

  CertificateRef version() const { return {row_.name, row_.version}; }
  std::string version_path(const std::string& file) const {
    return fmt::format("{}/versions/{}/{}", folder_, row_.version, file);
  }
  std::string path_of(const char* file) const { return fmt::format("{}/{}", folder_, file); }
  bool is_persons(const char* file) const {
    return place_of(context_.files, folder_, file) == Place::persons;
  }

  Context& context_;
  Certificate row_;
  const std::string folder_;
  // The version in use cannot be used any more.
  bool lost_ = false;
};

Status Look::run() {
  context_.certificate_log.debug("looking at the files of a certificate",
                                 {{"name", row_.name}, {"folder", folder_}});
  TRY(restore_version());
  TRY(auto outcome, take_files());
  if (lost_ && !outcome.adopted) {
    TRY(replace_lost(outcome));
  }
  if (!lost_) {
    TRY(restore_links());
  }
  return tell(outcome.problem);
}

Status Look::restore_version() {
  if (row_.version.empty()) {
    return {};
  }
  const auto health = examine_version(context_.files, context_.paths.certificates, version());
  if (health.whole) {
    return {};
  }
  for (const std::string& file : health.strange) {
    TRY(move_out(file));
  }
  const auto facts = fmt::format("{}", fmt::join(health.strange, " "));
  if (health.texts) {
    TRY(context_.versions.restore(version(), *health.texts));
    context_.certificate_log.warn(
        "restored a version that somebody had changed",
        {{"name", row_.name}, {"version", row_.version.substr(0, 16)}, {"changed", facts}});
    return {};
  }
  lost_ = true;
  context_.certificate_log.error(
      "somebody overwrote the version in use",
      {{"name", row_.name}, {"version", row_.version.substr(0, 16)}, {"changed", facts}});
  return {};
}

// The content of a version's file takes the place of the link to it, unless a file of the person is
// there, which is newer.
Status Look::move_out(const std::string& file) {
  if (is_persons(file.c_str())) {
    return context_.files.remove_tree(version_path(file));
  }
  return context_.files.rename(version_path(file), path_of(file.c_str()));
}

Result<std::vector<std::string>> Look::certificate_texts() {
  std::vector<std::string> texts;
  if (is_persons("fullchain.pem")) {
    TRY(auto text, read_small(context_.files, path_of("fullchain.pem"), kCertificateLimit));
    texts.push_back(std::move(text));
  }
  if (!is_persons("cert.pem")) {
    return texts;
  }
  TRY(const auto cert, read_small(context_.files, path_of("cert.pem"), kCertificateLimit));
  if (is_persons("chain.pem")) {
    TRY(const auto chain, read_small(context_.files, path_of("chain.pem"), kCertificateLimit));
    texts.push_back(cert + "\n" + chain);
  }
  // The issuers may be those of the version in use.
  if (const auto chain = context_.files.read(version_path("chain.pem"))) {
    texts.push_back(cert + "\n" + *chain);
  }
  texts.push_back(cert);
  return texts;
}

Result<Secret> Look::key_text() {
  const bool persons = is_persons("privkey.pem");
  TRY(auto text,
      read_small(context_.files, persons ? path_of("privkey.pem") : version_path("privkey.pem"),
                 kKeyLimit));
  return Secret(std::move(text));
}

Result<Look::Outcome> Look::take_files() {
  const bool any =
      std::ranges::any_of(kCertificateFiles, [&](const char* file) { return is_persons(file); });
  if (!any) {
    return Outcome{};
  }
  const auto texts = certificate_texts();
  if (!texts) {
    return Outcome{.problem = one_line(texts.error())};
  }
  if (texts->empty()) {
    return take_without_certificate();
  }
  auto key = key_text();
  if (!key) {
    return Outcome{.problem = one_line(key.error())};
  }
  std::optional<Error> first;
  for (const std::string& text : *texts) {
    const Upload upload{.certificate = text, .key = *key};
    if (is_in_use(upload)) {
      TRY(put_back(upload));
      TRY(forget_files());
      return Outcome{};
    }
    const Status checked = check_upload(upload, row_.names, context_.clock.now());
    if (checked) {
      return adopt(upload);
    }
    if (!first) {
      first = checked.error();
    }
  }
  return Outcome{.problem = one_line(*first)};
}

// A key or a chain that came alone.
Result<Look::Outcome> Look::take_without_certificate() {
  if (!is_persons("privkey.pem")) {
    return Outcome{.problem =
                       "chain.pem came without a certificate (put fullchain.pem and "
                       "privkey.pem there, or remove it)"};
  }
  const auto key = key_text();
  if (!key) {
    return Outcome{.problem = one_line(key.error())};
  }
  const auto leaf = context_.files.read(version_path("cert.pem"));
  if (lost_ || !leaf || !net::check_key_matches(*leaf, *key)) {
    return Outcome{.problem =
                       "privkey.pem does not belong to the certificate in use, and no "
                       "certificate came with it (put fullchain.pem there as well)"};
  }
  TRY(forget_files());
  return Outcome{};
}

// The same pair as the version in use.
bool Look::is_in_use(const Upload& upload) const {
  const auto info = net::read_certificate(upload.certificate);
  return info && info->fingerprint == row_.version &&
         net::check_key_matches(upload.certificate, upload.key).has_value();
}

// Repairs a lost version from the pair that it was made of.
Status Look::put_back(const Upload& upload) {
  if (!lost_) {
    return {};
  }
  TRY(const auto chain, net::split_chain(upload.certificate));
  CertificateFiles texts{.leaf = chain.front(), .chain = "", .key = upload.key};
  for (std::size_t i = 1; i < chain.size(); ++i) {
    texts.chain += chain[i];
  }
  TRY(context_.versions.restore(version(), texts));
  lost_ = false;
  context_.certificate_log.info("put a lost version back from the files in its folder",
                                {{"name", row_.name}, {"version", row_.version.substr(0, 16)}});
  return {};
}

Result<Look::Outcome> Look::adopt(const Upload& upload) {
  const CertificateRef before = version();
  const auto changed = upload_certificate(context_, Actor::system(), row_.name, upload, {});
  if (!changed) {
    const Error& error = changed.error();
    if (error.kind != ErrorKind::invalid && error.kind != ErrorKind::conflict) {
      return std::unexpected(error);
    }
    return Outcome{.problem = one_line(error)};
  }
  row_ = changed->object;
  TRY(forget_files());
  if (lost_) {
    TRY(context_.versions.remove(before));
    lost_ = false;
  }
  context_.certificate_log.info("adopted files that somebody put into the folder",
                                {{"name", row_.name}, {"version", row_.version.substr(0, 16)}});
  return Outcome{.adopted = true};
}

Status Look::forget_files() {
  for (const char* file : kCertificateFiles) {
    if (is_persons(file)) {
      TRY(context_.files.remove_tree(path_of(file)));
    }
  }
  return {};
}

// The pod's authority signs another version at once. Another authority is asked for one. Only the
// person has the key of a version that was a file.
Status Look::replace_lost(Outcome& outcome) {
  const CertificateRef before = version();
  const auto add = [&](const std::string& words) {
    outcome.problem =
        outcome.problem.empty() ? words : fmt::format("{}; {}", outcome.problem, words);
  };
  if (row_.issuer == kInternalIssuer) {
    TRY(row_, issue_now(context_, Actor::system(), row_, "CERTIFICATES_ISSUED"));
    TRY(context_.versions.remove(before));
    lost_ = false;
    return {};
  }
  if (row_.issuer == kFileIssuer) {
    add("the version in use was overwritten, and services fail when they next read it (put "
        "fullchain.pem and privkey.pem there, or choose another issuer)");
    return {};
  }
  const auto asked = order_certificate(context_, Actor::system(), row_.name, false);
  add(asked ? fmt::format("the version in use was overwritten; a new one is ordered from {}",
                          row_.issuer)
            : fmt::format("the version in use was overwritten, and none can be ordered: {}",
                          one_line(asked.error())));
  return {};
}

Status Look::restore_links() {
  const bool gone = std::ranges::any_of(kCertificateFiles, [&](const char* file) {
    return place_of(context_.files, folder_, file) == Place::missing;
  });
  const auto current = context_.files.read_link(folder_ + "/current");
  if (row_.version.empty() || (!gone && current && *current == "versions/" + row_.version)) {
    return {};
  }
  return context_.versions.use(version());
}

// Keeps the problem with the certificate, or takes one back that is solved. Said once.
Status Look::tell(const std::string& problem) {
  const std::string words = problem.empty() ? "" : std::string(kOutsideError) + problem;
  const bool solved = words.empty() && row_.last_error.starts_with(kOutsideError);
  if (row_.last_error == words || (words.empty() && !solved)) {
    return {};
  }
  TRY(context_.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    auto row = store::find_certificate(transaction, row_.name);
    if (row) {
      row->last_error = words;
      store::put_certificate(transaction, *row);
    }
    return true;
  }));
  if (solved) {
    context_.certificate_log.info("the folder of a certificate is in order again",
                                  {{"name", row_.name}});
  } else {
    context_.certificate_log.error("files in the folder of a certificate cannot be used",
                                   {{"name", row_.name}, {"folder", folder_}, {"why", problem}});
  }
  return {};
}

}  // namespace

bool has_outside_files(Files& files, const std::string& folder) {
  return std::ranges::any_of(kCertificateFiles, [&](const char* file) {
    return place_of(files, folder, file) == Place::persons;
  });
}

Status look_at_folder(Context& context, const std::string& name) {
  TRY(auto row, context.store.read<std::optional<Certificate>>([&](store::Session& session) {
    return store::find_certificate(session, name);
  }));
  if (row) {
    return Look(context, std::move(*row)).run();
  }
  const std::string folder = fmt::format("{}/{}", context.paths.certificates, name);
  if (has_outside_files(context.files, folder)) {
    context.certificate_log.warn(
        "files were put into the folder of a certificate that does not exist; podplay certificates "
        "list shows those that do",
        {{"name", name}, {"folder", folder}});
  }
  return {};
}

}  // namespace podplay::control
