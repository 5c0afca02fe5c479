#include "coverage/arcs.hh"

#include <fmt/core.h>

#include <algorithm>

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;
using State = TcpState;

bool by_reset(const RunView& run, const Passage& passage) {
    return passage.segment && run.event<SegmentSeen>(*passage.segment)->segment.has(tcp_flag::kRst);
}

template <State kFrom, State kTo, typename Test>
bool taken(const RunView& run, Test test) {
    return std::any_of(run.passages.begin(), run.passages.end(), [&](const Passage& passage) {
        return passage.from == kFrom && passage.to == kTo && test(passage);
    });
}

template <State kFrom, State kTo>
bool plain(const RunView& run) {
    return run.has(kFrom, kTo);
}

template <State kFrom>
bool reset(const RunView& run) {
    return taken<kFrom, State::closed>(run, [&](const Passage& passage) { return by_reset(run, passage); });
}

template <State kFrom>
bool closed_by_call(const RunView& run) {
    return taken<kFrom, State::closed>(run, [](const Passage& passage) { return passage.occasion == Occasion::call; });
}

template <State kFrom>
bool timed_out(const RunView& run) {
    return taken<kFrom, State::closed>(run, [](const Passage& passage) { return passage.occasion == Occasion::timer; });
}

// What the socket sent last before it gave up: data again, or a probe without any.
const TcpSegment* last_sent(const RunView& run, const Passage& passage) {
    const TcpSegment* last = nullptr;
    for (size_t i = 0; i < passage.event; ++i) {
        const auto* seen = run.event<SegmentSeen>(i);
        if (seen == nullptr || !run.sent_by(*seen, passage.socket)) continue;
        if (!seen->segment.has(tcp_flag::kRst)) last = &seen->segment;
    }
    return last;
}

// Whether the last segment that the socket got before it gave up offered no window.
bool window_is_shut(const RunView& run, const Passage& passage) {
    bool shut = false;
    for (size_t i = 0; i < passage.event; ++i) {
        const auto* seen = run.event<SegmentSeen>(i);
        if (seen != nullptr && run.arrived_at(*seen, passage.socket)) shut = seen->segment.window == 0;
    }
    return shut;
}

enum class LastWords : uint8_t { data, keepalive, window_probe };

template <LastWords kWords>
bool dies_of(const RunView& run) {
    return taken<State::established, State::closed>(run, [&](const Passage& passage) {
        const TcpSegment* last = last_sent(run, passage);
        if (passage.occasion != Occasion::timer || last == nullptr) return false;
        if (last->payload_length > 0) return kWords == LastWords::data;
        return kWords == (window_is_shut(run, passage) ? LastWords::window_probe : LastWords::keepalive);
    });
}

// The request ends and the listener never left LISTEN.
bool request_reset(const RunView& run) {
    return taken<State::syn_rcvd, State::closed>(run, [&](const Passage& passage) {
        return by_reset(run, passage) &&
               std::any_of(run.timeline.sockets.begin(), run.timeline.sockets.end(), [&](const Socket& socket) {
                   return socket.host == run.socket(passage.socket).host &&
                          run.state_before(socket.index, passage.event) == State::listen;
               });
    });
}

// `kBetween` was passed while the segment was handled.
template <State kFrom, State kBetween, State kTo>
bool by_way_of(const RunView& run) {
    return taken<kBetween, kTo>(run, [&](const Passage& passage) {
        const bool began_so = std::any_of(run.passages.begin(), run.passages.end(), [&](const Passage& before) {
            return before.socket == passage.socket && before.from == kFrom && before.to == kBetween &&
                   before.segment == passage.segment;
        });
        return began_so && passage.segment && passage.lasted && *passage.lasted <= kOneSegment;
    });
}

bool listener_cannot_connect(const RunView& run) {
    return std::any_of(run.calls.begin(), run.calls.end(), [](const SocketCall& call) {
        return call.step->function == "connect" && call.state == State::listen && call.call->ended &&
               call.call->error_number != 0;
    });
}

// The mini-socket makes room, and a request of the same two ends begins.
bool new_syn_in_time_wait(const RunView& run) {
    return taken<State::time_wait, State::closed>(run, [&](const Passage& old) {
        return old.cause == "descheduled" && taken<State::listen, State::syn_rcvd>(run, [&](const Passage& next) {
                   const Socket& a = run.socket(old.socket);
                   const Socket& b = run.socket(next.socket);
                   return a.host == b.host && a.local == b.local && a.remote == b.remote && next.event > old.event;
               });
    });
}

Arc arc(State from, State to, bool (*shown)(const RunView&), std::string_view how = {},
        std::string_view origin = "RFC 9293", std::string_view refusal = {}) {
    return {fmt::format("{} -> {}{}{}", to_string(from), to_string(to), how.empty() ? "" : " ", how), origin, refusal,
            shown};
}

std::vector<Arc> make_arcs() {
    constexpr std::string_view kLinux = "Linux";
    constexpr std::string_view kRfc = "RFC 9293";
    return {
        arc(State::closed, State::listen, plain<State::closed, State::listen>),
        arc(State::closed, State::syn_sent, plain<State::closed, State::syn_sent>),
        arc(State::listen, State::syn_rcvd, plain<State::listen, State::syn_rcvd>),
        arc(State::listen, State::closed, closed_by_call<State::listen>),
        arc(State::listen, State::syn_sent, listener_cannot_connect, "", kRfc, "connect() on a listener is refused"),
        arc(State::syn_sent, State::syn_rcvd, plain<State::syn_sent, State::syn_rcvd>, "(simultaneous open)"),
        arc(State::syn_sent, State::established, plain<State::syn_sent, State::established>),
        arc(State::syn_sent, State::closed, closed_by_call<State::syn_sent>, "by close"),
        arc(State::syn_sent, State::closed, reset<State::syn_sent>, "by a reset"),
        arc(State::syn_sent, State::closed, timed_out<State::syn_sent>, "by time-out"),
        arc(State::syn_rcvd, State::established, plain<State::syn_rcvd, State::established>),
        arc(State::syn_rcvd, State::fin_wait_1, plain<State::syn_rcvd, State::fin_wait_1>),
        arc(State::syn_rcvd, State::listen, request_reset, "by a reset", kRfc,
            "a request is a socket of its own: it ends, and the listener was in LISTEN all the time"),
        arc(State::syn_rcvd, State::close_wait, by_way_of<State::syn_rcvd, State::established, State::close_wait>, "",
            kRfc, "the ACK beside the FIN is taken first: ESTABLISHED is passed while the one segment is handled"),
        arc(State::established, State::fin_wait_1, plain<State::established, State::fin_wait_1>),
        arc(State::established, State::close_wait, plain<State::established, State::close_wait>),
        arc(State::fin_wait_1, State::fin_wait_2, plain<State::fin_wait_1, State::fin_wait_2>),
        arc(State::fin_wait_1, State::closing, plain<State::fin_wait_1, State::closing>),
        arc(State::fin_wait_1, State::time_wait, by_way_of<State::fin_wait_1, State::fin_wait_2, State::time_wait>, "",
            kRfc, "the ACK beside the FIN is taken first: FIN_WAIT_2 is passed while the one segment is handled"),
        arc(State::fin_wait_2, State::time_wait, plain<State::fin_wait_2, State::time_wait>),
        arc(State::closing, State::time_wait, plain<State::closing, State::time_wait>),
        arc(State::close_wait, State::last_ack, plain<State::close_wait, State::last_ack>),
        arc(State::last_ack, State::closed, plain<State::last_ack, State::closed>),
        arc(State::time_wait, State::closed, timed_out<State::time_wait>),
        arc(State::established, State::closed, reset<State::established>, "by a reset"),
        arc(State::fin_wait_1, State::closed, reset<State::fin_wait_1>, "by a reset"),
        arc(State::fin_wait_2, State::closed, reset<State::fin_wait_2>, "by a reset"),
        arc(State::close_wait, State::closed, reset<State::close_wait>, "by a reset"),
        arc(State::closing, State::closed, reset<State::closing>, "by a reset"),
        arc(State::last_ack, State::closed, reset<State::last_ack>, "by a reset"),
        arc(State::time_wait, State::closed, reset<State::time_wait>, "by a reset"),
        arc(State::time_wait, State::syn_rcvd, new_syn_in_time_wait, "(a new SYN)", kLinux),
        arc(State::fin_wait_2, State::closed, timed_out<State::fin_wait_2>, "by tcp_fin_timeout", kLinux),
        arc(State::established, State::closed, dies_of<LastWords::keepalive>, "by keepalive", kLinux),
        arc(State::established, State::closed, dies_of<LastWords::window_probe>, "by zero-window probes", kLinux),
        arc(State::established, State::closed, dies_of<LastWords::data>, "by retransmission time-out", kLinux),
    };
}

}  // namespace

const std::vector<Arc>& arcs() {
    static const std::vector<Arc> kArcs = make_arcs();
    return kArcs;
}

}  // namespace tcpwitness
