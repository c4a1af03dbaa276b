// Adopts the settings of the environment, as one change when they differ from the last ones.
// Secrets are not stored, and settings that only the host uses make no revision.
#include "control/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "control/certificates/certificates.hpp"
#include "control/change.hpp"
#include "control/zones.hpp"
#include "store/settings.hpp"

namespace podplay::control {

Result<std::map<std::string, std::string>> with_secret_settings(
    std::map<std::string, std::string> environment, Files& files, const std::string& path) {
  if (!files.exists(path)) {
    return environment;
  }
  TRY(std::string text, files.read(path));
  if (!text.starts_with('{')) {
    text = from_base64(text).value_or("");
  }
  const auto secrets = nlohmann::json::parse(text, nullptr, false);
  const bool sound = secrets.is_object() && std::ranges::all_of(secrets, [](const auto& value) {
                       return value.is_string();
                     });
  if (!sound) {
    return fail(ErrorKind::invalid, "secrets",
                fmt::format("{} is not what `podplay up` writes", path),
                "run `podplay down` and `podplay up`");
  }
  for (const auto& [name, value] : secrets.items()) {
    environment.emplace(name, value.get<std::string>());
  }
  return environment;
}

namespace {

using Kept = std::map<std::string, std::string>;

// A site is not served while a host has its name. So the sites are put in again whose names a host
// takes or gives back.
void refresh_sites(Change& change, const Kept& before, const Kept& now) {
  for (const char* setting : {"PODPLAY_HOST_NAME", "PODPLAY_MAIL_SERVER_NAME"}) {
    const auto was = before.find(setting);
    const auto is = now.find(setting);
    if (was == before.end() || is == now.end() || was->second == is->second) {
      continue;
    }
    for (const std::string& name : {was->second, is->second}) {
      refresh_site(change, name);
      refresh_parent(change, name);
    }
  }
}

}  // namespace

Status adopt_settings(Context& context) {
  Kept now;
  for (const SettingRow& row : context.settings.rows()) {
    if (row.type == SettingType::secret) {
      continue;
    }
    // Settings that only the host's commands use change no service, except the redirect's port.
    if (row.applies == "host" && row.name != "PODPLAY_HOST_HTTPS_PORT") {
      continue;
    }
    now.emplace(row.name, context.settings.text(row));
  }
  TRY(const auto before, context.store.read<Kept>([](store::Session& session) {
    return store::kept_settings(session);
  }));
  if (before == now) {
    return {};
  }
  TRY(make_change<bool>(context, Actor::system(), {}, [&](Change& change) -> Result<bool> {
    store::keep_settings(change.transaction(), now);
    // Zones name the settings' addresses.
    put_all_zones(change);
    refresh_sites(change, before, now);
    for (const ServiceName service : kServices) {
      change.concern_files(service);
    }
    change.finish("SETTINGS_CHANGED", "settings",
                  before.empty() ? "adopt the first settings" : "adopt changed settings",
                  difference(before, now));
    return true;
  }));
  return {};
}

}  // namespace podplay::control
