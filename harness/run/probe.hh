// What this kernel and user can do, found out by doing it: the only maker of a Machine on the kernel it is called on.
#pragma once

#include <string>
#include <vector>

#include "plan/machine.hh"

namespace tcpwitness {

// Looks for `programs` on PATH. Must be called in a worker: it makes links, rules and mounts that go with its namespaces.
Machine probe_machine(const std::vector<std::string>& programs);

// For a machine that refuses the namespaces themselves, so that no probe can be made: why, in the kernel's words.
Machine machine_without_namespaces(const std::string& why);

}  // namespace tcpwitness
