#include "verdict/wire_search.hh"

#include <algorithm>
#include <array>

namespace tcpwitness {
namespace {

bool option_fits(const TcpOptions& options, const std::string& name, const std::string& wanted) {
    bool known = false;
    const std::optional<std::string> value = option_value(options, name, known);
    if (!known) return false;
    if (wanted == "no") return !value;
    if (wanted.empty()) return value.has_value();
    return value == wanted;
}

}  // namespace

WireField compare_fixed(const WirePattern& line, const WireSegment& wire, std::string* option) {
    const TcpSegment& segment = *wire.segment;
    if (line.from != wire.from || line.to != wire.to) return WireField::hosts;
    if (!flags_match(line.flags, segment.flags)) return WireField::flags;
    if (line.forged != wire.forged()) return WireField::forged;
    if (line.lost ? wire.fate != Fate::lost : wire.fate == Fate::lost) return WireField::fate;
    for (const auto& [name, wanted] : line.options) {
        if (option_fits(segment.options, name, wanted)) continue;
        if (option != nullptr) *option = name;
        return WireField::option;
    }
    if (line.window && !line.window->holds(segment.window)) return WireField::window;
    return WireField::none;
}

WireField compare_numbers(const CompiledLine& line, size_t number, const WireSegment& wire, Bindings& bindings,
                          bool& too_open) {
    struct Part {
        WireField field;
        const std::optional<CompiledExpression>& expression;
        uint32_t observed;
        uint32_t base;
        bool done = false;
    };
    const TcpSegment& segment = *wire.segment;
    if (line.acknowledgment && !segment.has(tcp_flag::kAck)) return WireField::acknowledgment;
    std::array<Part, 3> parts{{
        {WireField::sequence, line.sequence, segment.sequence, wire.sequence_base.number},
        {WireField::acknowledgment, line.acknowledgment, segment.acknowledgment, wire.acknowledgment_base.number},
        {WireField::length, line.length, segment.payload_length, 0},
    }};
    // A field may need a variable that another field of the same line binds: "seq=n+s len=s".
    WireField open = WireField::none;
    for (size_t round = 0; round < parts.size(); ++round) {
        open = WireField::none;
        for (Part& part : parts) {
            if (part.done || !part.expression) continue;
            const Solution solution = solve(*part.expression, part.observed, part.base, number, bindings);
            if (solution == Solution::differs) return part.field;
            part.done = solution != Solution::too_open;
            if (!part.done && open == WireField::none) open = part.field;
        }
        if (open == WireField::none) return WireField::none;
    }
    too_open = true;
    return open;
}

WireSearch::WireSearch(const std::vector<WirePattern>& wire, const std::vector<WireSegment>& segments)
    : segments_(segments) {
    compile(wire);
    candidates_.resize(lines_.size());
    environments_.emplace_back(variables_.count());
    trail_.emplace_back(0, 0);
    open_.push_back({});
}

void WireSearch::compile(const std::vector<WirePattern>& wire) {
    for (const WirePattern& pattern : wire) {
        CompiledLine line{.pattern = &pattern};
        if (pattern.sequence) line.sequence.emplace(*pattern.sequence, variables_);
        if (pattern.acknowledgment) line.acknowledgment.emplace(*pattern.acknowledgment, variables_);
        if (pattern.length) line.length.emplace(*pattern.length, variables_);
        lines_.push_back(std::move(line));
    }
    std::vector<bool> used(variables_.count());
    for (size_t i = lines_.size(); i-- > 0;) {
        for (const auto* expression : {&lines_[i].sequence, &lines_[i].acknowledgment, &lines_[i].length}) {
            if (!*expression) continue;
            for (const auto& [variable, negative] : (*expression)->variables) used[variable] = true;
        }
        lines_[i].used_from_here = used;
    }
}

const std::vector<size_t>& WireSearch::candidates(size_t line) {
    std::optional<std::vector<size_t>>& known = candidates_[line];
    if (!known) {
        known.emplace();
        for (size_t i = 0; i < segments_.size(); ++i) {
            if (compare_fixed(*lines_[line].pattern, segments_[i]) == WireField::none) known->push_back(i);
        }
    }
    return *known;
}

// Bindings that no later line uses do not tell two ways apart: without that, gaps would make far too many.
size_t WireSearch::intern(const Bindings& bindings, size_t next_line) {
    std::vector<uint64_t> key;
    for (size_t i = 0; i < bindings.size(); ++i) {
        const bool matters = next_line < lines_.size() && lines_[next_line].used_from_here[i] && bindings[i].bound;
        key.push_back(matters ? uint64_t{1} << 32 | bindings[i].value : 0);
    }
    const auto [place, fresh] = environment_numbers_.try_emplace(std::move(key), environments_.size());
    if (fresh) environments_.push_back(bindings);
    return place->second;
}

WireResult WireSearch::run() {
    // A place costs two to three microseconds in a debug build; a pattern that needs more of them says too little.
    constexpr size_t kMostPlaces = 100'000;
    WireResult result;
    for (size_t places = 0; !open_.empty(); ++places) {
        if (places == kMostPlaces) {
            result.gave_up = true;
            break;
        }
        const Place place = open_.back();
        open_.pop_back();
        if (step(place, result)) return result;
    }
    if (stop_) result.stop = std::move(*stop_);
    return result;
}

// Goes on from a place; true when the whole pattern fits.
bool WireSearch::step(const Place& place, WireResult& result) {
    if (place.line == lines_.size()) {
        if (place.floating || place.segment == segments_.size()) {
            result.fits = true;
            result.matched = trail_of(place.trail);
            return true;
        }
        note_stop(place, place.segment, false);
        return false;
    }
    if (lines_[place.line].pattern->gap) {
        Place next = place;
        next.line += 1;
        next.floating = true;
        open_.push_back(next);
    } else if (place.floating) {
        step_floating(place);
    } else if (!visited_before(place)) {
        step_fixed(place);
    }
    return false;
}

bool WireSearch::visited_before(const Place& place) {
    const size_t how = place.line * 2 + (place.must_match ? 1 : 0);
    return !visited_.insert({how, place.segment, place.environment}).second;
}

// The line may take any of the segments that follow. Those that were tried from an earlier visit are not tried again.
void WireSearch::step_floating(const Place& place) {
    auto [tried_from, fresh] = floated_from_.try_emplace({place.line, place.environment}, segments_.size() + 1);
    const size_t end = tried_from->second;
    if (place.segment >= end) return;
    tried_from->second = place.segment;
    if (lines_[place.line].pattern->optional) {
        Place without = place;
        without.line += 1;
        open_.push_back(without);
    } else if (fresh) {
        note_stop(place, segments_.size(), false);
    }
    const std::vector<size_t>& all = candidates(place.line);
    const auto first = std::lower_bound(all.begin(), all.end(), place.segment);
    const auto last = std::lower_bound(first, all.end(), end);
    for (auto it = last; it != first;) {
        Place taking = place;
        taking.segment = *--it;
        taking.floating = false;
        taking.must_match = true;
        open_.push_back(taking);
    }
}

void WireSearch::step_fixed(const Place& place) {
    const CompiledLine& line = lines_[place.line];
    if (line.pattern->optional && !place.must_match) {
        Place without = place;
        without.line += 1;
        open_.push_back(without);
    }
    if (place.segment == segments_.size()) return note_stop(place, place.segment, false);
    const WireSegment& segment = segments_[place.segment];
    if (compare_fixed(*line.pattern, segment) != WireField::none) return note_stop(place, place.segment, false);
    Bindings bindings = environments_[place.environment];
    bool too_open = false;
    if (compare_numbers(line, place.line, segment, bindings, too_open) != WireField::none) {
        return note_stop(place, place.segment, true);
    }
    push_after_match(place, std::move(bindings));
}

void WireSearch::push_after_match(const Place& place, Bindings bindings) {
    trail_.emplace_back(place.segment, place.trail);
    open_.push_back({.line = place.line + 1,
                     .segment = place.segment + 1,
                     .environment = intern(bindings, place.line + 1),
                     .matched_lines = place.matched_lines + 1,
                     .trail = trail_.size() - 1});
}

// Keeps the stop that most lines led to; then the furthest segment; then one that differs in its numbers only.
void WireSearch::note_stop(const Place& place, size_t segment, bool resembles) {
    const bool optional = place.line < lines_.size() && lines_[place.line].pattern->optional;
    if (optional && !resembles) return;
    const bool none_left = place.floating && segment == segments_.size();
    const std::tuple rank{place.matched_lines, none_left ? place.segment : segment, resembles};
    if (stop_ && rank <= stop_rank_) return;
    stop_rank_ = rank;
    stop_ = WireStop{place.line, segment, place.floating || place.must_match, environments_[place.environment]};
}

std::vector<size_t> WireSearch::trail_of(size_t trail) const {
    std::vector<size_t> segments;
    for (; trail != 0; trail = trail_[trail].second) segments.push_back(trail_[trail].first);
    std::reverse(segments.begin(), segments.end());
    return segments;
}

}  // namespace tcpwitness
