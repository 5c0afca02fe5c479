#include "report/matrix.hh"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.hh"
#include "report/outcome_words.hh"
#include "report/relative_numbers.hh"

namespace tcpwitness {
namespace {

// Ports from here on are chosen by the kernel (net.ipv4.ip_local_port_range).
constexpr uint16_t kFirstChosenPort = 32768;

std::vector<std::string> results_of(const Timeline& timeline) {
    std::vector<std::string> lines;
    for (const Event& event : timeline.events) {
        const auto* call = std::get_if<Call>(&event.body);
        if (call == nullptr) continue;
        const std::string result = !call->ended               ? "never returned"
                                   : call->error_number != 0 ? errno_name(call->error_number)
                                                             : std::to_string(call->result);
        lines.push_back(fmt::format("{}: {} = {}", call->program, call->text, result));
    }
    return lines;
}

std::string socket_name(const Socket& socket) {
    if (!socket.name.empty()) return socket.host + " " + socket.name;
    return socket.local.port < kFirstChosenPort ? fmt::format("{} :{}", socket.host, socket.local.port) : socket.host;
}

// One line for each socket that was in a state other than CLOSED.
std::vector<std::string> states_lines(const Timeline& timeline) {
    std::vector<std::string> lines;
    for (const Socket& socket : timeline.sockets) {
        std::vector<std::string> states;
        for (const StateSpan& span : states_of(timeline, socket.index)) states.emplace_back(to_string(span.state));
        if (!states.empty()) lines.push_back(fmt::format("{}: {}", socket_name(socket), fmt::join(states, " -> ")));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

// "#2746534523", a number that nothing explains, differs from seed to seed.
std::string without_absolute_numbers(const std::string& text) {
    std::string kept;
    bool absolute = false;
    for (const char character : text) {
        absolute = character == '#' || (absolute && character >= '0' && character <= '9');
        if (!absolute || character == '#') kept += character;
    }
    return kept;
}

// What one host sent, in its order: which of two segments that cross is first says nothing.
std::vector<std::string> segments_from(const std::string& host, const Timeline& timeline) {
    std::vector<std::string> lines;
    const std::vector<Journey> ways = journeys(timeline);
    const std::vector<SegmentNumbers> numbers = number_segments(timeline, ways);
    const size_t end = story_length(timeline);
    for (size_t i = 0; i < ways.size(); ++i) {
        const size_t event = ways[i].sent ? *ways[i].sent : *ways[i].arrived;
        if (event >= end || sender_of(timeline, ways[i]) != host) continue;
        const std::string what = without_absolute_numbers(describe_segment(segment_of(timeline, ways[i]), numbers[i]));
        lines.push_back(fmt::format("{} > {}: {}{}", host, receiver_of(timeline, ways[i]), what,
                                    ways[i].lost() ? ", lost" : ways[i].forged() ? ", forged" : ""));
    }
    return lines;
}

std::string line_at(const std::vector<std::string>& lines, size_t index) {
    return index < lines.size() ? lines[index] : "nothing";
}

std::string without_place(const std::string& id) {
    return id.substr(0, id.rfind('@'));
}

}  // namespace

std::vector<Matrix::Aspect> Matrix::aspects_of(const Record& record) {
    const Outcome outcome = record.verdict.outcome;
    const bool seen = outcome == Outcome::pass || outcome == Outcome::fail;
    const std::string reason = outcome == Outcome::pass ? "" : ": " + record.verdict.reason;
    std::vector<Aspect> aspects;
    if (seen) {
        aspects.push_back({"result", results_of(record.timeline)});
        aspects.push_back({"states", states_lines(record.timeline)});
        for (const auto& [host, addresses] : record.timeline.addresses)
            aspects.push_back({"segment", segments_from(host, record.timeline)});
    }
    aspects.push_back({"outcome", {std::string(to_string(outcome)) + (seen ? "" : reason)}});
    return aspects;
}

void Matrix::add(const Record& record) {
    const std::string place = place_of(record.plan);
    const std::string id = without_place(record.plan.id);
    if (place.empty()) return;
    if (std::find(places_.begin(), places_.end(), place) == places_.end()) places_.push_back(place);
    const auto [found, fresh] = index_.try_emplace(id, cases_.size());
    if (fresh) {
        Plan plan = record.plan;
        plan.id = id;
        cases_.push_back({id, display_name(plan), {}});
    }
    cases_[found->second].runs.push_back({place, record.verdict.outcome, aspects_of(record)});
}

bool Matrix::differ(const Run& first, const Run& other, MatrixGroup& group) {
    const auto tell = [&group](const std::string& kind, const std::string& a, const std::string& b) {
        group.kind = kind, group.first = a, group.here = b;
        return true;
    };
    if (first.aspects.size() != other.aspects.size())
        return tell("outcome", first.aspects.back().lines.front(), other.aspects.back().lines.front());
    for (size_t i = 0; i < first.aspects.size(); ++i) {
        const std::vector<std::string>& left = first.aspects[i].lines;
        const std::vector<std::string>& right = other.aspects[i].lines;
        for (size_t line = 0; line < std::max(left.size(), right.size()); ++line) {
            if (line_at(left, line) != line_at(right, line))
                return tell(first.aspects[i].kind, line_at(left, line), line_at(right, line));
        }
    }
    return false;
}

std::vector<MatrixRow> Matrix::rows() const {
    std::vector<MatrixRow> rows;
    if (places_.size() < 2) return rows;
    for (const Case& each : cases_) {
        MatrixRow row{each.id, each.name, {}};
        std::vector<const Run*> leaders;
        for (const std::string& place : places_) {
            for (const Run& run : each.runs) {
                if (run.place != place) continue;
                MatrixGroup ignored;
                size_t group = 0;
                while (group < leaders.size() && differ(*leaders[group], run, ignored)) ++group;
                if (group == leaders.size()) {
                    leaders.push_back(&run);
                    row.groups.push_back({.outcome = run.outcome});
                    if (group > 0) differ(*leaders.front(), run, row.groups.back());
                }
                row.groups[group].places.push_back(place);
            }
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string matrix_text(const Matrix& matrix, const Style& style) {
    const std::vector<MatrixRow> rows = matrix.rows();
    if (rows.empty()) return {};
    std::string text;
    const auto put = [&](int column, const std::string& words, Tone tone) {
        Line line(style);
        line.put(column, fit(words, style.width - column, style.utf8), tone);
        text += line.text();
    };
    put(0, fmt::format("on {}:", fmt::join(matrix.places(), ", ")), Tone::bold);
    const auto agreed = std::count_if(rows.begin(), rows.end(), [](const MatrixRow& row) { return row.agree(); });
    for (const MatrixRow& row : rows) {
        if (row.agree()) put(0, fmt::format("same     {:<5} {}", to_string(row.groups[0].outcome), row.name), Tone::plain);
    }
    for (const MatrixRow& row : rows) {
        if (row.agree()) continue;
        put(0, fmt::format("differs        {}", row.name), Tone::warning);
        for (size_t i = 1; i < row.groups.size(); ++i) {
            const MatrixGroup& group = row.groups[i];
            put(9, fmt::format("{}: {}", fmt::join(row.groups[0].places, ", "), group.first), Tone::plain);
            put(9, fmt::format("{}: {}", fmt::join(group.places, ", "), group.here), Tone::plain);
        }
    }
    put(0, fmt::format("{} of {} the same on all", agreed, rows.size()), Tone::bold);
    return text + "\n";
}

}  // namespace tcpwitness
