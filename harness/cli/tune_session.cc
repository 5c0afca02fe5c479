#include "cli/tune_session.hh"

#include <fmt/core.h>

#include <algorithm>

#include "cli/recorded_runs.hh"
#include "report/text.hh"

namespace tcpwitness {
namespace {

// Each run is made with its own seed and with as many others, under the defaults and under the settings. Chance that comes
// in a part p of all runs passes for a change with a probability of p^6 (1-p)^6: at most once in 4096 times.
constexpr uint64_t kOtherSeeds = 5;

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

// "seed 2 of 6, net.ipv4.tcp_sack", for who waits.
std::string title_of(const std::vector<Setting>& settings, uint64_t later_seed) {
    const std::string what = settings.empty() ? "defaults" : settings.size() == 1 ? settings.front().key : "all settings";
    return fmt::format("seed {} of {}, {}", later_seed + 1, kOtherSeeds + 1, what);
}

template <typename Value>
std::set<std::string> ids_of(const std::map<std::string, Value>& by_id) {
    std::set<std::string> ids;
    for (const auto& [id, value] : by_id) ids.insert(id);
    return ids;
}

void keep_subjects_of(const Differences& others, Differences& differences) {
    for (auto& [id, found] : differences) {
        const auto other = others.find(id);
        const std::set<std::string> kept = other == others.end() ? std::set<std::string>() : subjects(other->second);
        std::erase_if(found, [&kept](const RunDifference& each) { return kept.count(subject(each)) == 0; });
    }
    std::erase_if(differences, [](const auto& each) { return each.second.empty(); });
}

}  // namespace

int TuneSession::make(const std::vector<Setting>& settings, const Ids& ids, uint64_t later_seed,
                      Records& records) const {
    if (ids.empty()) return 0;
    std::vector<WantedRun> runs;
    for (const WantedRun& run : runs_) {
        if (ids.count(run.plan.id) == 0) continue;
        runs.push_back({with_settings(run.plan, settings), run.place, run.why});
        runs.back().plan.seed += later_seed;
    }
    RunsMade made = make_runs(std::move(runs), title_of(settings, later_seed));
    for (Record& record : made.records) records.emplace(record.plan.id, std::move(record));
    return made.status;
}

std::vector<RunDifference> TuneSession::differences(const std::string& id, const Record& after) const {
    const auto run =
        std::find_if(runs_.begin(), runs_.end(), [&id](const WantedRun& each) { return each.plan.id == id; });
    // A guest's clock is virtual and exact; on the host other programs take time too.
    const DurationTolerance busy{.relative = 0.25, .absolute = std::chrono::milliseconds(250)};
    return run_differences(defaults_.at(id), after, run->place->guest ? DurationTolerance{} : busy);
}

int TuneSession::find_differences(const std::vector<Setting>& settings, const Ids& ids, uint64_t later_seed,
                                  Differences& found) const {
    Records records;
    if (const int status = make(settings, ids, later_seed, records); status != 0) return status;
    for (const auto& [id, record] : records) {
        std::vector<RunDifference> all = differences(id, record);
        const auto noise = noise_.find(id);
        if (noise != noise_.end())
            std::erase_if(all, [&](const RunDifference& each) { return noise->second.count(subject(each)) != 0; });
        if (!all.empty()) found[id] = std::move(all);
    }
    return 0;
}

// What differs between runs under the defaults says nothing about settings.
int TuneSession::find_noise(const Ids& ids, uint64_t later_seed) {
    Records again;
    if (const int status = make({}, ids, later_seed, again); status != 0) return status;
    for (const auto& [id, record] : again) noise_[id].merge(subjects(differences(id, record)));
    return 0;
}

// Keeps of `found` what is no noise and is seen with this seed too.
int TuneSession::keep_what_stays(const std::vector<Setting>& settings, uint64_t later_seed, Differences& found) const {
    Differences again;
    if (const int status = find_differences(settings, ids_of(found), later_seed, again); status != 0) return status;
    keep_subjects_of(again, found);
    return 0;
}

// What all settings together change.
int TuneSession::find_changes(const Ids& ids, Differences& changes) {
    if (const int status = find_differences(settings_.applied, ids, 0, changes); status != 0) return status;
    for (uint64_t seed = 1; seed <= kOtherSeeds; ++seed) {
        if (const int status = find_noise(ids_of(changes), seed); status != 0) return status;
        if (const int status = keep_what_stays(settings_.applied, seed, changes); status != 0) return status;
    }
    return 0;
}

// Each key alone, on the runs that all settings together change, and of what they change there.
int TuneSession::find_keys(const Differences& changes, std::map<std::string, TunedRun>& changed) const {
    for (const Setting& setting : settings_.applied) {
        Differences alone;
        if (const int status = find_differences({setting}, ids_of(changes), 0, alone); status != 0) return status;
        keep_subjects_of(changes, alone);
        for (uint64_t seed = 1; seed <= kOtherSeeds; ++seed)
            if (const int status = keep_what_stays({setting}, seed, alone); status != 0) return status;
        for (const auto& [id, found] : alone) changed.at(id).keys.push_back(setting.key);
    }
    return 0;
}

// Some keys can be seen in a namespace and not be written there, and values can be wrong: one run tells, key by key.
int TuneSession::drop_refused() {
    const Ids first{runs_.front().plan.id};
    for (;;) {
        Records records;
        if (const int status = make(settings_.applied, first, 0, records); status != 0) return status;
        const Verdict& verdict = records.begin()->second.verdict;
        if (verdict.outcome != Outcome::skip && verdict.outcome != Outcome::error) return 0;
        const auto refused =
            std::find_if(settings_.applied.begin(), settings_.applied.end(), [&verdict](const Setting& setting) {
                return verdict.reason.find("sysctl " + setting.key + ": ") != std::string::npos;
            });
        if (refused == settings_.applied.end()) return 0;
        const std::string words = "sysctl " + refused->key + ": ";
        settings_.refused.push_back({*refused, verdict.reason.substr(verdict.reason.find(words) + words.size())});
        settings_.applied.erase(refused);
    }
}

int TuneSession::compare(Tuning& tuning) {
    if (const int status = drop_refused(); status != 0) return status;
    Ids all;
    for (const WantedRun& run : runs_) all.insert(run.plan.id);
    if (const int status = make({}, all, 0, defaults_); status != 0) return status;
    Differences changes;
    if (const int status = find_changes(all, changes); status != 0) return status;
    std::map<std::string, TunedRun> changed;
    for (const auto& [id, found] : changes) changed[id] = {display_name(defaults_.at(id).plan), found, {}};
    if (const int status = find_keys(changes, changed); status != 0) return status;
    tuning.settings = settings_;
    tuning.compared = defaults_.size();
    for (const Setting& setting : settings_.applied)
        for (const WantedRun& run : runs_)
            if (sets_itself(run.plan, setting.key)) ++tuning.kept[setting.key];
    for (auto& [id, run] : changed) tuning.changed.push_back(std::move(run));
    return 0;
}

}  // namespace tcpwitness
