#include "report/relative_numbers.hh"

#include <fmt/core.h>

#include <map>

namespace tcpwitness {
namespace {

// The two ends in a fixed order, so that both directions have one key.
using Ends = std::pair<SocketAddress, SocketAddress>;

Ends ends_of(const TcpSegment& segment) {
    return segment.source < segment.destination ? Ends{segment.source, segment.destination}
                                                : Ends{segment.destination, segment.source};
}

// One direction of a connection.
struct Sender {
    std::optional<uint32_t> initial;       // sequence number of its SYN
    std::optional<uint32_t> highest_sent;  // the number after the last one it took
};

struct Connection {
    SocketAddress opened_by;
    std::map<SocketAddress, Sender> senders;
};

RelativeNumber relative(uint32_t number, const Sender& sender) {
    if (!sender.initial) return {number, true};
    return {static_cast<int32_t>(number - *sender.initial), false};
}

void take_initial_number(Sender& sender, const TcpSegment& segment, bool made) {
    if (!segment.has(tcp_flag::kSyn) || (sender.initial && (made || *sender.initial == segment.sequence))) return;
    sender.initial = segment.sequence;
    sender.highest_sent.reset();
}

// Whether the whole segment had been sent before; notes what is sent now.
bool sent_before(Sender& sender, const TcpSegment& segment) {
    if (segment.sequence_length() == 0) return false;
    const uint32_t end = segment.sequence + segment.sequence_length();
    if (sender.highest_sent && static_cast<int32_t>(end - *sender.highest_sent) <= 0) return true;
    sender.highest_sent = end;
    return false;
}

// `made`: the network made it, forged or copied.
SegmentNumbers number_segment(Connection& connection, const TcpSegment& segment, bool made) {
    Sender& sender = connection.senders[segment.source];
    take_initial_number(sender, segment, made);
    const Sender& receiver = connection.senders[segment.destination];
    SegmentNumbers numbers;
    numbers.sequence = relative(segment.sequence, sender);
    if (segment.has(tcp_flag::kAck)) numbers.acknowledgment = relative(segment.acknowledgment, receiver);
    for (const SackBlock& block : segment.options.sack) {
        numbers.sack.emplace_back(relative(block.left, receiver), relative(block.right, receiver));
    }
    numbers.again = !made && sent_before(sender, segment);
    return numbers;
}

std::string connection_name(const Timeline& timeline, const Ends& ends, const Connection& connection) {
    const SocketAddress& opener = connection.opened_by;
    const SocketAddress& other = opener == ends.first ? ends.second : ends.first;
    for (const Socket& socket : timeline.sockets) {
        if (socket.local == opener && socket.remote == other && !socket.name.empty()) return socket.name;
    }
    return fmt::format(":{}", opener.port);
}

}  // namespace

std::string to_string(const RelativeNumber& number) {
    return fmt::format("{}{}", number.absolute ? "#" : "", number.value);
}

std::vector<SegmentNumbers> number_segments(const Timeline& timeline, const std::vector<Journey>& ways) {
    std::map<Ends, Connection> connections;
    std::vector<SegmentNumbers> numbers;
    for (const Journey& way : ways) {
        const TcpSegment& segment = segment_of(timeline, way);
        const auto [place, is_new] = connections.try_emplace(ends_of(segment));
        if (is_new) place->second.opened_by = segment.source;
        numbers.push_back(number_segment(place->second, segment, way.forged() || way.copy));
    }
    if (connections.size() < 2) return numbers;
    for (size_t i = 0; i < ways.size(); ++i) {
        const Ends ends = ends_of(segment_of(timeline, ways[i]));
        numbers[i].connection = connection_name(timeline, ends, connections.at(ends));
    }
    return numbers;
}

std::string describe_segment(const TcpSegment& segment, const SegmentNumbers& numbers) {
    std::string text = numbers.connection.empty() ? "" : numbers.connection + " ";
    text += fmt::format("{} seq={}", flags_to_string(segment.flags), to_string(numbers.sequence));
    if (numbers.acknowledgment) text += fmt::format(" ack={}", to_string(*numbers.acknowledgment));
    if (segment.payload_length > 0) text += fmt::format(" len={}", segment.payload_length);
    if (numbers.again) text += " again";
    return text;
}

}  // namespace tcpwitness
