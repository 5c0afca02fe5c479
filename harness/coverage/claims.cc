#include "coverage/claims.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;
using State = TcpState;

// Any segment of the story that was sent, or that arrived, for which `test` holds.
template <typename Test>
bool any_segment(const RunView& run, Direction direction, Test test) {
    for (size_t i = 0; i < run.length; ++i) {
        const auto* seen = run.event<SegmentSeen>(i);
        if (seen != nullptr && seen->direction == direction && test(*seen, i)) return true;
    }
    return false;
}

template <typename Test>
bool any_passage(const RunView& run, Test test) {
    return std::any_of(run.passages.begin(), run.passages.end(), test);
}

template <typename Test>
bool any_call(const RunView& run, Test test) {
    return std::any_of(run.calls.begin(), run.calls.end(), test);
}

bool is_sent(const RunView& run, uint8_t with, uint8_t without) {
    return any_segment(run, Direction::sent, [=](const SegmentSeen& seen, size_t) {
        return seen.segment.has(with) && (seen.segment.flags & without) == 0;
    });
}

bool syn_was_sent(const RunView& run) {
    return is_sent(run, tcp_flag::kSyn, tcp_flag::kAck);
}
bool fin_was_sent(const RunView& run) {
    return is_sent(run, tcp_flag::kFin, 0);
}

// The arrival that made the passage, when there is one with these flags.
bool made_by(const RunView& run, const Passage& passage, uint8_t flags) {
    if (passage.occasion != Occasion::segment) return false;
    return run.event<SegmentSeen>(*passage.segment)->segment.has(flags);
}

// A data segment that reached its socket in one of these states.
bool data_arrived_in(const RunView& run, const std::set<State>& states) {
    return std::any_of(run.arrivals.begin(), run.arrivals.end(), [&](const Arrival& arrival) {
        return arrival.socket && states.count(arrival.state) != 0 && arrival.segment->payload_length > 0;
    });
}

bool listens(const RunView& run) {
    return any_call(run,
                    [&](const SocketCall& call) {
                        return call.step->function == "listen" && call.call->error_number == 0 &&
                               call.state == State::closed;
                    }) &&
           run.has(State::closed, State::listen);
}

bool syn_rcvd_answers(const RunView& run) {
    return run.has(State::listen, State::syn_rcvd) && is_sent(run, tcp_flag::kSyn | tcp_flag::kAck, 0);
}

// SYN seq=p, SYN ACK seq=q ack=p+1, ACK seq=p+1 ack=q+1.
bool handshake_numbers(const RunView& run) {
    const SegmentSeen* syn = nullptr;
    const SegmentSeen* answer = nullptr;
    for (size_t i = 0; i < run.length; ++i) {
        const auto* seen = run.event<SegmentSeen>(i);
        if (seen == nullptr || seen->direction != Direction::sent) continue;
        const TcpSegment& segment = seen->segment;
        const bool has_syn = segment.has(tcp_flag::kSyn);
        if (has_syn && !segment.has(tcp_flag::kAck)) syn = seen;
        if (has_syn && segment.has(tcp_flag::kAck) && syn != nullptr &&
            segment.acknowledgment == syn->segment.sequence + 1)
            answer = seen;
        if (!has_syn && segment.has(tcp_flag::kAck) && answer != nullptr && seen->host == syn->host &&
            segment.sequence == syn->segment.sequence + 1 && segment.acknowledgment == answer->segment.sequence + 1)
            return run.has(State::syn_sent, State::established);
    }
    return false;
}

// Two connections of one host whose initial numbers are far apart and not in a simple order of time.
bool initial_numbers_differ(const RunView& run) {
    constexpr uint32_t kFarApart = 1U << 20;  // more than the 4 microseconds clock of RFC 793 makes in a second
    std::vector<uint32_t> numbers;
    std::set<SocketAddress> ends;
    for (size_t i = 0; i < run.length; ++i) {
        const auto* seen = run.event<SegmentSeen>(i);
        if (seen == nullptr || seen->direction != Direction::sent || seen->host != "client") continue;
        if (!seen->segment.has(tcp_flag::kSyn) || !ends.insert(seen->segment.source).second) continue;
        numbers.push_back(seen->segment.sequence);
    }
    for (size_t i = 1; i < numbers.size(); ++i) {
        const uint32_t apart = numbers[i] - numbers[i - 1];
        if (apart > kFarApart && apart < 0U - kFarApart) return true;
    }
    return false;
}

// The closer receives data, and cannot send any.
bool half_closed(const RunView& run) {
    const bool refused = any_call(run, [](const SocketCall& call) {
        const bool sends = call.step->function == "send" || call.step->function == "write";
        return sends && call.call->error_number == EPIPE &&
               (call.state == State::fin_wait_1 || call.state == State::fin_wait_2);
    });
    return refused && data_arrived_in(run, {State::fin_wait_1, State::fin_wait_2});
}

bool last_ack_is_sent(const RunView& run) {
    return any_passage(run, [&](const Passage& passage) {
        if (passage.from != State::fin_wait_2 || passage.to != State::time_wait || !passage.segment) return false;
        const TcpSegment& fin = run.event<SegmentSeen>(*passage.segment)->segment;
        if (!fin.has(tcp_flag::kFin)) return false;
        return any_segment(run, Direction::sent, [&](const SegmentSeen& seen, size_t at) {
            return at > *passage.segment && run.sent_by(seen, passage.socket) &&
                   seen.segment.acknowledgment == fin.sequence + fin.sequence_length();
        });
    });
}

bool lasts_two_msl(const RunView& run) {
    return any_passage(run, [&](const Passage& passage) {
        return passage.from == State::time_wait && passage.to == State::closed && passage.cause == "timer" &&
               passage.lasted && run.plan.two_msl.contains(*passage.lasted);
    });
}

// One segment that acknowledges the FIN and is a FIN itself. Linux passes FIN_WAIT_2 while it handles it.
bool straight_to_time_wait(const RunView& run) {
    return any_passage(run, [&](const Passage& passage) {
        const bool at_once = passage.from == State::fin_wait_1 ||
                             (passage.from == State::fin_wait_2 && passage.lasted && *passage.lasted <= kOneSegment);
        return passage.to == State::time_wait && at_once && made_by(run, passage, tcp_flag::kFin | tcp_flag::kAck);
    });
}

bool both_pass_closing(const RunView& run) {
    std::set<std::string> hosts;
    for (const Passage& passage : run.passages) {
        if (passage.from == State::closing && passage.to == State::time_wait)
            hosts.insert(run.socket(passage.socket).host);
    }
    return hosts.size() > 1;
}

// FIN_WAIT_1 lasts one round trip, FIN_WAIT_2 as long as the other end likes.
bool fin_wait_2_lasts(const RunView& run) {
    return any_passage(run, [&](const Passage& first) {
        if (first.from != State::fin_wait_1 || first.to != State::fin_wait_2 || !first.lasted) return false;
        const Instant ended = [&] {
            for (const Passage& next : run.passages) {
                if (next.socket == first.socket && next.event > first.event) return next.at;
            }
            return end_of_story(run.timeline);
        }();
        return ended - first.at > *first.lasted;
    });
}

bool data_is_sent_in_close_wait(const RunView& run) {
    return any_call(run, [](const SocketCall& call) {
        const bool sends = call.step->function == "send" || call.step->function == "write";
        return sends && call.state == State::close_wait && call.call->error_number == 0 && call.call->result > 0;
    });
}

bool time_wait_on(const RunView& run, const std::string& host, size_t event) {
    return std::any_of(run.timeline.sockets.begin(), run.timeline.sockets.end(), [&](const Socket& socket) {
        return socket.host == host && run.state_before(socket.index, event) == State::time_wait;
    });
}

bool bind_beside_time_wait(const RunView& run, int error_number) {
    for (size_t i = 0; i < run.length; ++i) {
        const auto* call = run.event<Call>(i);
        if (call == nullptr || call->error_number != error_number || !call->text.starts_with("bind(")) continue;
        for (const PlanProgram& program : run.plan.programs) {
            if (program.name == call->program && time_wait_on(run, program.host, i)) return true;
        }
    }
    return false;
}

bool stopped_server_cannot_bind(const RunView& run) {
    return bind_beside_time_wait(run, EADDRINUSE);
}

bool reuse_allows_it(const RunView& run) {
    const bool set = any_call(run, [](const SocketCall& call) {
        return call.step->function == "setsockopt" && call.call->text.find("SO_REUSEADDR") != std::string::npos;
    });
    return set && bind_beside_time_wait(run, 0);
}

// A segment of the old connection that came late, was forged after it, or came twice.
bool late_segment_dies(const RunView& run) {
    return std::any_of(run.arrivals.begin(), run.arrivals.end(), [](const Arrival& arrival) {
        return arrival.socket && arrival.state == State::time_wait && !arrival.segment->has(tcp_flag::kSyn);
    });
}

bool fin_comes_again(const RunView& run) {
    for (const Arrival& arrival : run.arrivals) {
        if (!arrival.socket || arrival.state != State::time_wait || !arrival.segment->has(tcp_flag::kFin)) continue;
        const bool answered = any_segment(run, Direction::sent, [&](const SegmentSeen& seen, size_t at) {
            return at > arrival.event && run.sent_by(seen, *arrival.socket) &&
                   seen.segment.acknowledgment == arrival.segment->sequence + arrival.segment->sequence_length();
        });
        if (answered) return true;
    }
    return false;
}

// A FIN that was repeated without an answer until the kernel gave the connection up.
bool unanswered_close(const RunView& run) {
    return any_passage(run, [&](const Passage& passage) {
        const bool waits =
            passage.from == State::fin_wait_1 || passage.from == State::closing || passage.from == State::last_ack;
        if (!waits || passage.to != State::closed || passage.occasion != Occasion::timer) return false;
        int64_t fins = 0;
        for (size_t i = 0; i < passage.event; ++i) {
            const auto* seen = run.event<SegmentSeen>(i);
            if (seen != nullptr && run.sent_by(*seen, passage.socket) && seen->segment.has(tcp_flag::kFin)) ++fins;
        }
        return fins > 1;
    });
}

// SYN and ACK in one segment; at the end the ACK of the FIN and the other FIN in two.
bool three_and_four(const RunView& run) {
    const bool acknowledged_alone = any_passage(run, [&](const Passage& passage) {
        return passage.from == State::fin_wait_1 && passage.to == State::fin_wait_2 && passage.segment &&
               !run.event<SegmentSeen>(*passage.segment)->segment.has(tcp_flag::kFin);
    });
    return handshake_numbers(run) && acknowledged_alone && run.has(State::close_wait, State::last_ack);
}

// After the FIN of one direction the other still carries data, and gets a FIN of its own.
bool each_direction_alone(const RunView& run) {
    return data_arrived_in(run, {State::fin_wait_2}) && run.has(State::close_wait, State::last_ack);
}

constexpr std::array kClaims{
    Claim{"C01", "listen() takes a socket from CLOSED to LISTEN", listens},
    Claim{"C02", "a SYN makes SYN_RCVD; SYN and ACK go back in one segment", syn_rcvd_answers},
    Claim{"C03", "the third segment takes SYN_RCVD to ESTABLISHED",
          [](const RunView& run) { return run.has(State::syn_rcvd, State::established); }},
    Claim{"C04", "connect() sends SYN and takes CLOSED to SYN_SENT",
          [](const RunView& run) { return syn_was_sent(run) && run.has(State::closed, State::syn_sent); }},
    Claim{"C05", "SYN ACK carries ack=p+1, the answer seq=p+1 ack=q+1; SYN_SENT to ESTABLISHED", handshake_numbers},
    Claim{"C06", "initial sequence numbers are random", initial_numbers_differ},
    Claim{"C07", "close() sends FIN: ESTABLISHED to FIN_WAIT_1",
          [](const RunView& run) { return fin_was_sent(run) && run.has(State::established, State::fin_wait_1); }},
    Claim{"C08", "the other end acknowledges: ESTABLISHED to CLOSE_WAIT",
          [](const RunView& run) { return run.has(State::established, State::close_wait); }},
    Claim{"C09", "that ACK takes FIN_WAIT_1 to FIN_WAIT_2",
          [](const RunView& run) { return run.has(State::fin_wait_1, State::fin_wait_2); }},
    Claim{"C10", "half closed: the closer receives but cannot send", half_closed},
    Claim{"C11", "the other end's close() sends FIN: CLOSE_WAIT to LAST_ACK",
          [](const RunView& run) { return run.has(State::close_wait, State::last_ack); }},
    Claim{"C12", "FIN_WAIT_2 to TIME_WAIT, with the last ACK", last_ack_is_sent},
    Claim{"C13", "that ACK takes LAST_ACK to CLOSED",
          [](const RunView& run) {
              const Passage* passage = run.find(State::last_ack, State::closed);
              return passage != nullptr && passage->occasion == Occasion::segment;
          }},
    Claim{"C14", "TIME_WAIT lasts 2MSL, then CLOSED", lasts_two_msl},
    Claim{"C15", "FIN and ACK together take FIN_WAIT_1 straight to TIME_WAIT", straight_to_time_wait},
    Claim{"C16", "both ends closing at once pass CLOSING", both_pass_closing},
    Claim{"C17", "FIN_WAIT_1 is hard to see, FIN_WAIT_2 easy", fin_wait_2_lasts},
    Claim{"C18", "CLOSE_WAIT lasts until the program closes; data may still be sent in it", data_is_sent_in_close_wait},
    Claim{"C19", "a stopped server is the active closer and cannot bind its port during TIME_WAIT",
          stopped_server_cannot_bind},
    Claim{"C20", "SO_REUSEADDR allows it (when the old socket had it too)", reuse_allows_it},
    Claim{"C21", "2MSL lets late segments of the old connection die", late_segment_dies},
    Claim{"C22", "a lost last ACK: the FIN comes again and TIME_WAIT answers again", fin_comes_again},
    Claim{"C23", "what a close comes to that nobody answers", unanswered_close},
    Claim{"C24", "opening takes three segments, closing four", three_and_four},
    Claim{"C25", "each direction is closed on its own", each_direction_alone},
};

}  // namespace

std::span<const Claim> claims() {
    return kClaims;
}

}  // namespace tcpwitness
