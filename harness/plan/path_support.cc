#include "plan/path_support.hh"

#include "plan/machine.hh"

namespace tcpwitness {

std::vector<std::string> features_of(const PathTrick& trick) {
    if (std::holds_alternative<NetemTrick>(trick)) return {std::string(feature::kNetem)};
    if (const auto* queue = std::get_if<QueueTrick>(&trick)) {
        if (queue->discipline == "fq") return {std::string(feature::kFq)};
        if (queue->discipline == "fq_codel") return {std::string(feature::kFqCodel)};
        if (queue->discipline == "tbf") return {std::string(feature::kTbf)};
    }
    return {};
}

}  // namespace tcpwitness
