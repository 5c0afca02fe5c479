#include "report/bind_json.hh"

#include <nlohmann/json.hpp>

#include "base/error.hh"
#include "report/bind_words.hh"

namespace tcpwitness {
namespace {

using nlohmann::json;

std::string certainty_name(Certainty certainty) {
    return certainty == Certainty::yes ? "yes" : certainty == Certainty::no ? "no" : "depends";
}

json option_json(const std::optional<bool>& option) {
    return option ? json(*option) : json(nullptr);
}

json seconds_json(const std::optional<Duration>& duration) {
    return duration ? json(std::chrono::duration<double>(*duration).count()) : json(nullptr);
}

json socket_json(const HeldSocket& socket, const Conflict& conflict, const WantedBind& wanted) {
    json owners = json::array();
    for (const SocketOwner& owner : socket.owners)
        owners.push_back({{"pid", owner.process}, {"descriptor", owner.descriptor}, {"name", owner.name}});
    json depends = json::array();
    for (const BindFlag flag : conflict.depends_on) depends.push_back(option_name(flag));
    return {{"state", to_string(socket.state)},
            {"mini_socket", socket.mini_socket},
            {"family", socket.family},
            {"local", socket.local},
            {"remote", socket.remote ? json(*socket.remote) : json(nullptr)},
            {"user", socket.mini_socket ? json(nullptr) : json(socket.user)},
            {"inode", socket.inode},
            {"owners", owners},
            {"left_seconds", seconds_json(socket.left)},
            {"SO_REUSEADDR", option_json(socket.options.reuse_address)},
            {"SO_REUSEPORT", option_json(socket.options.reuse_port)},
            {"IPV6_V6ONLY", socket.family == Family::ipv6 ? option_json(socket.options.v6_only) : json(nullptr)},
            {"in_the_way", certainty_name(conflict.certainty)},
            {"depends_on", depends},
            {"reason", reason_text(wanted, socket, conflict)}};
}

json remedies_json(const std::vector<Remedy>& remedies) {
    json list = json::array();
    for (const Remedy& remedy : remedies) {
        json wanted = json::array();
        json held = json::array();
        for (const OptionChange& change : remedy)
            (change.whose == OptionChange::Whose::wanted ? wanted : held).push_back(option_name(change.flag));
        list.push_back({{"this_socket", wanted}, {"in_the_way", held}});
    }
    return list;
}

}  // namespace

std::string bind_json(const WantedBind& wanted, const BindMachine& machine, const BindAnswer& answer,
                      const BindSight& sight) {
    json sockets = json::array();
    for (size_t index = 0; index < answer.conflicts.size(); ++index)
        sockets.push_back(socket_json(machine.sockets[index], answer.conflicts[index], wanted));
    const json object{{"address", wanted.address},
                      {"user", wanted.user},
                      {"SO_REUSEADDR", wanted.reuse_address},
                      {"SO_REUSEPORT", wanted.reuse_port},
                      {"IPV6_V6ONLY", wanted.v6_only},
                      {"would_work", certainty_name(answer.works)},
                      {"error", answer.error == 0 ? json(nullptr) : json(errno_name(answer.error))},
                      {"refusal", refusal_text(wanted, machine, answer.refusal)},
                      {"sockets", sockets},
                      {"remedies", remedies_json(answer.remedies)},
                      {"wait_seconds", seconds_json(answer.wait)},
                      {"idle_rivals", answer.rivals.size()},
                      {"may_hide_a_socket", answer.may_hide_a_socket},
                      {"kernel", sight.kernel},
                      {"options_refused", sight.options_refused},
                      {"closed_processes", sight.closed_processes}};
    // Names of processes may be anything.
    return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace tcpwitness
