#include "cli/recorded_runs.hh"

#include <fmt/core.h>

#include <filesystem>
#include <memory>

#include "base/error.hh"
#include "cli/commands.hh"
#include "cli/record_paths.hh"
#include "cli/run_session.hh"
#include "cli/terminal.hh"
#include "cli/wanted_options.hh"
#include "report/progress_line.hh"

namespace tcpwitness {
namespace {

namespace filesystem = std::filesystem;

constexpr int kFirstSignal = 128;

}  // namespace

bool names_records(const std::string& path) {
    if (filesystem::is_regular_file(path)) return path.ends_with(".json");
    return filesystem::is_directory(path) && !record_files(path).empty();
}

RunsMade make_runs(std::vector<WantedRun> runs, const std::string& title) {
    RecordKeeper keeper;
    std::vector<Reporter*> told{&keeper};
    std::unique_ptr<ProgressLine> progress;
    if (error_is_terminal()) {
        progress = std::make_unique<ProgressLine>(title, error_style(), standard_error());
        told.push_back(progress.get());
    }
    const int status = RunSession(std::move(runs), {}, told).run();
    return {std::move(keeper.records), status >= kFirstSignal ? status : 0};
}

RunsMade make_runs(const Wanted& wanted, const PlaceChoice& choice) {
    std::optional<LoadedCases> loaded = load_or_complain(wanted);
    if (!loaded) return {{}, ExitStatus::kUsage};
    PlacedRuns placed(*loaded, wanted, choice);
    if (!loaded->diagnostics.empty()) {
        fmt::print(stderr, "{}", loaded->diagnostics.to_text());
        return {{}, ExitStatus::kUsage};
    }
    for (const std::string& note : placed.notes) fmt::print(stderr, "tcpwitness: {}\n", note);
    if (placed.runs.empty()) {
        fmt::print(stderr, "tcpwitness: no run matches\n");
        return {{}, ExitStatus::kNothingSelected};
    }
    return make_runs(std::move(placed.runs), "making runs");
}

}  // namespace tcpwitness
