// What goes into guests: this program and its actor into every one, the programs of a plan into that plan's.
#pragma once

#include <string>

#include "guest/guest.hh"
#include "plan/plan.hh"

namespace tcpwitness {

// The guest that runs cases and programs on `kernel`; the same for all of them, so they share one snapshot.
guest::GuestConfiguration guest_configuration(const guest::KernelImage& kernel, guest::GuestClock clock);

// The user's PATH.
std::string search_path();

// The programs of `plan` that are not tcp_actors, with their shared libraries and the folders that their packages
// install under their names, as a cpio; empty when there are none. Throws Error naming a program that cannot be packed.
std::string packed_programs(const Plan& plan);

}  // namespace tcpwitness
