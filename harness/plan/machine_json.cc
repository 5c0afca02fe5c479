#include "base/json.hh"
#include "plan/machine.hh"

namespace tcpwitness {

TCPWITNESS_JSON(Feature, name, available, detail)
TCPWITNESS_JSON(Machine, kernel_release, hz, root, features, programs, sysctls, virtual_time)

std::string machine_to_json(const Machine& machine) {
    return nlohmann::json(machine).dump();
}

Machine machine_from_json(const std::string& text) {
    try {
        return nlohmann::json::parse(text).get<Machine>();
    } catch (const nlohmann::json::exception& error) {
        throw Error(std::string("not the JSON of a machine: ") + error.what());
    }
}

}  // namespace tcpwitness
