// Profile: settings as sysctl.d(5) writes them, what of them a kernel lets a network namespace have, and plans with
// them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.hh"
#include "plan/machine.hh"
#include "plan/plan.hh"

namespace tcpwitness {

struct Setting {
    std::string key;  // with dots; a dot inside a name as a slash, as sysctl(8) has it
    std::string value;
    int line = 0;
};

// "key = value" and "-key = value", comments that begin with # or ;. Keys may be written with slashes. Of a key that is
// set twice the last counts. What is none of this goes to `diagnostics`.
std::vector<Setting> parse_profile(std::string_view text, const std::string& file, Diagnostics& diagnostics);

struct RefusedSetting {
    Setting setting;
    std::string why;  // "this kernel has no such key"
};

struct KnownSettings {
    std::vector<Setting> applied;  // patterns ("net.ipv4.conf.*.rp_filter") replaced by the keys they stand for
    std::vector<RefusedSetting> refused;
};

// `global_keys`: every key of the kernel outside of namespaces made anew.
KnownSettings sort_settings(const std::vector<Setting>& profile, const Machine& machine,
                            const std::vector<std::string>& global_keys);

// The plan on hosts that have these settings. What the case itself sets stays: it is about that.
Plan with_settings(Plan plan, const std::vector<Setting>& settings);

// Whether a host of the plan has the key set by the case itself.
bool sets_itself(const Plan& plan, const std::string& key);

}  // namespace tcpwitness
