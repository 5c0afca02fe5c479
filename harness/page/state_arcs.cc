#include "page/state_arcs.hh"

namespace tcpwitness {
namespace {

using enum TcpState;

constexpr std::string_view kReset = "RST, or too many time-outs";

std::vector<StateArc> make_arcs() {
    constexpr ArcKind figure = ArcKind::figure, text = ArcKind::text, kernel = ArcKind::kernel;
    return {
        {closed, listen, figure, "passive OPEN"},
        {closed, syn_sent, figure, "active OPEN: send SYN"},
        {listen, closed, figure, "CLOSE"},
        {listen, syn_sent, figure, "SEND: send SYN"},
        {listen, syn_rcvd, figure, "rcv SYN: send SYN,ACK"},
        {syn_sent, closed, figure, "CLOSE"},
        {syn_sent, syn_rcvd, figure, "rcv SYN: send SYN,ACK"},
        {syn_rcvd, listen, figure, "rcv RST"},
        {syn_rcvd, established, figure, "rcv ACK of SYN"},
        {syn_sent, established, figure, "rcv SYN,ACK: send ACK"},
        {syn_rcvd, fin_wait_1, figure, "CLOSE: send FIN"},
        {established, fin_wait_1, figure, "CLOSE: send FIN"},
        {established, close_wait, figure, "rcv FIN: send ACK"},
        {fin_wait_1, fin_wait_2, figure, "rcv ACK of FIN"},
        {fin_wait_1, closing, figure, "rcv FIN: send ACK"},
        {fin_wait_1, time_wait, figure, "rcv FIN,ACK of FIN: send ACK"},
        {close_wait, last_ack, figure, "CLOSE: send FIN"},
        {fin_wait_2, time_wait, figure, "rcv FIN: send ACK"},
        {closing, time_wait, figure, "rcv ACK of FIN"},
        {last_ack, closed, figure, "rcv ACK of FIN"},
        {time_wait, closed, figure, "2MSL timeout"},
        {syn_rcvd, close_wait, text, "rcv FIN: send ACK"},
        {syn_rcvd, closed, text, kReset},
        {established, closed, text, kReset},
        {fin_wait_1, closed, text, kReset},
        {close_wait, closed, text, kReset},
        {closing, closed, text, kReset},
        {fin_wait_2, closed, kernel, "tcp_fin_timeout of an orphan, or RST"},
        {time_wait, syn_rcvd, kernel, "a new SYN is taken (RFC 1122, 4.2.2.13)"},
    };
}

}  // namespace

std::string_view to_string(ArcKind kind) {
    switch (kind) {
        case ArcKind::figure:
            return "figure";
        case ArcKind::text:
            return "text";
        case ArcKind::kernel:
            return "kernel";
    }
    return "figure";
}

const std::vector<StateArc>& state_arcs() {
    static const std::vector<StateArc> arcs = make_arcs();
    return arcs;
}

std::vector<ArcTaken> arcs_taken(const Timeline& timeline) {
    std::vector<ArcTaken> taken;
    for (size_t event = 0; event < story_length(timeline); ++event) {
        const auto* change = std::get_if<StateChange>(&timeline.events[event].body);
        if (change == nullptr || change->from == change->to) continue;
        taken.push_back({.from = change->from,
                         .to = change->to,
                         .host = timeline.sockets.at(static_cast<size_t>(change->socket)).host,
                         .socket = change->socket,
                         .event = event,
                         .inferred = change->source == Source::inferred});
    }
    return taken;
}

}  // namespace tcpwitness
