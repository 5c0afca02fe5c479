#include "verdict/state_pattern.hh"

#include <algorithm>
#include <set>
#include <tuple>

namespace tcpwitness {
namespace {

constexpr std::string_view kArrow = " -> ";

// Writes a pattern and remembers where each of its states stands.
class PatternWriter {
  public:
    explicit PatternWriter(const std::vector<StateElement>& pattern) {
        for (const StateElement& element : pattern) {
            if (!text_.empty()) text_ += kArrow;
            const bool grouped = element.alternatives.size() > 1 ||
                                 (element.alternatives.size() == 1 && element.alternatives.front().empty());
            if (element.gap) {
                text_ += "...";
            } else {
                if (grouped) text_ += '(';
                write_alternatives(element);
                if (grouped) text_ += ')';
            }
        }
    }

    const std::string& text() const { return text_; }

    size_t offset_of(const StateAndDuration& state) const {
        const auto found =
            std::find_if(places_.begin(), places_.end(), [&state](const auto& place) { return place.first == &state; });
        return found == places_.end() ? std::string::npos : found->second;
    }

  private:
    void write_alternatives(const StateElement& element) {
        for (size_t a = 0; a < element.alternatives.size(); ++a) {
            if (a > 0) text_ += " | ";
            for (size_t i = 0; i < element.alternatives[a].size(); ++i) {
                if (i > 0) text_ += kArrow;
                write_state(element.alternatives[a][i]);
            }
        }
    }

    void write_state(const StateAndDuration& state) {
        places_.emplace_back(&state, text_.size());
        text_ += to_string(state.state);
        if (state.duration) text_ += '[' + state.duration_text + ']';
    }

    std::string text_;
    std::vector<std::pair<const StateAndDuration*, size_t>> places_;
};

// Tries every way through the pattern; each pair of places is tried once.
class StateMatcher {
  public:
    StateMatcher(const std::vector<StateElement>& pattern, const std::vector<PassedState>& passed,
                 const StateMatching& matching)
        : pattern_(pattern), passed_(passed), matching_(matching) {}

    std::optional<StateDifference> run() {
        if (from_element(0, 0, 0)) return std::nullopt;
        note_mark();
        return furthest_;
    }

  private:
    bool from_element(size_t element, size_t at, size_t matched) {
        if (element == pattern_.size()) {
            if (at == passed_.size()) return true;
            note(at, matched, nullptr, nullptr);
            return false;
        }
        if (!tried_.insert({element, at}).second) return false;
        if (pattern_[element].gap) {
            for (size_t next = at; next <= passed_.size(); ++next) {
                if (from_element(element + 1, next, matched)) return true;
            }
            return false;
        }
        const auto& alternatives = pattern_[element].alternatives;
        return std::any_of(alternatives.begin(), alternatives.end(),
                           [&](const auto& alternative) { return from_state(element, alternative, 0, at, matched); });
    }

    bool from_state(size_t element, const std::vector<StateAndDuration>& alternative, size_t index, size_t at,
                    size_t matched) {
        if (index == alternative.size()) return from_element(element + 1, at, matched);
        const StateAndDuration& wanted = alternative[index];
        if (at < passed_.size() && passed_[at].state == wanted.state) {
            const bool in_time = fits(wanted, passed_[at]);
            if (!in_time) note(at, matched, &wanted, &wanted);
            if (in_time && from_state(element, alternative, index + 1, at + 1, matched + 1)) return true;
        } else {
            note(at, matched, &wanted, nullptr);
        }
        return may_be_missed(wanted.state) && from_state(element, alternative, index + 1, at, matched);
    }

    bool fits(const StateAndDuration& wanted, const PassedState& passed) const {
        if (!matching_.durations || !wanted.duration) return true;
        if (!passed.exact) return matching_.inexact_durations;
        return judge_duration(*wanted.duration, passed.lasted, passed.ended) == Lasting::fits;
    }

    // Without a view of mini-sockets the second half of an active close is not seen.
    bool may_be_missed(TcpState state) const {
        const bool mini = state == TcpState::fin_wait_2 || state == TcpState::time_wait || state == TcpState::closed;
        return matching_.all_may_be_missed || (matching_.time_wait_may_be_missed && mini);
    }

    // Keeps the place that most of the pattern leads to, then the one furthest in what was passed.
    void note(size_t at, size_t matched, const StateAndDuration* wanted, const StateAndDuration* by_duration) {
        // A state that is there for the wrong time is nearer to the pattern than one that is not there.
        const std::tuple<size_t, size_t> place{2 * matched + (by_duration != nullptr ? 1 : 0), at};
        if (place < furthest_place_) return;
        if (place > furthest_place_) {
            furthest_ = StateDifference{.passed = at, .matched = matched};
            first_wanted_ = wanted;
        }
        furthest_place_ = place;
        if (by_duration != nullptr) furthest_.by_duration = by_duration;
        if (wanted == nullptr) return;
        if (first_wanted_ == nullptr) first_wanted_ = wanted;
        auto& all = furthest_.wanted;
        if (std::find(all.begin(), all.end(), wanted->state) == all.end()) all.push_back(wanted->state);
    }

    void note_mark() {
        const StateAndDuration* marked = furthest_.by_duration != nullptr ? furthest_.by_duration : first_wanted_;
        if (marked != nullptr) furthest_.expected_mark = PatternWriter(pattern_).offset_of(*marked);
    }

    const std::vector<StateElement>& pattern_;
    const std::vector<PassedState>& passed_;
    const StateMatching& matching_;
    std::set<std::pair<size_t, size_t>> tried_;
    StateDifference furthest_;
    std::tuple<size_t, size_t> furthest_place_{0, 0};
    const StateAndDuration* first_wanted_ = nullptr;
};

}  // namespace

std::vector<PassedState> passed_states(const Story& story, int socket, bool from_closed) {
    const std::vector<StateSpan> spans = states_of(story.timeline, socket);
    std::vector<PassedState> passed;
    if (spans.empty()) return {{.state = TcpState::closed, .lasted = story.end}};
    const auto& first = std::get<StateChange>(story.timeline.events[spans.front().event].body);
    if (from_closed && first.from == TcpState::closed && first.to != TcpState::closed) {
        passed.push_back({.state = TcpState::closed, .lasted = spans.front().began, .ended = true});
    }
    for (size_t i = 0; i < spans.size(); ++i) {
        const StateSpan& span = spans[i];
        PassedState state{.state = span.state, .began = span.began, .ended = span.ended.has_value()};
        state.lasted = span.ended.value_or(story.end) - span.began;
        const bool ending_seen = i + 1 == spans.size() || seen_as_it_happened(spans[i + 1].source);
        const bool visible = span.state != TcpState::time_wait || story.timeline.observed.exact_time_wait;
        state.exact =
            visible && ending_seen && seen_as_it_happened(span.source) && story.timeline.observed.exact_states;
        state.inferred = span.source == Source::inferred;
        state.event = span.event;
        passed.push_back(state);
    }
    return passed;
}

std::optional<StateDifference> match_states(const std::vector<StateElement>& pattern,
                                            const std::vector<PassedState>& passed, const StateMatching& matching) {
    return StateMatcher(pattern, passed, matching).run();
}

std::string pattern_text(const std::vector<StateElement>& pattern) {
    return PatternWriter(pattern).text();
}

}  // namespace tcpwitness
