// tcpwitness tune: what settings change for a program: the cases under the kernel's defaults and under a profile.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "cli/commands.hh"
#include "cli/kernel_keys.hh"
#include "cli/output_place.hh"
#include "cli/recorded_runs.hh"
#include "cli/terminal.hh"
#include "cli/wanted_options.hh"
#include "page/tuning_page.hh"
#include "report/text.hh"
#include "report/tuning_text.hh"

namespace tcpwitness {
namespace {

struct Arguments {
    std::string profile;
    std::vector<std::string> settings;  // "key=value"
    Wanted wanted{.paths = {"cases"}};
    PlaceChoice choice{.kernel = "host"};
    std::string format = "human";
    std::string output;
    std::string colour = "auto";
};

using Records = std::map<std::string, Record>;                          // by id
using Differences = std::map<std::string, std::vector<RunDifference>>;  // by id, of the runs that differ

class TuneSession {
  public:
    TuneSession(std::vector<WantedRun> runs, KnownSettings settings)
        : runs_(std::move(runs)),
          settings_(std::move(settings)),
          exact_(std::all_of(runs_.begin(), runs_.end(), [](const WantedRun& run) { return run.place->guest; })) {}

    // Fills everything of `tuning` but the names. Returns 0, or 128+n after signal n.
    int compare(Tuning& tuning);

  private:
    int drop_refused(Tuning& tuning);
    int make(const std::vector<Setting>& settings, const std::set<std::string>* only, Records& records, uint64_t later_seed = 0);
    int find_noise();
    int find_changes(const std::vector<Setting>& settings, const std::set<std::string>* only, Differences& changes);
    int find_keys(std::map<std::string, TunedRun>& changed);
    std::vector<RunDifference> differences(const std::string& id, const Record& after) const;

    std::vector<WantedRun> runs_;
    KnownSettings settings_;
    bool exact_;  // the same run always goes the same way
    Records defaults_;
    std::map<std::string, std::set<std::string>> noise_;  // id -> what differs between two runs without any setting
};

// What is compared, without its value: a kind, and which counter.
std::string subject(const RunDifference& difference) {
    if (difference.kind != "counter") return difference.kind;
    return difference.before.substr(0, difference.before.rfind(' '));
}

std::set<std::string> subjects(const std::vector<RunDifference>& differences) {
    std::set<std::string> all;
    for (const RunDifference& each : differences) all.insert(subject(each));
    return all;
}

int TuneSession::make(const std::vector<Setting>& settings, const std::set<std::string>* only, Records& records,
                      uint64_t later_seed) {
    std::vector<WantedRun> runs;
    for (const WantedRun& run : runs_) {
        if (only != nullptr && only->count(run.plan.id) == 0) continue;
        runs.push_back({with_settings(run.plan, settings), run.place, run.why});
        runs.back().plan.seed += later_seed;
    }
    RunsMade made = make_runs(std::move(runs));
    for (Record& record : made.records) records.emplace(record.plan.id, std::move(record));
    return made.status;
}

std::vector<RunDifference> TuneSession::differences(const std::string& id, const Record& after) const {
    const auto place =
        std::find_if(runs_.begin(), runs_.end(), [&id](const WantedRun& run) { return run.plan.id == id; });
    // A guest's clock is virtual and exact; on the host other programs take time too.
    const DurationTolerance busy{.relative = 0.25, .absolute = std::chrono::milliseconds(250)};
    std::vector<RunDifference> all =
        run_differences(defaults_.at(id), after, place->place->guest ? DurationTolerance{} : busy);
    const auto noise = noise_.find(id);
    if (noise == noise_.end()) return all;
    std::erase_if(all, [&noise](const RunDifference& each) { return noise->second.count(subject(each)) != 0; });
    return all;
}

// Runs without any setting. In a guest they would be the same with the same seed; but what a setting takes of the guest's
// time changes its luck as another seed does.
int TuneSession::find_noise() {
    const uint64_t seeds = exact_ ? 3 : 1;
    for (uint64_t seed = 1; seed <= seeds; ++seed) {
        Records again;
        if (const int status = make({}, nullptr, again, seed); status != 0) return status;
        for (const auto& [id, record] : again) noise_[id].merge(subjects(differences(id, record)));
    }
    return 0;
}

// What the settings change in the runs of `only` (nullptr: in all). Where runs are not exact, what is seen twice.
int TuneSession::find_changes(const std::vector<Setting>& settings, const std::set<std::string>* only,
                              Differences& changes) {
    Records tuned;
    if (const int status = make(settings, only, tuned); status != 0) return status;
    std::set<std::string> ids;
    for (const auto& [id, record] : tuned) {
        std::vector<RunDifference> found = differences(id, record);
        if (found.empty()) continue;
        changes[id] = std::move(found);
        ids.insert(id);
    }
    if (exact_ || ids.empty()) return 0;
    Records again;
    if (const int status = make(settings, &ids, again); status != 0) return status;
    for (const auto& [id, record] : again) {
        const std::set<std::string> seen_again = subjects(differences(id, record));
        std::erase_if(changes[id], [&](const RunDifference& each) { return seen_again.count(subject(each)) == 0; });
    }
    std::erase_if(changes, [](const auto& change) { return change.second.empty(); });
    return 0;
}

// Each key alone, on the runs that the whole profile changed.
int TuneSession::find_keys(std::map<std::string, TunedRun>& changed) {
    std::set<std::string> ids;
    for (const auto& [id, run] : changed) ids.insert(id);
    if (ids.empty()) return 0;
    for (const Setting& setting : settings_.applied) {
        Differences alone;
        if (const int status = find_changes({setting}, &ids, alone); status != 0) return status;
        for (const auto& [id, found] : alone) changed.at(id).keys.push_back(setting.key);
    }
    return 0;
}

// Some keys can be seen in a namespace and not be written there, and values can be wrong: one run tells, key by key.
int TuneSession::drop_refused(Tuning& tuning) {
    const std::set<std::string> first{runs_.front().plan.id};
    for (;;) {
        Records records;
        if (const int status = make(settings_.applied, &first, records); status != 0) return status;
        const Verdict& verdict = records.begin()->second.verdict;
        if (verdict.outcome != Outcome::skip && verdict.outcome != Outcome::error) break;
        const auto refused =
            std::find_if(settings_.applied.begin(), settings_.applied.end(), [&verdict](const Setting& setting) {
                return verdict.reason.find("sysctl " + setting.key) != std::string::npos;
            });
        if (refused == settings_.applied.end()) break;
        settings_.refused.push_back({*refused, verdict.reason.substr(verdict.reason.find(refused->key))});
        settings_.applied.erase(refused);
    }
    tuning.settings = settings_;
    return 0;
}

int TuneSession::compare(Tuning& tuning) {
    if (const int status = drop_refused(tuning); status != 0) return status;
    if (const int status = make({}, nullptr, defaults_); status != 0) return status;
    if (const int status = find_noise(); status != 0) return status;
    Differences changes;
    if (const int status = find_changes(settings_.applied, nullptr, changes); status != 0) return status;
    std::map<std::string, TunedRun> changed;
    for (auto& [id, found] : changes) changed[id] = {display_name(defaults_.at(id).plan), std::move(found), {}};
    if (const int status = find_keys(changed); status != 0) return status;
    tuning.compared = defaults_.size();
    for (auto& [id, run] : changed) tuning.changed.push_back(std::move(run));
    return 0;
}

// Settings of the command line follow the profile's lines and replace what it says of the same keys.
std::vector<Setting> read_settings(const Arguments& arguments, std::vector<std::string>& lines, Diagnostics& diagnostics) {
    std::vector<Setting> settings;
    if (!arguments.profile.empty()) {
        const std::string text = read_file(arguments.profile);
        settings = parse_profile(text, arguments.profile, diagnostics);
        lines = split_lines(text);
    }
    const int before = static_cast<int>(lines.size());
    const std::string words = fmt::format("{}\n", fmt::join(arguments.settings, "\n"));
    for (Setting& setting : parse_profile(words, "--sysctl", diagnostics)) {
        std::erase_if(settings, [&setting](const Setting& earlier) { return earlier.key == setting.key; });
        setting.line += before;
        settings.push_back(std::move(setting));
    }
    lines.insert(lines.end(), arguments.settings.begin(), arguments.settings.end());
    return settings;
}

int tune(const Arguments& arguments) {
    if (!arguments.output.empty()) check_output_file(arguments.output);
    Diagnostics diagnostics;
    std::vector<std::string> lines;
    const std::vector<Setting> settings = read_settings(arguments, lines, diagnostics);
    std::optional<LoadedCases> loaded = load_or_complain(arguments.wanted);
    if (!loaded) return ExitStatus::kUsage;
    PlacedRuns placed(*loaded, arguments.wanted, arguments.choice);
    if (placed.places.size() != 1) throw Error("tune: give one kernel");
    if (!diagnostics.empty()) {
        fmt::print(stderr, "{}", diagnostics.to_text());
        return ExitStatus::kUsage;
    }
    if (settings.empty()) throw Error("tune: give a profile or --sysctl KEY=VALUE");
    const Place& place = placed.places.front();
    Tuning tuning{.profile = arguments.profile.empty() ? fmt::format("{}", fmt::join(arguments.settings, ", "))
                                                       : arguments.profile,
                  .lines = std::move(lines),
                  .where = place.where};
    tuning.settings = sort_settings(settings, place.machine, kernel_keys(place.guest ? place.name : ""));
    tuning.skipped =
        static_cast<size_t>(std::erase_if(placed.runs, [](const WantedRun& run) { return !run.plan.skip.empty(); }));
    if (placed.runs.empty()) return ExitStatus::kNothingSelected;
    if (const int status = TuneSession(std::move(placed.runs), tuning.settings).compare(tuning); status != 0)
        return status;
    if (!arguments.output.empty()) write_file(arguments.output, tuning_page(tuning));
    const Style style = output_style(arguments.colour, 100);
    fmt::print("{}", arguments.format == "json" ? tuning_json(tuning) : tuning_text(tuning, style));
    return ExitStatus::kPassed;
}

}  // namespace

void add_tune_command(CLI::App& app, ExitStatus& status) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand("tune", "What kernel settings change for a program, shown by the cases");
    command->add_option("profile", arguments->profile, "A file as in /etc/sysctl.d")->check(CLI::ExistingFile);
    command->add_option("--sysctl", arguments->settings, "KEY=VALUE; may be given several times, over the profile")
        ->allow_extra_args(false);
    command
        ->add_option("--cases", arguments->wanted.paths,
                     "A case file or folder; may be given several times (default: cases)")
        ->allow_extra_args(false);
    command->add_option("-k", arguments->wanted.filter, "Only runs whose name, tags or claims match");
    add_place_options(*command, arguments->choice);
    command->get_option("--kernel")
        ->description(
            "host (default), or one guest kernel, where runs are exact and differences small enough to trust");
    command->add_option("-o,--out", arguments->output, "Also write a page for a browser: the profile line by line");
    command->add_option("--format", arguments->format, "human or json")->check(CLI::IsMember({"human", "json"}));
    command->add_option("--colour,--color", arguments->colour, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    command->callback([arguments, &status] {
        try {
            status.value = tune(*arguments);
        } catch (const Error& error) {
            fmt::print(stderr, "tcpwitness: {}\n", error.what());
            status.value = ExitStatus::kUsage;
        }
    });
}

}  // namespace tcpwitness
