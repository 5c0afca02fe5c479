#include "plan/path_support.hh"

#include "plan/machine.hh"

namespace tcpwitness {

// No trick is carried out yet: a case that asks for one is a skip that names it.
std::vector<std::string> missing_of(const CasePathTrick& trick) {
    return {trick.function};
}

std::vector<std::string> features_of(const CasePathTrick& trick) {
    if (trick.function == "netem") return {std::string(feature::kNetem)};
    if (trick.function == "drop") return {std::string(feature::kNftables)};
    return {};
}

}  // namespace tcpwitness
