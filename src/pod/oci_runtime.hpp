// This program under another name: an OCI runtime that removes what a restricted host cannot set
// and then becomes the real one, and a reaper of what podman leaves behind.
#pragma once

namespace podplay::pod {

// main() calls oci_runtime_main when the program was started under this name.
inline constexpr const char* kRuntimeName = "podplay-oci-runtime";
// podplay-oci-runtime --podplay-reap COMMAND...
inline constexpr const char* kReapOption = "--podplay-reap";
// A link beside the wrapper to the OCI runtime that it becomes.
inline constexpr const char* kRealRuntimeLink = "real-oci-runtime";

// Removes the resource limits that this host cannot set and executes the real OCI runtime; or, with
// kReapOption, runs a command and reaps all that it leaves behind. As a runtime it returns only on
// failure. The result is an exit code.
int oci_runtime_main(int argc, char** argv);

}  // namespace podplay::pod
