// Decides how podman is called on this host, and writes the few files that this needs. An ordinary
// host gets none of them, and nothing in /etc is ever touched.
#include "pod/podman_setup.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "pod/oci_runtime.hpp"

namespace podplay::pod {
namespace {

namespace fs = std::filesystem;

std::string containers_conf(const HostFacts& facts, const PodmanPlan& plan) {
  const std::string name = plan.runtime == facts.crun ? "crun" : "runc";
  const std::string path = plan.strip_limits ? facts.run_folder + "/" + kRuntimeName : plan.runtime;
  // The runtime keeps its usual name, so that plain podman commands find the containers too.
  return fmt::format(
      "# Written by podplay for this host; `podplay doctor` says why.\n"
      "[engine]\n"
      "runtime = \"{0}\"\n\n"
      "[engine.runtimes]\n"
      "{0} = [\"{1}\"]\n",
      name, path);
}

// Containers need the wrapper as long as they live. It is a copy, because the program that it comes
// from may be rebuilt or removed.
Status install_copy(const std::string& program, const std::string& path) {
  std::error_code error;
  // Two commands may do this at once.
  const fs::path beside = fmt::format("{}.new.{}", path, ::getpid());
  fs::copy_file(program, beside, fs::copy_options::overwrite_existing, error);
  if (!error) {
    fs::permissions(beside, fs::perms(0755), error);
  }
  if (!error) {
    fs::rename(beside, path, error);
  }
  if (error) {
    std::error_code ignored;
    fs::remove(beside, ignored);
    return fail(ErrorKind::io, "host_files",
                fmt::format("could not install {}: {}", path, error.message()),
                "run as the user who runs podman");
  }
  return {};
}

// Whether `b` was copied from `a` as it is now.
bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  if (fs::file_size(a, error) != fs::file_size(b, error) || error) {
    return false;
  }
  const auto a_time = fs::last_write_time(a, error);
  const auto b_time = fs::last_write_time(b, error);
  return !error && a_time <= b_time;
}

// Running containers read these files at every exec, so they are replaced by a rename, and only
// when they differ.
Status prepare_runtime(Files& files, const HostFacts& facts, const PodmanPlan& plan) {
  const std::string link = facts.run_folder + "/" + kRealRuntimeLink;
  const auto target = files.read_link(link);
  if (!target || *target != plan.runtime) {
    TRY(files.swap_link(plan.runtime, link));
  }
  const std::string& path = plan.environment.at("CONTAINERS_CONF");
  const std::string wanted = containers_conf(facts, plan);
  if (files.exists(path) && files.read(path).value_or("") == wanted) {
    return {};
  }
  return files.write_atomic(path, wanted);
}

}  // namespace

PodmanPlan plan_podman(const HostFacts& facts) {
  PodmanPlan plan;
  const bool old_cgroups = has_old_cgroups(facts);
  plan.strip_limits = facts.rootless ? old_cgroups : !facts.sys_resource;
  const bool podman_would_take_crun = !facts.crun.empty() && !facts.runc.empty();
  if (plan.strip_limits || (old_cgroups && podman_would_take_crun)) {
    plan.runtime = old_cgroups || facts.crun.empty() ? facts.runc : facts.crun;
  }
  if (!plan.runtime.empty()) {
    plan.environment["CONTAINERS_CONF"] = facts.run_folder + "/containers.conf";
  }
  plan.reap = needs_reaper(facts);
  if (plan.reap) {
    plan.prefix = {facts.run_folder + "/" + kRuntimeName, kReapOption, "podman"};
  }
  if (facts.rootless) {
    plan.storage_conf = storage_conf(choose_storage(facts.storage), facts.storage);
  }
  if (!plan.storage_conf.empty()) {
    plan.environment["CONTAINERS_STORAGE_CONF"] = facts.storage.our_file;
  }
  return plan;
}

Status prepare_podman(Files& files, const std::string& program, const HostFacts& facts,
                      const PodmanPlan& plan) {
  // A store cannot change its driver, so the file that it was made with stays.
  if (!plan.storage_conf.empty() && !facts.storage.configured_by_us) {
    const std::string& path = facts.storage.our_file;
    TRY(files.make_dirs(fs::path(path).parent_path()));
    TRY(files.write_atomic(path, plan.storage_conf));
  }
  if (plan.runtime.empty() && !plan.reap) {
    return {};
  }
  TRY(files.make_dirs(facts.run_folder));
  const std::string copy = facts.run_folder + "/" + kRuntimeName;
  if ((plan.strip_limits || plan.reap) && !same_file(program, copy)) {
    TRY(install_copy(program, copy));
  }
  return plan.runtime.empty() ? Status{} : prepare_runtime(files, facts, plan);
}

}  // namespace podplay::pod
