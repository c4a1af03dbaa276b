// A look that fails, as while the store is away, is repeated until it succeeds.
#include "control/certificates/outside_watch.hpp"

#include <sys/resource.h>

#include "control/certificates/outside.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono_literals;

// Of nice(2): the looks at start read every certificate, while the services wait for their work.
constexpr int kNice = 10;

}  // namespace

OutsideWatch::OutsideWatch(Context& context, FolderWatchOptions options)
    : context_(context),
      watch_(context.files, context.paths.certificates, context.certificate_log, options) {}

void OutsideWatch::start() {
  thread_ = std::thread([this] { run(); });
}

void OutsideWatch::stop() {
  stopping_ = true;
  watch_.wake();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void OutsideWatch::run() {
  // On Linux a thread has a priority of its own, and 0 is the thread that asks.
  ::setpriority(PRIO_PROCESS, 0, kNice);
  const auto names = watch_.begin();
  if (!names) {
    context_.certificate_log.error("the folders of certificates are not watched",
                                   {{"why", describe(names.error())}});
    return;
  }
  for (const std::string& name : *names) {
    if (stopping_) {
      return;
    }
    look(name);
  }
  context_.certificate_log.info("watching the folders of certificates",
                                {{"certificates", names->size()},
                                 {"watches", watch_.watches()},
                                 {"polled", watch_.polled()}});
  while (!stopping_) {
    for (const std::string& name : watch_.wait(1h)) {
      look(name);
    }
  }
}

void OutsideWatch::look(const std::string& name) {
  const Status looked = look_at_folder(context_, name);
  if (!looked) {
    context_.certificate_log.error("the folder of a certificate could not be looked at",
                                   {{"name", name}, {"why", describe(looked.error())}});
    watch_.look_again(name, 10s);
  }
}

}  // namespace podplay::control
