#include "cli/selection.hh"

#include <algorithm>
#include <filesystem>
#include <set>

#include "case/case_parser.hh"
#include "cli/filter.hh"
#include "plan/case_files.hh"
#include "plan/planner.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kMustFail = "self";

// "cases/bind/x.yaml[old=1 new=0]" in its two parts; the variant is empty for every other word.
struct NamedPath {
    std::string path;
    std::string variant;
};

NamedPath split_variant(const std::string& word) {
    const size_t bracket = word.find('[');
    if (word.empty() || word.back() != ']' || bracket == std::string::npos || std::filesystem::exists(word)) return {word, {}};
    return {word.substr(0, bracket), word.substr(bracket + 1, word.size() - bracket - 2)};
}

bool has_component(const std::filesystem::path& path, std::string_view component) {
    return std::find(path.begin(), path.end(), component) != path.end();
}

std::vector<std::string> wanted_files(const std::vector<std::string>& paths) {
    std::set<std::string> files;
    for (const std::string& word : paths) {
        const std::string path = split_variant(word).path;
        for (const std::string& file : case_files({path})) {
            const bool below_self = has_component(std::filesystem::relative(file, path), kMustFail);
            if (!below_self) files.insert(file);
        }
    }
    return {files.begin(), files.end()};
}

// A file that is named with variants only stands for these.
bool variant_wanted(const std::vector<std::string>& paths, const Plan& plan) {
    bool restricted = false;
    for (const std::string& word : paths) {
        const NamedPath named = split_variant(word);
        if (named.variant.empty() || named.path != plan.source.file) continue;
        if (named.variant == plan.variant) return true;
        restricted = true;
    }
    return !restricted;
}

}  // namespace

LoadedCases load_cases(const std::vector<std::string>& paths) {
    LoadedCases loaded;
    for (const std::string& file : wanted_files(paths)) {
        std::optional<Case> read = load_case(file, loaded.diagnostics);
        if (read) loaded.cases.push_back(std::move(*read));
    }
    return loaded;
}

std::vector<std::string> programs_needed(const std::vector<Case>& cases) {
    std::set<std::string> programs;
    for (const Case& one : cases) {
        for (std::string& program : programs_needed(one)) programs.insert(std::move(program));
    }
    return {programs.begin(), programs.end()};
}

std::vector<Plan> select_plans(LoadedCases& loaded, const Wanted& wanted, const Machine& machine) {
    const Filter filter(wanted.filter);
    PlanOptions options{.seed = wanted.seed};
    if (wanted.family) options.families = {*wanted.family};
    std::vector<Plan> selected;
    for (const Case& one : loaded.cases) {
        for (Plan& plan : make_plans(one, machine, options, loaded.diagnostics)) {
            if (filter.matches(plan) && variant_wanted(wanted.paths, plan)) selected.push_back(std::move(plan));
        }
    }
    return selected;
}

}  // namespace tcpwitness
