// This program under another name. It is an OCI runtime that removes the limits that a restricted
// host cannot set and then becomes the real runtime, and a reaper of the processes that podman
// leaves behind.
#pragma once

namespace podplay::pod {

// main() calls oci_runtime_main when the program was started under this name.
inline constexpr const char* kRuntimeName = "podplay-oci-runtime";
// podplay-oci-runtime --podplay-reap COMMAND...
inline constexpr const char* kReapOption = "--podplay-reap";
// The link beside the wrapper that names the OCI runtime it becomes.
inline constexpr const char* kRealRuntimeLink = "real-oci-runtime";

// Removes the resource limits that this host cannot set and executes the real OCI runtime; or, with
// kReapOption, runs a command and reaps all that it leaves behind. As a runtime it returns only on
// failure. The result is an exit code.
int oci_runtime_main(int argc, char** argv);

}  // namespace podplay::pod
