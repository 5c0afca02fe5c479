#include "report/tuning_text.hh"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/paragraphs.hh"

namespace tcpwitness {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kKinds = 12;

std::string words(const Setting& setting) {
    return fmt::format("{} = {}", setting.key, setting.value);
}

Json setting_json(const Setting& setting) {
    return {{"key", setting.key}, {"value", setting.value}, {"line", setting.line}};
}

Json run_json(const TunedRun& run) {
    Json json{{"run", run.name}, {"keys", run.keys}, {"differences", Json::array()}};
    for (const RunDifference& difference : run.differences) {
        json["differences"].push_back(
            {{"kind", difference.kind}, {"before", difference.before}, {"after", difference.after}});
    }
    return json;
}

}  // namespace

std::vector<const TunedRun*> Tuning::changed_by(const std::string& key) const {
    std::vector<const TunedRun*> runs;
    for (const TunedRun& run : changed)
        if (std::find(run.keys.begin(), run.keys.end(), key) != run.keys.end()) runs.push_back(&run);
    return runs;
}

std::vector<Setting> Tuning::without_effect() const {
    std::vector<Setting> idle;
    std::copy_if(settings.applied.begin(), settings.applied.end(), std::back_inserter(idle),
                 [this](const Setting& setting) { return changed_by(setting.key).empty(); });
    return idle;
}

size_t Tuning::kept_by(const std::string& key) const {
    const auto runs = kept.find(key);
    return runs == kept.end() ? 0 : runs->second;
}

std::string Tuning::words_of_kept(const std::string& key) const {
    const size_t runs = kept_by(key);
    if (runs == 0) return "";
    return fmt::format("; {} {}", counted(runs, "run"), runs == 1 ? "sets it itself" : "set it themselves");
}

std::string tuning_text(const Tuning& tuning, const Style& style) {
    Paragraphs lines(style);
    lines.put(0,
              fmt::format("{} on {}: {} of {} changed", tuning.profile, tuning.where, tuning.changed.size(),
                          counted(tuning.compared, "run")),
              Tone::bold);
    for (const TunedRun& run : tuning.changed) {
        const std::string by =
            run.keys.empty() ? "several settings together" : fmt::format("{}", fmt::join(run.keys, ", "));
        lines.put(0, fmt::format("{}, by {}", run.name, by), Tone::warning);
        for (const RunDifference& difference : run.differences) {
            lines.put(kIndent, difference.kind, kKinds, difference.before);
            lines.put(kKinds, (style.utf8 ? "→ " : "-> ") + difference.after);
        }
    }
    const std::vector<Setting> idle = tuning.without_effect();
    if (!idle.empty()) lines.put(0, "changed nothing here:", Tone::bold);
    for (const Setting& setting : idle) lines.put(kIndent, words(setting) + tuning.words_of_kept(setting.key));
    if (!tuning.settings.refused.empty()) lines.put(0, "not applied:", Tone::bold);
    for (const RefusedSetting& refused : tuning.settings.refused)
        lines.put(kIndent, fmt::format("{}: {}", words(refused.setting), refused.why));
    if (tuning.skipped > 0) lines.put(0, fmt::format("{} skipped", counted(tuning.skipped, "run")), Tone::dim);
    return lines.text();
}

std::string tuning_json(const Tuning& tuning) {
    Json json{{"format", "tcpwitness tuning"}, {"version", 1},
              {"profile", tuning.profile},     {"where", tuning.where},
              {"compared", tuning.compared},   {"skipped", tuning.skipped},
              {"changed", Json::array()},      {"changed_nothing", Json::array()},
              {"not_applied", Json::array()}};
    for (const TunedRun& run : tuning.changed) json["changed"].push_back(run_json(run));
    for (const Setting& setting : tuning.without_effect()) {
        Json one = setting_json(setting);
        one["set_by_runs"] = tuning.kept_by(setting.key);
        json["changed_nothing"].push_back(std::move(one));
    }
    for (const RefusedSetting& refused : tuning.settings.refused) {
        Json one = setting_json(refused.setting);
        one["why"] = refused.why;
        json["not_applied"].push_back(std::move(one));
    }
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tcpwitness
