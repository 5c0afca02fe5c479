// Settings of the kernel and options of sockets: which there are to show, and which a run showed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "coverage/run_view.hh"

namespace tcpwitness {

// The net.ipv4.tcp_* and other settings that change what a program sees: what the case library is to cover.
const std::vector<std::string_view>& wanted_sysctls();
// Every option that the case language knows.
std::vector<std::string_view> wanted_options();

struct ShownKnob {
    std::string name;
    std::string value;  // "" for an option that was only read
};

// What the case set at its beginning or in the middle; what the harness sets for itself in every run is left out.
std::vector<ShownKnob> sysctls_set(const RunView& run);
// Options of setsockopt and getsockopt calls that succeeded.
std::vector<ShownKnob> options_used(const RunView& run);

}  // namespace tcpwitness
