// Everything is below the state's folder "support": the bundle, the key of the pseudonyms, and what
// the command line gave. Nobody but the control plane reads it there.
#include "control/watch/tools/support_bundle.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <memory>

#include "base/encoding.hpp"
#include "control/audit.hpp"
#include "control/jobs/jobs.hpp"
#include "control/journeys/tar_file.hpp"
#include "control/watch/tools/bundle_parts.hpp"
#include "control/watch/tools/pseudonyms.hpp"
#include "logs/redaction.hpp"
#include "store/aliases.hpp"
#include "store/jobs.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;
using Json = nlohmann::json;

constexpr hours kLifetime{24};
constexpr std::size_t kMostHostFiles = 40;
constexpr std::size_t kLongestHostName = 60;
constexpr std::int64_t kPageOfUsers = 500;

constexpr std::string_view kReadme =
    "A support bundle of PodPlay: how this server is, and what happened.\n"
    "\n"
    "Secrets are hidden: [hidden] stands in their place. Of people, the part of an address before\n"
    "the @ is a pseudonym, such as u-1a2b3c4d5e, and so are names of users. The same person has\n"
    "the same pseudonym everywhere in here. Domains, names of hosts and IP addresses are as they\n"
    "are. No mail is in here, and no file of a user.\n"
    "\n"
    "diagnosis.json   what is wrong, in the order of importance\n"
    "status.json      services, daemons, probes\n"
    "diag/            processes, sockets, files, limits, mounts, dialogues of each service\n"
    "configuration/   the files that the daemons read\n"
    "logs/            the last lines of each log\n"
    "host/            podman and the containers' output, when it was made on the pod's host\n"
    "not-collected.txt   parts that could not be collected, and why\n";

std::string folder_of(const Context& context) { return context.paths.state + "/support"; }
std::string host_folder_of(const Context& context) { return folder_of(context) + "/host"; }
std::string bundle_of(const Context& context) { return folder_of(context) + "/bundle.tar.gz"; }

// The key stays with this server, so that pseudonyms of two bundles can be compared and nobody else
// can try out names.
Result<Secret> pseudonym_key(Context& context) {
  const std::string path = folder_of(context) + "/pseudonyms.key";
  if (context.files.exists(path)) {
    TRY(auto text, context.files.read(path));
    return Secret(std::move(text));
  }
  std::string key = random_token();
  TRY(context.files.write_atomic(path, key, 0600));
  return Secret(std::move(key));
}

std::string local_part(const std::string& address) { return address.substr(0, address.find('@')); }

// How people are called here.
Result<std::set<std::string>> known_names(Context& context) {
  return context.store.read<std::set<std::string>>([](store::Session& session) {
    std::set<std::string> names;
    std::int64_t after = 0;
    for (;;) {
      const auto users = store::list_users(session, "", after, kPageOfUsers);
      for (const User& user : users) {
        after = user.id;
        names.insert(user.username);
        names.insert(local_part(user.email));
      }
      if (static_cast<std::int64_t>(users.size()) < kPageOfUsers) {
        break;
      }
    }
    for (after = 0;;) {
      const auto aliases = store::list_aliases(session, "", after, kPageOfUsers);
      for (const Alias& alias : aliases) {
        after = alias.id;
        names.insert(local_part(alias.address));
      }
      if (static_cast<std::int64_t>(aliases.size()) < kPageOfUsers) {
        return names;
      }
    }
  });
}

// Puts what it is given into the archive, made safe.
class SafeFiles final : public BundleFiles {
 public:
  SafeFiles(TarFile& tar, const Pseudonyms& pseudonyms, std::string root, WallTime now)
      : tar_(tar), pseudonyms_(pseudonyms), root_(std::move(root)), now_(now) {}

  Status add_json(const std::string& path, const Json& value) override {
    return put(
        path,
        pseudonyms_.hide_json(value).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  }
  Status add_text(const std::string& path, std::string_view text) override {
    return put(path, pseudonyms_.hide(text));
  }
  Status add_public(const std::string& path, std::string_view text) override {
    return put(path, text);
  }

 private:
  // A path may name a person, too.
  Status put(const std::string& path, std::string_view content) {
    return tar_.add(root_ + "/" + pseudonyms_.hide(path), content, now_);
  }

  TarFile& tar_;
  const Pseudonyms& pseudonyms_;
  const std::string root_;
  const WallTime now_;
};

struct CloseGzip {
  void operator()(gzFile file) const { gzclose(file); }
};
using Gzip = std::unique_ptr<std::remove_pointer_t<gzFile>, CloseGzip>;

// `from` as gzip (RFC 1952) in `to`, which only its owner may read.
Status compress_file(const std::string& from, const std::string& to) {
  const auto failed = [&](const char* what) {
    return fail(ErrorKind::io, "bundle_file", fmt::format("cannot {} {}", what, to),
                "is the state volume full?");
  };
  const int in = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  const int out = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  Gzip packed(out < 0 ? nullptr : gzdopen(out, "wb"));
  Status done;
  if (in < 0 || !packed) {
    done = failed("make");
  }
  std::array<char, 65536> piece{};
  ssize_t got = 0;
  while (done && (got = ::read(in, piece.data(), piece.size())) > 0) {
    if (gzwrite(packed.get(), piece.data(), static_cast<unsigned>(got)) != got) {
      done = failed("write");
    }
  }
  if (in >= 0) {
    ::close(in);
  }
  if (done && (got < 0 || gzclose(packed.release()) != Z_OK)) {
    done = failed("write");
  }
  return done;
}

bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestHostName && name.front() != '.' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") == name.npos;
}

Status keep_host_files(Context& context, const std::vector<HostFile>& host_files) {
  TRY(context.files.remove_tree(host_folder_of(context)));
  TRY(context.files.make_dirs(folder_of(context), 0700));
  TRY(context.files.make_dirs(host_folder_of(context), 0700));
  for (const HostFile& file : host_files) {
    // Already here: the job may run later, or never.
    TRY(context.files.write_atomic(host_folder_of(context) + "/" + file.name,
                                   logs::redact(file.text), 0600));
  }
  return {};
}

Status add_host_files(Context& context, BundleFiles& files) {
  if (!context.files.exists(host_folder_of(context))) {
    return {};
  }
  TRY(const auto names, context.files.list(host_folder_of(context)));
  for (const std::string& name : names) {
    TRY(const auto text, context.files.read(host_folder_of(context) + "/" + name));
    TRY(files.add_text("host/" + name, text));
  }
  return context.files.remove_tree(host_folder_of(context));
}

std::string bundle_name(WallTime made) {
  // 2026-01-31T12:00:00.123Z, without what a file's name should not have.
  std::string time = to_rfc3339(made).substr(0, 19);
  std::erase(time, ':');
  return fmt::format("podplay-support-{}Z", time);
}

Status write_parts(Context& context, JobRun& run, BundleFiles& files) {
  TRY(files.add_public("README.txt", kReadme));
  std::string failures;
  std::int64_t done = 0;
  const auto parts = bundle_parts();
  for (const BundlePart& part : parts) {
    if (run.stopping()) {
      return JobRun::stopped();
    }
    run.step(std::string(part.name));
    if (const Status added = part.collect(context, run.job().request_id, files); !added) {
      run.say(describe(added.error()));
      failures += fmt::format("{}: {}\n", part.name, describe(added.error()));
    }
    run.progress(++done, static_cast<std::int64_t>(parts.size()) + 1);
  }
  run.step("host");
  TRY(add_host_files(context, files));
  return failures.empty() ? Status{} : files.add_text("not-collected.txt", failures);
}

}  // namespace

Result<SupportBundle> start_support_bundle(Context& context, const Actor& actor,
                                           const std::vector<HostFile>& host_files) {
  std::vector<Fault> faults;
  for (std::size_t i = 0; i < host_files.size(); ++i) {
    if (!is_file_name(host_files[i].name)) {
      faults.push_back(
          {.field = fmt::format("host[{}].name", i),
           .code = "bad_name",
           .message = fmt::format("'{}' is no name of a file", host_files[i].name.substr(0, 80)),
           .remedy = "use small letters, digits, dots and dashes, 60 at most"});
    }
  }
  if (host_files.size() > kMostHostFiles) {
    faults.push_back({.field = "host",
                      .code = "too_many",
                      .message = fmt::format("{} files are too many", host_files.size()),
                      .remedy = fmt::format("give at most {}", kMostHostFiles)});
  }
  TRY(no_faults(std::move(faults)));
  TRY(keep_host_files(context, host_files));
  struct Begun {
    Job job;
    store::AuditRow event;
  };
  TRY(const auto begun,
      context.store.write<Begun>([&](store::Transaction& transaction) -> Result<Begun> {
        Job job = add_job(context, transaction,
                          {.kind = std::string(kBundleJob), .request_id = actor.request_id()});
        auto event = store::insert_audit(transaction,
                                         audit_event(context, actor, "SUPPORT_BUNDLE_MADE", ""));
        return Begun{std::move(job), std::move(event)};
      }));
  log_audit(context, begun.event);
  context.jobs.wake();
  return get_support_bundle(context);
}

Result<SupportBundle> get_support_bundle(Context& context) {
  struct Found {
    std::optional<Job> job;
    std::vector<JobStep> steps;
  };
  TRY(const auto found, context.store.read_together<Found>([](store::Session& session) {
    Found newest{.job = store::find_newest_job(session, std::string(kBundleJob), "")};
    if (newest.job) {
      newest.steps = store::list_job_steps(session, newest.job->id);
    }
    return newest;
  }));
  SupportBundle bundle;
  if (!found.job) {
    return bundle;
  }
  const Job& job = *found.job;
  bundle.state = to_text(job.state);
  bundle.percent = job.progress;
  bundle.created = job.created;
  bundle.words = found.steps.empty() ? "waits for its turn" : found.steps.back().name;
  if (!job.last_error.empty()) {
    bundle.words = job.last_error;
  }
  if (job.state != JobState::done) {
    return bundle;
  }
  struct stat file{};
  if (::stat(bundle_of(context).c_str(), &file) != 0) {
    return SupportBundle{};
  }
  bundle.state = "ready";
  bundle.percent = 100;
  bundle.words = "can be downloaded";
  bundle.bytes = file.st_size;
  bundle.file = bundle_name(job.created) + ".tar.gz";
  return bundle;
}

Result<BundleFile> find_support_bundle(Context& context) {
  TRY(const auto bundle, get_support_bundle(context));
  if (bundle.state != "ready") {
    return fail(ErrorKind::not_found, "bundle_missing", "there is no support bundle to download",
                "make one with `podplay support-bundle`, or POST /api/system/support-bundle and "
                "wait until it is ready");
  }
  return BundleFile{.path = bundle_of(context), .name = bundle.file, .bytes = bundle.bytes};
}

Status make_support_bundle(Context& context, JobRun& run) {
  TRY(context.files.make_dirs(folder_of(context), 0700));
  TRY(context.files.remove_tree(bundle_of(context)));
  TRY(auto key, pseudonym_key(context));
  TRY(const auto names, known_names(context));
  const Pseudonyms pseudonyms(std::move(key), names);
  const std::string part = folder_of(context) + "/bundle.part";
  TRY(const auto tar, TarFile::create(part));
  SafeFiles files(*tar, pseudonyms, bundle_name(run.job().created), context.clock.now());
  TRY(write_parts(context, run, files));
  TRY(tar->close());
  TRY(compress_file(part, part + ".gz"));
  TRY(context.files.remove_tree(part));
  TRY(context.files.rename(part + ".gz", bundle_of(context)));
  run.say(fmt::format("{} parts", bundle_parts().size()));
  TRY(start_job(context, {.kind = std::string(kBundleRemovalJob),
                          .subject = std::to_string(run.job().id),
                          .due = context.clock.now() + kLifetime}));
  return {};
}

Status remove_support_bundle(Context& context, JobRun& run) {
  TRY(const auto newest, context.store.read<std::optional<Job>>([](store::Session& session) {
    return store::find_newest_job(session, std::string(kBundleJob), "");
  }));
  // A newer bundle has a removal of its own.
  if (newest && std::to_string(newest->id) != run.subject()) {
    return {};
  }
  return context.files.remove_tree(bundle_of(context));
}

}  // namespace podplay::control
