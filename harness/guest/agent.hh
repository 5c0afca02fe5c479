// The other side: what runs as the first process of a guest. It makes the guest ready, stops there for the snapshot,
// takes one request from the exchange range, has it handled, leaves the reply and stops for good.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tcpwitness::guest {

struct AgentHandlers {
    // Answers a request of `kind`. Runs in a process of its own, as root, with all modules loaded and the randomness
    // seeded; the machine stops when it returns. What it throws reaches the host as the reason of a failure.
    std::function<std::string(std::string_view kind, std::string_view body)> handle;
    // Runs in that process before the snapshot is taken: what every run would otherwise have to do again. May be empty.
    std::function<void()> prepare;
};

// Whether this process was started as a guest's first process by the machine of machine_arguments.hh.
bool is_guest_agent();

// The file in the guest that names the modules to load, one path a line, in order.
constexpr const char* kModuleList = "/etc/tcpwitness/modules";

// Does all of the above; never returns.
[[noreturn]] void run_agent(const AgentHandlers& handlers);

}  // namespace tcpwitness::guest
