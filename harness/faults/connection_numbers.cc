#include "faults/connection_numbers.hh"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/comparison.hh"
#include "base/error.hh"

namespace tcpwitness {
namespace {

// Sequence numbers wrap: whether `a` comes after `b` (RFC 9293 section 3.4).
bool after(uint32_t a, uint32_t b) {
    return static_cast<int32_t>(a - b) > 0;
}

void raise(std::optional<uint32_t>& number, uint32_t to) {
    if (!number || after(to, *number)) number = to;
}

bool resets(const TcpSegment& segment) {
    return segment.has(tcp_flag::kRst);
}

uint32_t scaled(const TcpSegment& segment, const std::optional<uint8_t>& own, const std::optional<uint8_t>& other) {
    const bool scales = own && other && !segment.has(tcp_flag::kSyn);
    return static_cast<uint32_t>(segment.window) << (scales ? *own : 0);
}

struct NumberField {
    std::string_view name;
    std::optional<uint32_t> EndNumbers::*member;
};

constexpr std::array<NumberField, 10> kFields{{{"isn", &EndNumbers::isn},
                                               {"iss", &EndNumbers::isn},
                                               {"irs", &EndNumbers::irs},
                                               {"snd_una", &EndNumbers::snd_una},
                                               {"snd_nxt", &EndNumbers::snd_nxt},
                                               {"rcv_nxt", &EndNumbers::rcv_nxt},
                                               {"snd_wnd", &EndNumbers::snd_wnd},
                                               {"rcv_wnd", &EndNumbers::rcv_wnd},
                                               {"ts_val", &EndNumbers::ts_val},
                                               {"ts_recent", &EndNumbers::ts_recent}}};

}  // namespace

std::optional<uint32_t> EndNumbers::field(std::string_view name) const {
    std::string known;
    for (const NumberField& each : kFields) {
        if (each.name == name) return this->*each.member;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", each.name);
    }
    throw Error(fmt::format("a connection has no number '{}', it has {}", name, known));
}

void ConnectionNumbers::take(const SegmentSeen& seen) {
    if (seen.direction == Direction::sent) {
        sent(seen.segment);
    } else if (seen.segment.checksum_good) {
        arrived(seen.segment);
    }
}

// A SYN with another initial number opens the next incarnation; only what a host sends itself counts: a SYN that
// arrives may be an old one, which opens nothing.
ConnectionNumbers::End& ConnectionNumbers::end_that_sends(const TcpSegment& segment) {
    std::vector<End>& ends = ends_[{segment.source, segment.destination}];
    const bool opens = segment.has(tcp_flag::kSyn) && !resets(segment);
    if (ends.empty() || (opens && ends.back().numbers.isn != segment.sequence)) ends.emplace_back();
    if (opens) open(ends.back(), segment);
    return ends.back();
}

void ConnectionNumbers::open(End& end, const TcpSegment& segment) const {
    EndNumbers& numbers = end.numbers;
    numbers.isn = segment.sequence;
    if (!numbers.snd_una) numbers.snd_una = segment.sequence;
    end.own_shift = segment.options.window_scale;
    if (!segment.has(tcp_flag::kAck)) return;
    numbers.irs = segment.acknowledgment - 1;
    const auto syn = syns_.find({segment.source, segment.destination});
    if (syn == syns_.end() || syn->second.sequence != *numbers.irs) return;
    end.other_shift = syn->second.options.window_scale;
    numbers.snd_wnd = syn->second.window;
    if (syn->second.options.timestamps) numbers.ts_recent = syn->second.options.timestamps->value;
}

void ConnectionNumbers::sent(const TcpSegment& segment) {
    End& end = end_that_sends(segment);
    EndNumbers& numbers = end.numbers;
    if (resets(segment)) return;
    numbers.latest = segment.raw;
    raise(numbers.snd_nxt, segment.sequence + segment.sequence_length());
    if (segment.has(tcp_flag::kAck)) raise(numbers.rcv_nxt, segment.acknowledgment);
    numbers.window = segment.window;
    numbers.rcv_wnd = scaled(segment, end.own_shift, end.other_shift);
    if (segment.options.timestamps) numbers.ts_val = segment.options.timestamps->value;
}

void ConnectionNumbers::arrived(const TcpSegment& segment) {
    const auto found = ends_.find({segment.destination, segment.source});
    const bool syn = segment.has(tcp_flag::kSyn);
    if (syn && !segment.has(tcp_flag::kAck)) {
        syns_[{segment.destination, segment.source}] = segment;
        return;
    }
    if (found == ends_.end() || resets(segment)) return;
    End& end = found->second.back();
    EndNumbers& numbers = end.numbers;
    if (syn && numbers.isn && segment.acknowledgment == *numbers.isn + 1) {
        numbers.irs = segment.sequence;
        end.other_shift = segment.options.window_scale;
    }
    const bool acceptable = numbers.snd_una && numbers.snd_nxt && !after(*numbers.snd_una, segment.acknowledgment) &&
                            !after(segment.acknowledgment, *numbers.snd_nxt);
    if (segment.has(tcp_flag::kAck) && acceptable) {
        raise(numbers.snd_una, segment.acknowledgment);
        numbers.snd_wnd = scaled(segment, end.other_shift, end.own_shift);
    }
    if (segment.options.timestamps) raise(numbers.ts_recent, segment.options.timestamps->value);
    receive(end, segment.sequence, segment.sequence + segment.sequence_length());
}

// What arrives behind a hole counts when the hole is filled.
void ConnectionNumbers::receive(End& end, uint32_t begin, uint32_t beyond) {
    std::optional<uint32_t>& next = end.numbers.rcv_nxt;
    if (!next && end.numbers.irs) next = *end.numbers.irs + 1;
    if (!next || !after(beyond, *next)) return;
    end.beyond.emplace_back(begin, beyond);
    for (bool moved = true; moved;) {
        moved = false;
        for (const auto& [from, to] : end.beyond) {
            if (after(from, *next) || !after(to, *next)) continue;
            next = to;
            moved = true;
        }
    }
    std::erase_if(end.beyond, [&](const auto& range) { return !after(range.second, *next); });
}

std::vector<EndNumbers> ConnectionNumbers::incarnations(const SocketAddress& local, const SocketAddress& remote) const {
    std::vector<EndNumbers> all;
    const auto found = ends_.find({local, remote});
    if (found == ends_.end()) return all;
    for (const End& end : found->second) all.push_back(end.numbers);
    return all;
}

namespace {

// "server.s@1" as program, name and which of those that had that name, counted from 1; 0: the last.
struct SocketName {
    std::string program;
    std::string name;
    int64_t which = 0;
};

SocketName parse_socket_name(const std::string& text) {
    SocketName name;
    const size_t at = text.find('@');
    if (at != std::string::npos) name.which = parse_integer(std::string_view(text).substr(at + 1)).value_or(0);
    const std::string plain = text.substr(0, at);
    const size_t dot = plain.find('.');
    name.program = dot == std::string::npos ? "" : plain.substr(0, dot);
    name.name = dot == std::string::npos ? plain : plain.substr(dot + 1);
    return name;
}

const Socket& find_socket(const std::string& text, const std::vector<Socket>& sockets) {
    const SocketName name = parse_socket_name(text);
    const Socket* found = nullptr;
    int64_t seen = 0;
    for (const Socket& socket : sockets) {
        if (socket.name != name.name || (!name.program.empty() && socket.program != name.program)) continue;
        if (found != nullptr && found->program != socket.program)
            throw Error(fmt::format("'{}' is a socket of {} and of {}: write '{}.{}'", text, found->program,
                                    socket.program, found->program, text));
        ++seen;
        if (name.which == 0 || seen <= name.which) found = &socket;
    }
    if (found == nullptr || seen < name.which) throw Error(fmt::format("there is no socket '{}'", text));
    return *found;
}

bool same_connection(const Socket& a, const Socket& b) {
    return a.host == b.host && a.local == b.local && a.remote == b.remote;
}

}  // namespace

NumberedSocket find_numbers(const std::string& name, const std::vector<Socket>& sockets,
                            const ConnectionNumbers& numbers) {
    const Socket& socket = find_socket(name, sockets);
    if (!socket.remote) throw Error(fmt::format("'{}' has no connection", name));
    const std::vector<EndNumbers> incarnations = numbers.incarnations(socket.local, *socket.remote);
    const auto later = static_cast<size_t>(std::count_if(sockets.begin(), sockets.end(), [&](const Socket& other) {
        return other.index > socket.index && same_connection(other, socket);
    }));
    if (later >= incarnations.size()) throw Error(fmt::format("no segment of the connection of '{}' was seen", name));
    return {&socket, incarnations[incarnations.size() - 1 - later]};
}

std::string socket_of(std::string_view variable) {
    const size_t dot = variable.rfind('.');
    return dot == std::string_view::npos ? std::string() : std::string(variable.substr(0, dot));
}

std::string socket_of(const Expression& expression) {
    for (const Term& term : expression) {
        if (std::string name = socket_of(term.variable); !name.empty()) return name;
    }
    return {};
}

uint32_t settle(const Expression& expression, const std::vector<Socket>& sockets, const ConnectionNumbers& numbers) {
    uint32_t sum = 0;
    for (const Term& term : expression) {
        auto value = static_cast<uint32_t>(term.integer);
        if (!term.variable.empty()) {
            const std::string name = socket_of(term.variable);
            if (name.empty())
                throw Error(fmt::format("'{}' is no number of a connection: write 'c.snd_nxt'", term.variable));
            const std::string field = term.variable.substr(name.size() + 1);
            const std::optional<uint32_t> known = find_numbers(name, sockets, numbers).numbers.field(field);
            if (!known) throw Error(fmt::format("no segment has shown {} yet", term.variable));
            value = *known;
        }
        sum = term.negative ? sum - value : sum + value;
    }
    return sum;
}

}  // namespace tcpwitness
