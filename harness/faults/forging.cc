#include "faults/forging.hh"

#include <fmt/core.h>

#include <algorithm>

#include "base/error.hh"
#include "base/icmp_error.hh"
#include "faults/packet.hh"
#include "network/forge.hh"

namespace tcpwitness {
namespace {

constexpr uint8_t kHopsAfterPath = 63;

// A connection as its forged packet's receiver has it.
struct Target {
    SocketAddress receiver;
    SocketAddress sender;  // who is imitated
    EndNumbers numbers;    // of the receiver
    EndNumbers sender_numbers;
};

const IpAddress& address_of(const std::string& host, const Situation& situation) {
    const auto found = situation.addresses.find(host);
    if (found == situation.addresses.end()) throw Error(fmt::format("{} has no address of this family", host));
    return found->second;
}

// The same incarnation as the other end has it: its initial number is what this end received as such.
EndNumbers other_end(const Target& target, const ConnectionNumbers& numbers) {
    for (const EndNumbers& each : numbers.incarnations(target.sender, target.receiver)) {
        if (each.isn && each.isn == target.numbers.irs) return each;
    }
    return {};
}

Target target_of(const std::string& name, Way way, const Situation& situation) {
    const NumberedSocket named = find_numbers(name, situation.sockets, situation.numbers);
    Target target{.receiver = named.socket->local, .sender = *named.socket->remote, .numbers = named.numbers};
    target.sender_numbers = other_end(target, situation.numbers);
    if (named.socket->host != receiver_of(way)) {
        std::swap(target.receiver, target.sender);
        std::swap(target.numbers, target.sender_numbers);
    }
    return target;
}

// The connection that nobody needs to name: the only one that the receiver ever had.
std::string only_connection(Way way, const Situation& situation) {
    const Socket* found = nullptr;
    for (const Socket& socket : situation.sockets) {
        if (socket.host != receiver_of(way) || !socket.remote || socket.name.empty()) continue;
        if (found != nullptr)
            throw Error(fmt::format("{} and {} could be meant: say about={}", to_string(*found), to_string(socket),
                                    socket.name));
        found = &socket;
    }
    if (found == nullptr) throw Error(fmt::format("no socket of {} has a connection", receiver_of(way)));
    return found->name;
}

std::string named_socket(const InjectTrick& trick) {
    if (!trick.about.empty()) return trick.about;
    for (const auto* expression :
         {&trick.sequence, &trick.acknowledgment, &trick.options.timestamp, &trick.options.timestamp_echo}) {
        if (*expression && !socket_of(**expression).empty()) return socket_of(**expression);
    }
    return {};
}

Target target_of(const InjectTrick& trick, const Situation& situation) {
    const std::string name = named_socket(trick);
    const std::string sender = receiver_of(opposite(trick.way));
    const std::string receiver = receiver_of(trick.way);
    const bool all_said = trick.source_port && trick.destination_port;
    Target target;
    if (name.empty() && all_said) {
        target.sender.ip = address_of(sender, situation);
        target.receiver.ip = address_of(receiver, situation);
    } else {
        target = target_of(name.empty() ? only_connection(trick.way, situation) : name, trick.way, situation);
    }
    if (trick.source_port) target.sender.port = *trick.source_port;
    if (trick.destination_port) target.receiver.port = *trick.destination_port;
    return target;
}

bool names_a_socket(const Expression& expression) {
    return !socket_of(expression).empty();
}

// An expression without a socket counts from the initial number of the end that sent the byte, when that is known.
uint32_t number(const Expression& expression, const std::optional<uint32_t>& initial, const Situation& situation) {
    const uint32_t value = settle(expression, situation.sockets, situation.numbers);
    return names_a_socket(expression) ? value : initial.value_or(0) + value;
}

uint32_t known(const std::optional<uint32_t>& value, std::string_view what) {
    if (!value) throw Error(fmt::format("no segment has shown {} yet: say it", what));
    return *value;
}

uint32_t timestamp(const std::optional<Expression>& said, const std::optional<uint32_t>& latest,
                   const Situation& situation) {
    return said ? settle(*said, situation.sockets, situation.numbers) : latest.value_or(0);
}

std::string options_of(const ForgedOptions& options, const Target& target, const Situation& situation) {
    std::string bytes;
    if (options.mss) bytes += tcp_option::mss(*options.mss);
    if (options.sack_permitted) bytes += tcp_option::sack_permitted();
    if (options.timestamps) {
        bytes += tcp_option::timestamps(timestamp(options.timestamp, target.numbers.ts_recent, situation),
                                        timestamp(options.timestamp_echo, target.numbers.ts_val, situation));
    }
    if (options.window_scale) bytes += tcp_option::window_scale(*options.window_scale);
    std::vector<std::pair<uint32_t, uint32_t>> blocks;
    for (const auto& [left, right] : options.sack) {
        blocks.emplace_back(number(left, target.numbers.isn, situation), number(right, target.numbers.isn, situation));
    }
    if (!blocks.empty()) bytes += tcp_option::sack(blocks);
    return bytes;
}

}  // namespace

std::string receiver_of(Way way) {
    return way == Way::to_server ? "server" : "client";
}

std::string forge(const InjectTrick& trick, const Situation& situation) {
    const Target target = target_of(trick, situation);
    ForgedSegment segment{.source = target.sender, .destination = target.receiver, .flags = trick.flags};
    segment.sequence = trick.sequence ? number(*trick.sequence, target.numbers.irs, situation)
                                      : known(target.numbers.rcv_nxt, "what the receiver expects next");
    if (trick.acknowledgment) {
        segment.acknowledgment = number(*trick.acknowledgment, target.numbers.isn, situation);
    } else if ((trick.flags & tcp_flag::kAck) != 0) {
        segment.acknowledgment = known(target.numbers.snd_nxt, "what the receiver has sent");
    }
    segment.window =
        trick.window ? static_cast<uint16_t>(*trick.window) : target.sender_numbers.window.value_or(segment.window);
    segment.urgent_pointer = trick.urgent_pointer;
    segment.options = options_of(trick.options, target, situation);
    segment.payload = trick.payload.empty() ? std::string(static_cast<size_t>(trick.length), '\0') : trick.payload;
    segment.ttl = trick.ttl.value_or(kHopsAfterPath);
    segment.bad_checksum = trick.bad_checksum;
    return forge_segment(segment);
}

std::string forge(const IcmpTrick& trick, const Situation& situation) {
    const std::string name = !trick.about.empty() ? trick.about
                             : trick.sequence     ? socket_of(*trick.sequence)
                                                  : std::string();
    const Target target = target_of(name.empty() ? only_connection(trick.way, situation) : name, trick.way, situation);
    const Family family = target.receiver.ip.family;
    const std::optional<IcmpError> error = find_icmp_error(trick.error, family);
    if (!error) throw Error(fmt::format("there is no ICMP error '{}'", trick.error));
    if (target.numbers.latest.empty()) throw Error("its receiver has sent no segment that it could quote");
    ForgedIcmpError packet{.destination = target.receiver.ip, .type = error->type, .code = error->code};
    packet.source =
        error->from_destination ? target.sender.ip : address_of("path > " + receiver_of(trick.way), situation);
    packet.rest = error->has_mtu ? static_cast<uint32_t>(trick.mtu.value_or(0)) : 0;
    packet.quoted = target.numbers.latest;
    if (trick.sequence) set_sequence(packet.quoted, number(*trick.sequence, target.numbers.isn, situation));
    return forge_icmp_error(packet);
}

}  // namespace tcpwitness
