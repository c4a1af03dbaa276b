// Fills in deploy/pod.yaml line by line, reads the result back, and adds the settings as
// ConfigMaps and a Secret. Pure: the same text and settings give the same manifest.
#include "pod/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/numbers.hpp"

namespace podplay::pod {
namespace {

// "key: value  #= ${SETTING}": the value becomes the setting.
constexpr std::string_view kFill = "#= ";
// "#? NAME" begins a block that is kept when the setting NAME is not empty; "#?" ends it.
constexpr std::string_view kBlock = "#?";
// The NAME of a block that is kept when any setting that is a secret is not empty.
constexpr std::string_view kSecrets = "secrets";
// Our label goes after this line.
constexpr std::string_view kLabelLine = "    app: podplay\n";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(" \r") - begin + 1);
}

std::unexpected<Error> wrong_line(std::size_t number, std::string_view line, std::string_view why) {
  return fail(ErrorKind::invalid, "manifest",
              fmt::format("the pod's manifest, line {}: {}: {}", number, why, trimmed(line)),
              "compare the file with deploy/pod.yaml of this version");
}

// "${PODPLAY_X}-run" becomes "podplay-run". An Error names an unknown setting.
Result<std::string> expand(std::string_view pattern, const Settings& settings, std::size_t number) {
  std::string value;
  while (true) {
    const auto begin = pattern.find("${");
    value += pattern.substr(0, begin);
    if (begin == std::string_view::npos) {
      return value;
    }
    const auto end = pattern.find('}', begin);
    if (end == std::string_view::npos) {
      return wrong_line(number, pattern, "a ${ without its }");
    }
    const auto name = pattern.substr(begin + 2, end - begin - 2);
    const SettingRow* row = settings.find(name);
    if (row == nullptr) {
      return wrong_line(number, pattern, fmt::format("no setting is named {}", name));
    }
    value += settings.text(*row);
    pattern.remove_prefix(end + 1);
  }
}

// Numbers and plain words stay as they are; everything else becomes a JSON string, which is YAML as
// well.
std::string scalar(const std::string& value) {
  const bool plain = !value.empty() && std::ranges::all_of(value, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '/' ||
           c == '_';
  });
  return plain ? value : nlohmann::json(value).dump();
}

// Settings about this host or this program mean nothing inside the pod.
bool goes_into_pod(std::string_view name) {
  return !name.ends_with("_VOLUME") && name != "PODPLAY_OVERRIDES" && name != "PODPLAY_URL" &&
         name != "PODPLAY_READY_DEADLINE";
}

// By name; those that are empty are left out.
nlohmann::json secret_settings(const Settings& settings) {
  nlohmann::json secrets = nlohmann::json::object();
  for (const SettingRow& row : settings.rows()) {
    if (row.type == SettingType::secret && goes_into_pod(row.name) && !settings.text(row).empty()) {
      secrets[std::string(row.name)] = settings.text(row);
    }
  }
  return secrets;
}

Result<std::string> fill_line(std::string_view line, const Settings& settings, std::size_t number) {
  const auto marker = line.find(kFill);
  if (marker == std::string_view::npos) {
    return std::string(line);
  }
  TRY(const auto value, expand(trimmed(line.substr(marker + kFill.size())), settings, number));
  const auto before = line.substr(0, marker);
  const auto key_end = before.find(": ");
  const auto place = key_end != std::string_view::npos ? key_end + 2 : before.find("- ") + 2;
  return std::string(before.substr(0, place)) + scalar(value);
}

Result<std::string> fill_lines(std::string_view text, const Settings& settings) {
  std::string filled;
  bool keep = true;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    const auto content = trimmed(line);
    if (content.starts_with(kBlock)) {
      const auto name = trimmed(content.substr(kBlock.size()));
      const SettingRow* row = settings.find(name);
      if (row != nullptr) {
        keep = !settings.text(*row).empty();
      } else if (name == kSecrets) {
        keep = !secret_settings(settings).empty();
      } else if (name.empty()) {
        keep = true;
      } else {
        return wrong_line(number, line, "unknown condition");
      }
      continue;
    }
    if (!keep || content.starts_with("# ")) {
      continue;
    }
    TRY(const auto done, fill_line(line, settings, number));
    filled += done + "\n";
  }
  return filled;
}

// The value of "key: value" or "- key: value", when the line has this key.
bool has(std::string_view content, std::string_view key, std::string& value) {
  if (content.starts_with("- ")) {
    content.remove_prefix(2);
  }
  if (!content.starts_with(key) || content.substr(key.size(), 1) != ":") {
    return false;
  }
  value = trimmed(content.substr(key.size() + 1));
  if (value.size() >= 2 && value.front() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  return true;
}

void add_once(std::vector<std::string>& list, const std::string& value) {
  if (std::ranges::find(list, value) == list.end()) {
    list.push_back(value);
  }
}

// Reads the filled-in manifest back. It knows only the YAML that deploy/pod.yaml uses: sections are
// told apart by the indentation that the file keeps.
class Reader {
 public:
  explicit Reader(Manifest& manifest) : manifest_(manifest) {}

  void line(std::string_view line) {
    const auto indent = line.find_first_not_of(' ');
    if (indent == std::string_view::npos) {
      return;
    }
    const auto content = trimmed(line);
    std::string value;
    if (indent <= 2) {
      section_ = content;
    }
    if (section_ == "metadata:" || indent == 2) {
      metadata(content);
    }
    if (indent == 4 && content.starts_with("- ") && has(content, "name", value)) {
      item_ = value;
    }
    if (has(content, "image", value)) {
      add_once(manifest_.images, value);
    }
    if (section_ == "volumes:") {
      volume(content);
    }
    if (section_ == "containers:" || section_ == "initContainers:") {
      container(indent, content);
    }
  }

 private:
  void metadata(std::string_view content) {
    std::string value;
    if (manifest_.pod.empty() && has(content, "name", value)) {
      manifest_.pod = value;
    }
  }
  void volume(std::string_view content) {
    std::string value;
    if (has(content, "emptyDir", value)) {
      manifest_.scratch.push_back(item_);
    }
    // podman makes a volume of a secret, too.
    if (has(content, "secretName", value)) {
      manifest_.scratch.push_back(value);
    }
    if (has(content, "claimName", value)) {
      manifest_.claims.push_back(value);
    }
  }
  void container(std::size_t indent, std::string_view content) {
    std::string value;
    if (indent == 4 && has(content, "name", value)) {
      auto& names = section_ == "containers:" ? manifest_.containers : manifest_.init;
      names.push_back(value);
    }
    if (indent == 8 && content.starts_with("- ") && has(content, "name", value)) {
      port_name_ = value;
    }
    if (has(content, "hostPort", value)) {
      PublishedPort port{.container = item_, .name = port_name_, .setting = {}, .address = {}};
      port.port = parse_number<decltype(port.port)>(value).value_or(0);
      manifest_.ports.push_back(port);
    }
    if (manifest_.ports.empty()) {
      return;
    }
    if (has(content, "hostIP", value)) {
      manifest_.ports.back().address = value;
    }
    if (has(content, "protocol", value)) {
      manifest_.ports.back().udp = value == "UDP";
    }
  }

  Manifest& manifest_;
  // "containers:", the last line that was indented by at most two blanks.
  std::string section_;
  // The name of the container or volume that the line belongs to.
  std::string item_;
  // The name of the port that the line belongs to.
  std::string port_name_;
};

// Finds the setting that a port's number came from, so that a message can name it.
void name_settings(Manifest& manifest, const Settings& settings) {
  for (PublishedPort& port : manifest.ports) {
    for (const SettingRow& row : settings.rows()) {
      if (row.name.starts_with("PODPLAY_HOST_") && row.name.ends_with("_PORT") &&
          settings.text(row) == std::to_string(port.port)) {
        port.setting = row.name;
      }
    }
  }
}

bool is_logging(std::string_view name) {
  return name.ends_with("_LOG_LEVEL") || name.starts_with("PODPLAY_LOG_");
}

std::string config_map(const std::string& name, const Settings& settings,
                       bool (*wanted)(std::string_view)) {
  std::string text = fmt::format(
      "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\ndata:\n", scalar(name));
  for (const SettingRow& row : settings.rows()) {
    const std::string& value = settings.text(row);
    if (row.type != SettingType::secret && wanted(row.name) && !value.empty()) {
      text += fmt::format("  {}: {}\n", row.name, nlohmann::json(value).dump());
    }
  }
  return text;
}

// One file with all, so that a value that was taken away does not stay in podman's volume.
std::string secret_yaml(const std::string& name, const nlohmann::json& secrets) {
  return fmt::format(
      "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {}\ndata:\n  settings.json: \"{}\"\n",
      scalar(name), base64(secrets.dump()));
}

}  // namespace

std::string secret_name(const std::string& pod) { return pod + "-secrets"; }

std::string config_maps(const Settings& settings) {
  const std::string& pod = settings.text("PODPLAY_POD_NAME");
  return config_map(pod + "-settings", settings, goes_into_pod) +
         config_map(pod + "-logging", settings, is_logging);
}

Result<Manifest> fill_manifest(std::string_view text, const Settings& settings) {
  TRY(const auto filled, fill_lines(text, settings));
  Manifest manifest;
  Reader reader(manifest);
  std::string_view rest = filled;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    reader.line(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  if (manifest.pod.empty() || manifest.containers.empty()) {
    return fail(ErrorKind::invalid, "manifest", "the pod's manifest names no pod or no containers",
                "compare it with deploy/pod.yaml");
  }
  if (const auto secrets = secret_settings(settings); !secrets.empty()) {
    const std::string name = secret_name(manifest.pod);
    if (std::ranges::find(manifest.scratch, name) == manifest.scratch.end()) {
      return fail(ErrorKind::invalid, "manifest",
                  fmt::format("the pod's manifest has no volume of the Secret {}", name),
                  "compare it with deploy/pod.yaml of this version");
    }
    manifest.secret = secret_yaml(name, secrets);
  }
  name_settings(manifest, settings);
  manifest.yaml = filled + config_maps(settings);
  return manifest;
}

void seal_manifest(Manifest& manifest, const std::map<std::string, std::string>& image_ids) {
  std::string all = manifest.yaml + manifest.secret;
  for (const auto& [name, id] : image_ids) {
    all += name + " " + id + "\n";
  }
  manifest.inputs = sha256_hex(all).substr(0, 32);
  const auto label = manifest.yaml.find(kLabelLine);
  if (label != std::string::npos) {
    manifest.yaml.insert(label + kLabelLine.size(),
                         fmt::format("    podplay.inputs: \"{}\"\n", manifest.inputs));
  }
}

}  // namespace podplay::pod
