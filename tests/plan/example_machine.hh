// A machine that can do everything, for tests of the planner.
#pragma once

#include "plan/machine.hh"

namespace tcpwitness {

inline Machine example_machine(const std::string& kernel = "6.18.0") {
    Machine machine{.kernel_release = kernel, .hz = 250, .root = true};
    for (const std::string_view name :
         {feature::kNamespaces, feature::kVeth, feature::kIpv6, feature::kNetem,
          feature::kStateTracer, feature::kSockDiag, feature::kPacketCapture, feature::kOverlay, feature::kManyUsers}) {
        machine.features.push_back({std::string(name), true, ""});
    }
    machine.programs = {{"nginx", true}};
    return machine;
}

// The same without one feature.
inline Machine machine_without(std::string_view feature_name, const std::string& why) {
    Machine machine = example_machine();
    for (Feature& each : machine.features) {
        if (each.name == feature_name) each = {each.name, false, why};
    }
    return machine;
}

}  // namespace tcpwitness
