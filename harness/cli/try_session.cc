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
    const std::optional<Record> kept = find_case(*seen);
    if (!kept) return status_;
    tell(*kept);
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
    if (!loaded.diagnostics.empty()) throw Error(loaded.diagnostics.to_text());
    if (placed.runs.size() != 1) throw Error("try: give one kernel");
    for (const std::string& note : placed.notes) fmt::print(stderr, "tcpwitness: {}\n", note);
    RunsMade made = make_runs(std::move(placed.runs));
    if (!made.made() || made.records.empty()) {
        status_ = made.made() ? ExitStatus::kHarness : made.status;
        return std::nullopt;
    }
    Record record = std::move(made.records.front());
    if (record.verdict.outcome == Outcome::skip) fail(ExitStatus::kSkipped, "cannot be tried here: " + record.verdict.reason);
    if (record.verdict.outcome == Outcome::error) fail(ExitStatus::kHarness, record.verdict.reason);
    if (status_ != 0) return std::nullopt;
    return record;
}

bool TrySession::find_port() {
    const std::optional<Record> record = run(try_case(options_.wishes, {}, nullptr));
    if (!record) return false;
    const TryLesson lesson = learn_port(options_.wishes, *record, options_.port, learnt_);
    if (lesson.kind == TryLesson::Kind::stuck) complain(lesson, *record);
    return status_ == 0;
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

// Makes the case of what was seen, and runs it as it will be written: what does not repeat is not expected.
std::optional<Record> TrySession::find_case(const Record& seen) {
    constexpr int kTimes = 4;
    TryObserved observed = observe(options_.wishes, learnt_, seen);
    for (int time = 0; time < kTimes; ++time) {
        case_text_ = try_case(options_.wishes, learnt_, &observed);
        std::optional<Record> record = run(case_text_);
        if (!record || record->verdict.outcome == Outcome::pass) return record;
        if (time + 1 == kTimes) fmt::print("{}", failure_text(*record, options_.style));
        weaken(observed, *record);
    }
    fail(ExitStatus::kHarness, "what was seen does not repeat, so there is no case to keep");
    return std::nullopt;
}

void TrySession::weaken(TryObserved& observed, const Record& again) const {
    const TryObserved other = observe(options_.wishes, learnt_, again);
    const bool same = observed.sockets == other.sockets && observed.wire == other.wire;
    for (const auto& [host, left] : other.sockets) {
        if (same || observed.sockets[host] != left) observed.sockets.erase(host);
    }
    if (same || observed.wire != other.wire) observed.wire.clear();
    if (observed.client_state != other.client_state) observed.client_state.reset();
    for (auto end : {&TryObserved::server_end, &TryObserved::client_end, &TryObserved::second_end}) {
        if (observed.*end != other.*end) (observed.*end).clear();
    }
    observed.time_wait_before_restart = observed.time_wait_before_restart && other.time_wait_before_restart;
    observed.server_time_wait = observed.server_time_wait && other.server_time_wait;
}

void TrySession::tell(const Record& record) const {
    const Style& style = options_.style;
    fmt::print("{}\n", paint(fmt::format("{}; {} on port {}", try_title(options_.wishes), record.where, learnt_.port),
                             Tone::bold, style));
    fmt::print("\n{}\n", ladder_of(record, style));
    fmt::print("{}", try_account(options_.wishes, learnt_, record, style));
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
