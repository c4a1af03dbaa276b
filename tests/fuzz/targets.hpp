// What reads octets from outside, as functions that must stand any input. libFuzzer looks for
// inputs that break one (tests/fuzz/fuzzer.cpp); `make test` gives each the inputs of its corpus
// (tests/fuzz/replay_test.cpp).
#pragma once

#include <span>
#include <string_view>

namespace podplay::fuzz {

struct Target {
  // The folder of its corpus below tests/fuzz/corpus.
  std::string_view name;
  // Ends the program when a promise is broken.
  void (*run)(std::string_view input);
  std::string_view help;
};

std::span<const Target> targets();
// nullptr: there is none.
const Target* find_target(std::string_view name);

// Ends the program with the promise that was broken.
void promise(bool kept, const char* what);

}  // namespace podplay::fuzz
