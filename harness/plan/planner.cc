#include "plan/planner.hh"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "plan/addressing.hh"
#include "plan/plan_expectations.hh"
#include "plan/plan_steps.hh"
#include "plan/requirements.hh"
#include "plan/settings.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

constexpr Duration kStageAllowance = 10s;  // building and taking down the stage on a busy machine
constexpr Duration kShortCase = 50ms;

// "old=0 new=1 ipv6": the row, and the family where the case has more than one.
std::string variant_of(const CaseStory& story, Family family) {
    std::string text = story.row_name;
    if (text.empty()) {
        for (const auto& [name, value] : story.columns)
            text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
    }
    if (story.families.size() > 1) text += fmt::format("{}{}", text.empty() ? "" : " ", to_string(family));
    return text;
}

std::string id_of(const Case& source, const std::string& variant) {
    return variant.empty() ? case_name(source.file) : fmt::format("{}[{}]", case_name(source.file), variant);
}

std::vector<PlanProgram> plan_programs(const CaseStory& story) {
    std::vector<PlanProgram> programs;
    for (const CaseProgram& program : story.programs) {
        PlanProgram& planned = programs.emplace_back(PlanProgram{program.name,
                                                                 program.host,
                                                                 program.command,
                                                                 program.environment,
                                                                 program.working_folder,
                                                                 {},
                                                                 program.user});
        for (const CaseFile& file : program.files) planned.files.push_back({file.name, file.content});
    }
    return programs;
}

// Every step has a deadline, so their sum bounds the run.
Duration default_timeout(const std::vector<PlanStep>& steps) {
    Duration sum = kStageAllowance;
    for (const PlanStep& step : steps) sum += std::min(step.deadline, Duration(24h));
    return sum;
}

Plan make_plan(const Case& source, const CaseStory& story, const Settings& settings, uint64_t seed,
               Diagnostics& diagnostics) {
    Plan plan{.title = story.title,
              .variant = variant_of(story, settings.family()),
              .about = story.about,
              .reference = story.reference,
              .claims = story.claims,
              .tags = story.tags,
              .source = story.position,
              .case_text = source.lines};
    plan.id = id_of(source, plan.variant);
    plan.network = plan_network(story, settings);
    plan.programs = plan_programs(story);
    PlannedSteps steps = plan_steps(story, settings, diagnostics);
    if (steps.forwarder) forward_in_user_space(plan.network);
    plan.expectations = plan_expectations(story, settings);
    plan.needs = needs_of(story, steps, plan.expectations, settings);
    plan.steps = std::move(steps.steps);
    plan.seed = seed;
    plan.timeout = story.timeout.value_or(default_timeout(plan.steps));
    plan.two_msl = settings.two_msl();
    plan.expected_duration = kShortCase + steps.expected_duration;
    plan.skip = skip_reason(story, plan, settings);
    return plan;
}

// Two rows may read the same; their plans still need ids of their own.
void make_ids_unique(const Case& source, std::vector<Plan>& plans) {
    std::map<std::string, int> seen;
    for (Plan& plan : plans) {
        const int count = ++seen[plan.id];
        if (count == 1) continue;
        plan.variant += fmt::format("{}#{}", plan.variant.empty() ? "" : " ", count);
        plan.id = id_of(source, plan.variant);
    }
}

bool is_wanted(Family family, const std::vector<Family>& families) {
    return families.empty() || std::find(families.begin(), families.end(), family) != families.end();
}

}  // namespace

std::vector<Plan> make_plans(const Case& source, const Machine& machine, const PlanOptions& options,
                             Diagnostics& diagnostics) {
    std::vector<Plan> plans;
    for (const CaseStory& story : source.stories) {
        for (const Family family : story.families) {
            if (!is_wanted(family, options.families)) continue;
            const size_t mistakes = diagnostics.entries().size();
            Plan plan = make_plan(source, story, Settings(machine, family), options.seed, diagnostics);
            if (diagnostics.entries().size() == mistakes) plans.push_back(std::move(plan));
        }
    }
    make_ids_unique(source, plans);
    return plans;
}

std::vector<std::string> programs_needed(const Case& source) {
    std::set<std::string> names;
    for (const CaseStory& story : source.stories) {
        for (const CaseProgram& program : story.programs) {
            if (program.command.empty() || program.command.front().find('/') != std::string::npos) continue;
            names.insert(program.command.front());
        }
    }
    return {names.begin(), names.end()};
}

std::string case_name(const std::string& file) {
    namespace filesystem = std::filesystem;
    filesystem::path name;
    for (const filesystem::path& part : filesystem::path(file).lexically_normal()) {
        if (part == "cases") {
            name.clear();
        } else if (part != ".." && part != "/") {
            name /= part;
        }
    }
    return name.replace_extension().generic_string();
}

}  // namespace tcpwitness
