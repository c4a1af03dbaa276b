// Shell completion, made from the table of commands, so that it knows every command and option.
#include <fmt/format.h>

#include <map>
#include <sstream>
#include <string>

#include "cli/cli.hpp"
#include "cli/commands.hpp"

namespace podplay::cli {
namespace {

struct Words {
  // The words that may come first.
  std::string first;
  // The words that may come after a noun: after "mail" also "deleted", and after "mail deleted" its
  // verbs.
  std::map<std::string, std::string> below;
  // The options of each command.
  std::map<std::string, std::string> options;
  // The commands whose first argument is the name of something that the server knows, and their
  // noun.
  std::map<std::string, std::string> named;
};

void add_word(std::string& list, std::string_view word) {
  if ((" " + list + " ").find(fmt::format(" {} ", word)) == std::string::npos) {
    list += (list.empty() ? "" : " ") + std::string(word);
  }
}

// "mail deleted list" is "mail", then "deleted" below it, then "list" below both.
void add_command(Words& words, const std::string& command) {
  std::istringstream parts(command);
  std::string above;
  for (std::string word; parts >> word;) {
    add_word(above.empty() ? words.first : words.below[above], word);
    above += (above.empty() ? "" : " ") + word;
  }
}

Words collect() {
  Words words;
  for (const CommandRow& row : commands()) {
    const std::string command = command_words(row);
    add_command(words, command);
    for (const OptionRow& option : row.options) {
      if (option.flag.starts_with("--")) {
        add_word(words.options[command], option.flag);
      }
      if (option.place == Place::path && !option.flag.starts_with("--")) {
        words.named[command] = std::string(row.noun);
      }
      if (option.kind == OptionKind::password) {
        add_word(words.options[command], std::string(option.flag) + "-stdin");
      }
    }
  }
  return words;
}

constexpr std::string_view kGlobal =
    "--base-url --session --json --dry-run --wait --no-wait --verbose --insecure --ca --help "
    "--version";

// In the script, `before` holds the words so far, each with a blank behind it.
std::string bash_script(const Words& words) {
  std::string text =
      "# podplay completion for bash: source <(podplay completion bash)\n"
      "# An address is one word.\n"
      "COMP_WORDBREAKS=${COMP_WORDBREAKS//@}\n"
      "_podplay() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} list= before= names= i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do before+=\"${COMP_WORDS[i]} \"; done\n"
      "  case \"$before\" in\n";
  text += fmt::format("    \"\") list=\"{}\" ;;\n", words.first);
  for (const auto& [noun, list] : words.below) {
    text += fmt::format("    \"{} \") list=\"{}\" ;;\n", noun, list);
  }
  for (const auto& [command, options] : words.options) {
    text += fmt::format("    \"{} \"*) list=\"{}\" ;;\n", command, options);
  }
  text += "  esac\n  case \"$before\" in\n";
  for (const auto& [command, noun] : words.named) {
    text += fmt::format("    \"{} \") names={} ;;\n", command, noun);
  }
  text +=
      "    *\" --domain \") names=domains ;;\n  esac\n"
      "  [[ -n $names && $cur != -* ]] && list+=\" $(podplay names \"$names\" \"$cur\" "
      "2>/dev/null)\"\n"
      "  [[ $cur == -* ]] && list=\"$list " +
      std::string(kGlobal) +
      "\"\n"
      "  COMPREPLY=($(compgen -W \"$list\" -- \"$cur\"))\n}\ncomplete -F _podplay podplay "
      "podplay-auth\n";
  return text;
}

std::string fish_script(const Words& words) {
  std::string text = "# podplay completion for fish: podplay completion fish | source\n";
  text += fmt::format("complete -c podplay -f -n __fish_use_subcommand -a '{}'\n", words.first);
  for (const auto& [noun, list] : words.below) {
    std::istringstream parts(noun);
    std::string seen;
    for (std::string word; parts >> word;) {
      seen += (seen.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
    }
    text += fmt::format("complete -c podplay -f -n '{}' -a '{}'\n", seen, list);
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
