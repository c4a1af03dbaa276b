// Snapshots as JSON, and the hash by which agents and control plane know them.
#pragma once

#include "model/snapshot.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

// {"service", "revision", "body", "agent_level", "request", "generation"}
Json to_json(const Snapshot& snapshot);
Result<Snapshot> snapshot_from_json(const Json& value);
// SHA-256, hex, of the canonical JSON of the body and of agent_level: the same state has the same
// hash at every revision.
std::string snapshot_hash(const Snapshot& snapshot);

}  // namespace podplay::wire
