// Shell completion from the table of commands.
#include <fmt/format.h>

#include <map>
#include <string>

#include "cli/cli.hpp"
#include "cli/commands.hpp"

namespace podplay::cli {
namespace {

// First words, the verbs below each, and the options of each command.
struct Words {
  std::string first;
  std::map<std::string, std::string> second;
  std::map<std::string, std::string> options;
};

void add_word(std::string& list, std::string_view word) {
  if ((" " + list + " ").find(fmt::format(" {} ", word)) == std::string::npos) {
    list += (list.empty() ? "" : " ") + std::string(word);
  }
}

// "mail deleted list": the third word is offered where the options of "mail deleted" would be.
// Returns the words that options are offered after: at most two.
std::string add_command(Words& words, const std::string& name) {
  const std::size_t first = name.find(' ');
  add_word(words.first, name.substr(0, first));
  if (first == name.npos) {
    return name;
  }
  const std::size_t second = name.find(' ', first + 1);
  add_word(words.second[name.substr(0, first)], name.substr(first + 1, second - first - 1));
  if (second == name.npos) {
    return name;
  }
  add_word(words.options[name.substr(0, second)], name.substr(second + 1));
  return name.substr(0, second);
}

Words collect() {
  Words words;
  for (const CommandRow& row : commands()) {
    const std::string name = add_command(
        words, row.noun.empty() ? std::string(row.verb) : fmt::format("{} {}", row.noun, row.verb));
    for (const OptionRow& option : row.options) {
      if (option.flag.starts_with("--")) {
        add_word(words.options[name], option.flag);
      }
      if (option.kind == OptionKind::password) {
        add_word(words.options[name], std::string(option.flag) + "-stdin");
      }
    }
  }
  for (const SpecialRow& row : special_commands()) {
    const std::size_t blank = row.words.find(' ');
    add_word(words.first, row.words.substr(0, blank));
    if (blank != row.words.npos) {
      add_word(words.second[std::string(row.words.substr(0, blank))], row.words.substr(blank + 1));
    }
    if (!row.options.empty()) {
      words.options[std::string(row.words)] = row.options;
    }
  }
  return words;
}

constexpr std::string_view kGlobal =
    "--base-url --session --json --dry-run --wait --no-wait --verbose --insecure --ca --help";

std::string bash_script(const Words& words) {
  std::string text =
      "# podplay completion for bash: source <(podplay completion bash)\n_podplay() {\n  local "
      "cur=${COMP_WORDS[COMP_CWORD]} list\n"
      "  case \"$COMP_CWORD\" in\n    1) list=\"" +
      words.first + "\" ;;\n    2) case \"${COMP_WORDS[1]}\" in\n";
  for (const auto& [noun, verbs] : words.second) {
    text += fmt::format("      {}) list=\"{}\" ;;\n", noun, verbs);
  }
  for (const auto& [name, options] : words.options) {
    if (name.find(' ') == name.npos) {
      text += fmt::format("      {}) list=\"{}\" ;;\n", name, options);
    }
  }
  text += "      esac ;;\n    *) case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n";
  for (const auto& [name, options] : words.options) {
    text += fmt::format("      \"{}\") list=\"{}\" ;;\n", name, options);
  }
  text += "      esac ;;\n  esac\n  [[ $cur == -* ]] && list=\"$list " + std::string(kGlobal) +
          "\"\n"
          "  COMPREPLY=($(compgen -W \"$list\" -- \"$cur\"))\n}\ncomplete -F _podplay podplay "
          "podplay-auth\n";
  return text;
}

std::string fish_script(const Words& words) {
  std::string text = "# podplay completion for fish: podplay completion fish | source\n";
  text += fmt::format("complete -c podplay -f -n __fish_use_subcommand -a '{}'\n", words.first);
  for (const auto& [noun, verbs] : words.second) {
    text += fmt::format("complete -c podplay -f -n '__fish_seen_subcommand_from {}' -a '{}'\n",
                        noun, verbs);
  }
  return text;
}

}  // namespace

std::string completion_script(std::string_view shell) {
  const Words words = collect();
  if (shell == "bash") {
    return bash_script(words);
  }
  if (shell == "zsh") {
    return "#compdef podplay podplay-auth\nautoload -U +X bashcompinit && bashcompinit\n" +
           bash_script(words);
  }
  if (shell == "fish") {
    return fish_script(words);
  }
  return {};
}

}  // namespace podplay::cli
