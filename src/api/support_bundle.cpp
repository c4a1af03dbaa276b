// The answer to a start says how far the bundle is; a job makes it. A bundle that is not there any
// more is answered with 404.
#include "api/support_bundle.hpp"

#include "api/download.hpp"
#include "control/watch/tools/support_bundle.hpp"

namespace podplay::api {
namespace {

Json bundle_json(const control::SupportBundle& bundle) {
  return {
      {"state", bundle.state},
      {"percent", bundle.percent},
      {"words", bundle.words},
      {"bytes", bundle.bytes},
      {"file", bundle.file},
      {"created", bundle.created == WallTime{} ? Json(nullptr) : Json(to_rfc3339(bundle.created))}};
}

}  // namespace

Result<Answer> start_support_bundle(control::Context& context, Request& request) {
  std::vector<control::HostFile> files;
  for (const Json& file : request.body.value("host", Json::array())) {
    files.push_back({.name = wire::text_or(file, "name"), .text = wire::text_or(file, "text")});
  }
  TRY(const auto bundle, control::start_support_bundle(context, request.actor, files));
  return Answer{.body = bundle_json(bundle)};
}

Result<Answer> get_support_bundle(control::Context& context, Request&) {
  TRY(const auto bundle, control::get_support_bundle(context));
  return Answer{.body = bundle_json(bundle)};
}

Result<Answer> download_support_bundle(control::Context& context, Request&) {
  TRY(auto file, control::find_support_bundle(context));
  return file_answer({.path = std::move(file.path),
                      .name = std::move(file.name),
                      .bytes = static_cast<std::size_t>(file.bytes),
                      .media_type = "application/gzip"},
                     {.kind = ErrorKind::not_found,
                      .code = "bundle_missing",
                      .message = "the support bundle is not there any more",
                      .remedy = "make one with `podplay support-bundle`"});
}

}  // namespace podplay::api
