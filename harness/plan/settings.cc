#include "plan/settings.hh"

#include <algorithm>
#include <array>

namespace tcpwitness {
namespace {

// Compares as many numbers as the case wrote: 6.1.50 is "= 6.1" and not "> 6.1".
bool version_holds(const WhenTest& test, const KernelVersion& kernel) {
    const std::array<int, 3> numbers{kernel.major, kernel.minor, kernel.patch};
    for (size_t i = 0; i < test.version.size(); ++i) {
        if (numbers.at(i) != test.version[i]) return Comparison{test.relation, test.version[i]}.holds(numbers.at(i));
    }
    return Comparison{test.relation, 0}.holds(0);
}

// "net.ipv4.conf.client0.rp_filter" as "net.ipv4.conf.default.rp_filter".
std::string with_default_interface(const std::string& key) {
    constexpr std::array<std::string_view, 4> kPerInterface{"net.ipv4.conf.", "net.ipv6.conf.", "net.ipv4.neigh.",
                                                            "net.ipv6.neigh."};
    for (const std::string_view prefix : kPerInterface) {
        if (!key.starts_with(prefix)) continue;
        const size_t dot = key.rfind('.');
        if (dot < prefix.size()) return key;
        return std::string(prefix) + "default" + key.substr(dot);
    }
    return key;
}

}  // namespace

bool has_sysctl(const Machine& machine, const std::string& key) {
    const std::vector<std::string>& known = machine.sysctls;
    if (known.empty()) return true;
    return std::find(known.begin(), known.end(), key) != known.end() ||
           std::find(known.begin(), known.end(), with_default_interface(key)) != known.end();
}

bool Settings::holds(const WhenTest& test) const {
    switch (test.kind) {
        case WhenTest::Kind::kernel:
            return version_holds(test, machine_.version());
        case WhenTest::Kind::family:
            return (test.family == family_) == (test.relation == Relation::equal);
        case WhenTest::Kind::sysctl:
            return has_sysctl(machine_, test.sysctl) == (test.relation == Relation::equal);
        case WhenTest::Kind::clock:
            return (test.virtual_time == machine_.virtual_time) == (test.relation == Relation::equal);
    }
    return false;
}

bool Settings::holds(const When& when) const {
    return std::any_of(when.any_of.begin(), when.any_of.end(), [&](const std::vector<WhenTest>& all) {
        return std::all_of(all.begin(), all.end(), [&](const WhenTest& test) { return holds(test); });
    });
}

}  // namespace tcpwitness
