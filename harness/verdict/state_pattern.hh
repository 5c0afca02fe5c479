// Sequences of states: a pattern against what a socket passed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verdict/story.hh"

namespace tcpwitness {

// One state that a socket was in, with how well its beginning and end are known.
struct PassedState {
    TcpState state = TcpState::closed;
    Instant began{};
    Duration lasted{};
    bool ended = false;           // false: still in it when the story ended
    bool exact = false;           // both times were seen as they happened
    bool inferred = false;        // the state itself was not seen
    std::optional<size_t> event;  // of the change into it; absent for the state before the first change
};

// The states that `socket` passed in the story. A socket without any change was CLOSED all the time. With `from_closed`
// the CLOSED before its first change is put in front, when it was that.
std::vector<PassedState> passed_states(const Story& story, int socket, bool from_closed);

// How strictly to match.
struct StateMatching {
    bool durations = true;                 // a state's time must fit its range
    bool inexact_durations = true;         // a time that was not seen exactly is taken to fit
    bool all_may_be_missed = false;        // the observers may have missed any state
    bool time_wait_may_be_missed = false;  // they may have missed what happens in mini-sockets
};

// Where a pattern and the passed states part: the furthest place that was reached.
struct StateDifference {
    size_t passed = 0;             // index of the first state that does not match; their number: one is missing
    size_t matched = 0;            // how many states of the pattern led there
    std::vector<TcpState> wanted;  // the states that could have stood there; none: the pattern had ended
    const StateAndDuration* by_duration = nullptr;  // the state matched, its time did not
    size_t expected_mark = std::string::npos;       // offset into pattern_text()
};

// Nothing when the pattern matches the whole of `passed`.
std::optional<StateDifference> match_states(const std::vector<StateElement>& pattern,
                                            const std::vector<PassedState>& passed, const StateMatching& matching);

// "... -> FIN_WAIT_1 -> (FIN_WAIT_2 | CLOSING | ) -> TIME_WAIT[2MSL]"
std::string pattern_text(const std::vector<StateElement>& pattern);

}  // namespace tcpwitness
