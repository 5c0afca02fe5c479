// Sequences of states: each state another one, left out, given twice; each duration another one.
#include <algorithm>

#include "mutate/changes.hh"

namespace tcpwitness {
namespace {

constexpr TcpState kLastState = TcpState::time_wait;

std::string words(const StateElement& element) {
    std::string text;
    for (const auto& alternative : element.alternatives) {
        if (!text.empty()) text += " or ";
        if (alternative.empty()) text += "nothing";
        for (size_t i = 0; i < alternative.size(); ++i)
            text += (i > 0 ? " -> " : "") + std::string(to_string(alternative[i].state));
    }
    return text;
}

// Another state says something else only when none of the alternatives is that state.
bool is_alternative(const StateElement& element, TcpState state) {
    return std::any_of(element.alternatives.begin(), element.alternatives.end(), [state](const auto& alternative) {
        return alternative.size() == 1 && alternative.front().state == state;
    });
}

class SequenceChanges {
  public:
    SequenceChanges(const StatesExpectation& expectation, size_t index, std::vector<Mutant>& mutants)
        : expectation_(expectation), index_(index), mutants_(mutants) {}

    void add() {
        for (size_t i = 0; i < sequence().size(); ++i) {
            if (sequence()[i].gap) continue;
            add_other_states(i);
            add_left_out(i);
            add_durations(i);
        }
    }

  private:
    const std::vector<StateElement>& sequence() const { return expectation_.sequence; }
    bool is_gap(size_t i) const { return i < sequence().size() && sequence()[i].gap; }

    void change(std::string what, std::vector<StateElement> changed) {
        mutants_.push_back({expectation_.source,
                            std::move(what),
                            [index = index_, changed = std::move(changed)](Plan& plan) {
                                plan.expectations.states[index].sequence = changed;
                            },
                            {}});
    }

    void add_other_states(size_t i) {
        for (int number = 0; number <= static_cast<int>(kLastState); ++number) {
            const auto state = static_cast<TcpState>(number);
            if (is_alternative(sequence()[i], state)) continue;
            std::vector<StateElement> changed = sequence();
            changed[i].alternatives = {{StateAndDuration{.state = state}}};
            change(is_now(words(sequence()[i]), std::string(to_string(state))), std::move(changed));
        }
    }

    // Beside "..." the state is one of any, and a sequence that begins with CLOSED may leave that out.
    void add_left_out(size_t i) {
        const bool may_be_absent = std::any_of(sequence()[i].alternatives.begin(), sequence()[i].alternatives.end(),
                                               [](const auto& alternative) { return alternative.empty(); });
        const bool closed_first = i == 0 && is_alternative(sequence()[i], TcpState::closed);
        if (may_be_absent || closed_first || is_gap(i + 1) || (i > 0 && is_gap(i - 1))) return;
        if (sequence().size() == 1) return;
        std::vector<StateElement> changed = sequence();
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
        change(words(sequence()[i]) + " is left out", std::move(changed));
    }

    void add_durations(size_t i) {
        const auto& alternatives = sequence()[i].alternatives;
        if (alternatives.size() != 1) return;  // which alternative it was is not known
        for (size_t place = 0; place < alternatives.front().size(); ++place) {
            const StateAndDuration& state = alternatives.front()[place];
            if (!state.duration) continue;
            for (const DurationRange& other : other_ranges(*state.duration)) {
                std::vector<StateElement> changed = sequence();
                StateAndDuration& changed_state = changed[i].alternatives.front()[place];
                changed_state.duration = other;
                changed_state.duration_text = range_words(other);
                const std::string name(to_string(state.state));
                change(is_now(name + "[" + state.duration_text + "]", name + "[" + range_words(other) + "]"),
                       std::move(changed));
            }
        }
    }

    const StatesExpectation& expectation_;
    size_t index_;
    std::vector<Mutant>& mutants_;
};

}  // namespace

void change_states(const Plan& plan, std::vector<Mutant>& mutants) {
    for (size_t i = 0; i < plan.expectations.states.size(); ++i)
        SequenceChanges(plan.expectations.states[i], i, mutants).add();
}

}  // namespace tcpwitness
