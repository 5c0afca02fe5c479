#include "tune/profile.hh"

#include <fmt/core.h>
#include <fnmatch.h>

#include <algorithm>

#include "base/sysctl_key.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    const size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The first separator of a key tells which of '.' and '/' is one (sysctl.d(5)).
std::string with_dots(std::string key) {
    const size_t first = key.find_first_of("./");
    const bool has_dots = first == std::string::npos || key[first] == '.';
    return has_dots ? key : swap_dots_and_slashes(std::move(key));
}

bool contains(const std::vector<std::string>& keys, const std::string& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

std::vector<std::string> matching(const std::vector<std::string>& keys, const std::string& pattern) {
    std::vector<std::string> found;
    std::copy_if(keys.begin(), keys.end(), std::back_inserter(found),
                 [&pattern](const std::string& key) { return fnmatch(pattern.c_str(), key.c_str(), 0) == 0; });
    return found;
}

std::string why_refused(const std::string& key, const std::vector<std::string>& global_keys) {
    if (matching(global_keys, key).empty()) return "this kernel has no such key";
    if (!key.starts_with("net.")) return "not a setting of the network";
    return "one for the whole kernel, not for each network namespace";
}

bool has_key(const PlanHost& host, const std::string& key) {
    return std::any_of(host.sysctls.begin(), host.sysctls.end(),
                       [&key](const auto& entry) { return entry.first == key; });
}

}  // namespace

std::vector<Setting> parse_profile(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
    std::vector<Setting> settings;
    for (int number = 1; !text.empty(); ++number) {
        const size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#' || line.front() == ';') continue;
        if (line.front() == '-') line = trimmed(line.substr(1));
        const size_t equal = line.find('=');
        const std::string_view key = trimmed(line.substr(0, equal));
        if (equal == std::string_view::npos || key.empty()) {
            diagnostics.add({file, number, 1}, "this is no setting", "write 'key = value'");
            continue;
        }
        Setting setting{with_dots(std::string(key)), std::string(trimmed(line.substr(equal + 1))), number};
        std::erase_if(settings, [&setting](const Setting& earlier) { return earlier.key == setting.key; });
        settings.push_back(std::move(setting));
    }
    return settings;
}

KnownSettings sort_settings(const std::vector<Setting>& profile, const Machine& machine,
                            const std::vector<std::string>& global_keys) {
    KnownSettings known;
    for (const Setting& setting : profile) {
        const bool pattern = setting.key.find_first_of("*?[") != std::string::npos;
        const std::vector<std::string> keys = pattern ? matching(machine.sysctls, setting.key)
                                              : contains(machine.sysctls, setting.key) ? std::vector{setting.key}
                                                                                       : std::vector<std::string>{};
        if (keys.empty()) known.refused.push_back({setting, why_refused(setting.key, global_keys)});
        for (const std::string& key : keys) known.applied.push_back({key, setting.value, setting.line});
    }
    return known;
}

Plan with_settings(Plan plan, const std::vector<Setting>& settings) {
    for (PlanHost& host : plan.network.hosts) {
        if (host.name == "path") continue;
        std::vector<std::pair<std::string, std::string>> together;
        for (const Setting& setting : settings)
            if (!has_key(host, setting.key)) together.emplace_back(setting.key, setting.value);
        together.insert(together.end(), host.sysctls.begin(), host.sysctls.end());
        host.sysctls = std::move(together);
    }
    return plan;
}

bool sets_itself(const Plan& plan, const std::string& key) {
    return std::any_of(plan.network.hosts.begin(), plan.network.hosts.end(),
                       [&key](const PlanHost& host) { return host.name != "path" && has_key(host, key); });
}

}  // namespace tcpwitness
