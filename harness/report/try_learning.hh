// TryLearning: what a run of `tcpwitness try` teaches: how the next one must be told, what there is to expect of it, or
// why there is nothing to go on with. Pure functions of a Record.
#pragma once

#include "record/record.hh"
#include "report/try_case.hh"

namespace tcpwitness {

struct TryLesson {
    enum class Kind : uint8_t {
        through,  // the story went through as it was told
        again,    // `learnt` has changed: tell it anew
        stuck,    // `trouble` says why
    };
    Kind kind = Kind::through;
    std::string trouble;
    std::string program;  // whose output tells more; may be empty
};

// From the run that starts the server alone. `wanted` is --port, or 0.
TryLesson learn_port(const TryWishes& wishes, const Record& record, uint16_t wanted, TryLearnt& learnt);

// From a run of the story.
TryLesson learn_story(const TryWishes& wishes, const Record& record, TryLearnt& learnt);

// From a run that went through.
TryObserved observe(const TryWishes& wishes, const TryLearnt& learnt, const Record& record);

// Takes out of `observed` what another run of the same story did not show again. Which end closes first can be a race:
// then nothing that follows from it is expected, and `closing` names all that was seen.
void weaken(TryObserved& observed, const TryObserved& other);

// The last lines that the program wrote since `since`, at most 12.
std::vector<std::string> last_output(const Timeline& timeline, const std::string& program, Instant since = {});

}  // namespace tcpwitness
