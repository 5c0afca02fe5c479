// Expectations written as cases write them, for tests of verdict/ only. Mistakes in the text end the test program.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "plan/plan.hh"
#include "timeline/tcp_segment.hh"

namespace tcpwitness::testing {

inline SourceLine line_at(int line, const std::string& text) {
    return {{"a_case.yaml", line, 5}, text};
}

// "client c", "server :7000"
inline SocketReference socket_called(const std::string& text) {
    const size_t space = text.find(' ');
    SocketReference reference{.host = text.substr(0, space)};
    const std::string name = text.substr(space + 1);
    if (name[0] == ':') {
        reference.port = static_cast<uint16_t>(std::stoi(name.substr(1)));
    } else {
        reference.program = reference.host;
        reference.name = name;
    }
    return reference;
}

inline std::vector<std::string> split(const std::string& text, const std::string& separator) {
    std::vector<std::string> parts;
    size_t begin = 0;
    for (size_t end = text.find(separator); end != std::string::npos; end = text.find(separator, begin)) {
        parts.push_back(text.substr(begin, end - begin));
        begin = end + separator.size();
    }
    parts.push_back(text.substr(begin));
    return parts;
}

// "60s..62s", "1s.." (at least), "2s"
inline DurationRange range_of(const std::string& text) {
    const std::vector<std::string> ends = split(text, "..");
    const Duration least = parse_duration(ends[0]).value();
    if (ends.size() == 1) return {least, least};
    return {least, ends[1].empty() ? Duration::max() : parse_duration(ends[1]).value()};
}

// "TIME_WAIT[60s..62s]"
inline StateAndDuration state_of(const std::string& text) {
    const size_t bracket = text.find('[');
    StateAndDuration state{.state = parse_tcp_state(text.substr(0, bracket)).value()};
    if (bracket == std::string::npos) return state;
    state.duration_text = text.substr(bracket + 1, text.size() - bracket - 2);
    state.duration = range_of(state.duration_text);
    return state;
}

// "SYN_SENT -> ... -> (FIN_WAIT_2 | CLOSING | ) -> TIME_WAIT[60s..62s]"; no sequences inside of alternatives.
inline StatesExpectation states_expected(const std::string& socket, const std::string& text, int line = 20) {
    StatesExpectation expectation{line_at(line, socket + ": " + text), socket_called(socket), {}};
    for (std::string part : split(text, " -> ")) {
        StateElement element{.gap = part == "..."};
        if (part[0] == '(') {
            for (const std::string& each : split(part.substr(1, part.size() - 2), " | ")) {
                const bool empty = each.find_first_not_of(' ') == std::string::npos;
                element.alternatives.push_back(empty ? std::vector<StateAndDuration>{} : std::vector{state_of(each)});
            }
        } else if (!element.gap) {
            element.alternatives.push_back({state_of(part)});
        }
        expectation.sequence.push_back(element);
    }
    return expectation;
}

// "n+s+1", "5", "n-1"
inline Expression expression_of(const std::string& text) {
    Expression expression;
    Term term;
    std::string word;
    const auto finish = [&] {
        if (word.empty()) return;
        if (std::isdigit(static_cast<unsigned char>(word[0])) != 0) {
            term.integer = std::stoll(word);
        } else {
            term.variable = word;
        }
        expression.push_back(term);
        word.clear();
        term = {};
    };
    for (const char letter : text) {
        if (letter == '+' || letter == '-') {
            finish();
            term.negative = letter == '-';
        } else {
            word += letter;
        }
    }
    finish();
    return expression;
}

inline uint8_t flag_called(const std::string& word) {
    for (int bit = 1; bit < 256; bit *= 2) {
        if (flags_to_string(static_cast<uint8_t>(bit)) == word) return static_cast<uint8_t>(bit);
    }
    return 0;
}

inline void read_wire_word(const std::string& word, WirePattern& pattern) {
    const std::vector<std::string> parts = split(word, "=");
    const std::string value = parts.size() > 1 ? parts[1] : "";
    if (parts[0] == "seq") {
        pattern.sequence = expression_of(value);
    } else if (parts[0] == "ack") {
        pattern.acknowledgment = expression_of(value);
    } else if (parts[0] == "len") {
        pattern.length = expression_of(value);
    } else if (parts[0] == "win") {
        pattern.window = Comparison{Relation::equal, std::stoll(value)};
    } else if (word == "?") {
        pattern.optional = true;
    } else if (word == "lost") {
        pattern.lost = true;
    } else if (word == "forged") {
        pattern.forged = true;
    } else if (flag_called(word) != 0) {
        pattern.flags |= flag_called(word);
    } else {
        pattern.options[parts[0]] = value;
    }
}

// "client > server: SYN ACK seq=q ack=p+1 mss=1460 ?", or "..."
inline WirePattern wire_line(const std::string& text, int line) {
    WirePattern pattern;
    pattern.source = line_at(line, text);
    pattern.gap = text == "...";
    if (pattern.gap) return pattern;
    std::istringstream words(text);
    std::string arrow;
    words >> pattern.from >> arrow >> pattern.to;
    pattern.to.pop_back();
    for (std::string word; words >> word;) read_wire_word(word, pattern);
    return pattern;
}

// Lines from 31 on.
inline std::vector<WirePattern> wire_of(const std::vector<std::string>& lines) {
    std::vector<WirePattern> wire;
    for (const std::string& text : lines) wire.push_back(wire_line(text, 31 + static_cast<int>(wire.size())));
    return wire;
}

inline ExpectedResult fails_with(int error_number) {
    ExpectedResult expected{.kind = ExpectedResult::Kind::error};
    expected.error_number = error_number;
    return expected;
}

inline ExpectedResult returns(int64_t value) {
    ExpectedResult expected{.kind = ExpectedResult::Kind::number};
    expected.number.value = value;
    return expected;
}

inline CallStep call_of(const std::string& program, const std::string& function, const std::string& socket,
                        ExpectedResult expected = {}, CallMode mode = CallMode::complete) {
    CallStep call;
    call.program = program;
    call.function = function;
    call.arguments.push_back({.kind = Value::Kind::socket, .text = socket});
    call.text = function + "(" + socket + ")";
    call.expected = std::move(expected);
    call.mode = mode;
    return call;
}

inline PlanStep step_of(int line, const std::string& text, Action action, Duration deadline = std::chrono::seconds(5)) {
    return {line_at(line, text), deadline, std::move(action)};
}

}  // namespace tcpwitness::testing
