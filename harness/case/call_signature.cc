#include "case/call_signature.hh"

#include <algorithm>

namespace tcpwitness {
namespace {

using P = Parameter;

const std::vector<CallSignature>& signatures() {
    static const std::vector<CallSignature> kSignatures{
        {"socket", {P::socket_kind, P::socket_kind, P::socket_kind}, 0, true},
        {"bind", {P::socket, P::address}, 2},
        {"listen", {P::socket, P::number}, 2},
        {"accept", {P::socket, P::accept_flags}, 1, true, Gives::address},
        {"connect", {P::socket, P::target}, 2},
        {"shutdown", {P::socket, P::direction}, 2},
        {"close", {P::socket}, 1},
        {"getsockname", {P::socket}, 1, false, Gives::address},
        {"getpeername", {P::socket}, 1, false, Gives::address},
        {"poll", {P::socket, P::events, P::timeout}, 2, false, Gives::events},
        {"fcntl", {P::socket, P::number, P::number}, 2},
        {"ioctl", {P::socket, P::number}, 2, false, Gives::number},
        {"setsockopt", {P::socket, P::level, P::option, P::option_value}, 4},
        {"getsockopt", {P::socket, P::level, P::option, P::tcp_info_field}, 3, false, Gives::option_value},
        {"send", {P::socket, P::payload, P::message_flags}, 2},
        {"sendto", {P::socket, P::payload, P::message_flags, P::address}, 4},
        {"write", {P::socket, P::payload}, 2},
        {"recv", {P::socket, P::length, P::message_flags}, 1},
        {"read", {P::socket, P::length}, 1},
        {"exit", {P::number}, 0},
    };
    return kSignatures;
}

}  // namespace

const CallSignature* call_signature(std::string_view function) {
    const std::vector<CallSignature>& all = signatures();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const CallSignature& each) { return each.function == function; });
    return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> call_names() {
    std::vector<std::string> names;
    for (const CallSignature& each : signatures()) names.emplace_back(each.function);
    return names;
}

}  // namespace tcpwitness
