#include "cli/try_session.hh"

#include <fmt/core.h>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "case/case_parser.hh"
#include "cli/commands.hh"
#include "cli/recorded_runs.hh"
#include "report/failure_text.hh"
#include "report/ladder.hh"
#include "report/try_account.hh"

namespace tcpwitness {
namespace {

constexpr size_t kLongLadder = 150;  // lines; of a longer one the parts are shown where something begins or ends

LadderWindow turning_points(const Timeline& timeline) {
    LadderWindow window{.before = 2, .after = 2, .mark = false};
    for (size_t i = 0; i < timeline.events.size(); ++i) {
        const EventBody& body = timeline.events[i].body;
        const bool turns = std::holds_alternative<StateChange>(body) || std::holds_alternative<ProgramStarted>(body) ||
                           std::holds_alternative<ProgramExited>(body) || std::holds_alternative<Call>(body);
        if (turns) window.around.push_back(i);
    }
    return window;
}

std::string ladder_of(const Record& record, const Style& style) {
    const std::string whole = ladder(record.plan, record.timeline, style);
    if (split_lines(whole).size() <= kLongLadder) return whole;
    return ladder(record.plan, record.timeline, style, turning_points(record.timeline));
}

}  // namespace

int TrySession::go() {
    if (!find_port()) return status_;
    const std::optional<Record> seen = find_story();
    if (!seen) return status_;
    TryObserved observed = observe(options_.wishes, learnt_, *seen);
    const std::optional<Record> kept = find_case(observed);
    if (!kept) return status_;
    tell(*kept, observed);
    tell_case();
    return learnt_.restart == TryRestart::ends ? ExitStatus::kFailed : ExitStatus::kPassed;
}

// One run of a case with this text. Nothing when there is no result: the reason is told.
std::optional<Record> TrySession::run(const std::string& text) {
    LoadedCases loaded;
    const std::string file = options_.out.empty() ? "try.yaml" : options_.out;
    std::optional<Case> read = parse_case(text, file, loaded.diagnostics);
    if (read) loaded.cases.push_back(std::move(*read));
    PlacedRuns placed(loaded, {}, options_.choice);
    if (!loaded.diagnostics.empty()) fail(ExitStatus::kUsage, loaded.diagnostics.to_text());
    if (status_ == 0 && placed.runs.size() != 1) fail(ExitStatus::kUsage, "try: give one kernel");
    if (status_ != 0) return std::nullopt;
    for (const std::string& note : placed.notes) fmt::print(stderr, "tcpwitness: {}\n", note);
    RunsMade made = make_runs(std::move(placed.runs), "trying");
    if (!made.made() || made.records.empty()) {
        status_ = made.made() ? ExitStatus::kHarness : made.status;
        return std::nullopt;
    }
    Record record = std::move(made.records.front());
    if (record.verdict.outcome == Outcome::skip)
        fail(ExitStatus::kSkipped, "cannot be tried here: " + record.verdict.reason);
    if (record.verdict.outcome == Outcome::error) fail(ExitStatus::kHarness, record.verdict.reason);
    if (status_ != 0) return std::nullopt;
    return record;
}

bool TrySession::find_port() {
    for (;;) {
        const std::optional<Record> record = run(try_case(options_.wishes, learnt_, nullptr));
        if (!record) return false;
        const TryLesson lesson = learn_port(options_.wishes, *record, options_.port, learnt_);
        if (lesson.kind == TryLesson::Kind::again) continue;
        if (lesson.kind == TryLesson::Kind::stuck) complain(lesson, *record);
        return status_ == 0;
    }
}

// Tells the story until it goes through.
std::optional<Record> TrySession::find_story() {
    for (;;) {
        std::optional<Record> record = run(try_case(options_.wishes, learnt_, nullptr));
        if (!record) return std::nullopt;
        const TryLesson lesson = learn_story(options_.wishes, *record, learnt_);
        if (lesson.kind == TryLesson::Kind::through) return record;
        if (lesson.kind == TryLesson::Kind::again) continue;
        fmt::print("{}\n", ladder_of(*record, options_.style));
        complain(lesson, *record);
        return std::nullopt;
    }
}

// Runs the case as it will be written, until it has passed twice: what does not repeat is not expected.
std::optional<Record> TrySession::find_case(TryObserved& observed) {
    constexpr int kTimes = 6;
    bool passed = false;
    for (int time = 0; time < kTimes; ++time) {
        case_text_ = try_case(options_.wishes, learnt_, &observed);
        std::optional<Record> record = run(case_text_);
        if (!record) return std::nullopt;
        const bool passes = record->verdict.outcome == Outcome::pass;
        if (passes && passed) return record;
        passed = passes;
        if (passes) continue;
        if (time + 1 == kTimes) fmt::print("{}", failure_text(*record, options_.style));
        weaken(observed, observe(options_.wishes, learnt_, *record));
    }
    fail(ExitStatus::kHarness, "what was seen does not repeat, so there is no case to keep");
    return std::nullopt;
}

void TrySession::tell(const Record& record, const TryObserved& observed) const {
    const Style& style = options_.style;
    const std::string title = fmt::format("{}: port {}, {}", try_title(options_.wishes), learnt_.port, observed.where);
    for (const std::string& line : wrap(title, style.width, style.utf8))
        fmt::print("{}\n", paint(line, Tone::bold, style));
    fmt::print("\n{}\n", ladder_of(record, style));
    fmt::print("{}", try_account(options_.wishes, learnt_, observed, record, style));
}

void TrySession::tell_case() const {
    const Style& style = options_.style;
    if (!options_.out.empty()) {
        write_file(options_.out, case_text_);
        fmt::print("\n{}\n  tcpwitness run {}{}\n", paint("the same as a case", Tone::bold, style), options_.out,
                   options_.choice.automatic() ? "" : " --kernel " + options_.choice.kernel);
        return;
    }
    fmt::print("\n{}\n", paint("the same as a case (--out FILE writes it)", Tone::bold, style));
    for (const std::string& line : split_lines(case_text_)) fmt::print("  {}\n", safe_text(line, style.utf8));
}

void TrySession::complain(const TryLesson& lesson, const Record& record) {
    fail(ExitStatus::kFailed, lesson.trouble);
    if (lesson.program.empty()) return;
    const std::vector<std::string> output = last_output(record.timeline, lesson.program);
    if (output.empty()) fmt::print(stderr, "  {} wrote nothing\n", lesson.program);
    for (const std::string& line : output)
        fmt::print(stderr, "  {}: {}\n", lesson.program, safe_text(line, options_.style.utf8));
}

void TrySession::fail(int status, const std::string& words) {
    fmt::print(stderr, "tcpwitness: {}\n", words);
    status_ = status;
}

}  // namespace tcpwitness
