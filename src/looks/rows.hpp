// The functions of the table of looks, each in a file of its own. Internal to looks.
#pragma once

#include "looks/look.hpp"

namespace podplay::looks {

// How long one answer of a daemon is waited for, and a whole dialogue with it.
inline constexpr std::chrono::milliseconds kAnswerTimeout{1500};
inline constexpr std::chrono::milliseconds kDialogueDeadline{4000};

LookJson look_at_processes(const LookPlace& place, const LookQuestion& question);
LookJson look_at_sockets(const LookPlace& place, const LookQuestion& question);
LookJson look_at_files(const LookPlace& place, const LookQuestion& question);
LookJson look_at_limits(const LookPlace& place, const LookQuestion& question);
LookJson look_at_mounts(const LookPlace& place, const LookQuestion& question);
LookJson look_at_dns(const LookPlace& place, const LookQuestion& question);
LookJson look_at_smtp(const LookPlace& place, const LookQuestion& question);
LookJson look_at_imap(const LookPlace& place, const LookQuestion& question);
LookJson look_at_tls(const LookPlace& place, const LookQuestion& question);
LookJson look_at_configuration(const LookPlace& place, const LookQuestion& question);

// Adds what the container's cgroup says of its memory, if it says anything.
void add_memory(LookJson& seen, const LookPlace& place);

}  // namespace podplay::looks
