#include "plan/requirements.hh"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tcpwitness {
namespace {

void add_once(std::vector<std::string>& list, std::string_view word) {
    if (std::find(list.begin(), list.end(), word) == list.end()) list.emplace_back(word);
}

// A restart inside one bucket of the timer wheel, and what ended a TIME_WAIT, leave no trace that a socket dump would
// show: only a tracer of functions or of timers sees them.
bool needs_exact_time_wait(const Expectations& expect) {
    return std::any_of(expect.time_wait.begin(), expect.time_wait.end(), [](const TimeWaitExpectation& each) {
        return each.restarts.has_value() || each.ended_by.has_value();
    });
}

void add_when(const CaseStory& story, const Settings& settings, std::vector<std::string>& reasons) {
    for (const When& when : story.when) {
        if (settings.holds(when)) continue;
        const Machine& machine = settings.machine();
        reasons.push_back(fmt::format("only when {} (kernel {}, {}, {} time)", when.source.text, machine.kernel_release,
                                      to_string(settings.family()), machine.virtual_time ? "virtual" : "real"));
    }
}

void add_features(const Plan& plan, const Machine& machine, std::vector<std::string>& reasons) {
    for (const std::string& need : plan.needs) {
        if (machine.has(need)) continue;
        const Feature* found = machine.find(need);
        const bool explained = found != nullptr && !found->detail.empty();
        reasons.push_back(explained ? fmt::format("needs {}: {}", need, found->detail) : fmt::format("needs {}", need));
    }
}

void add_programs(const CaseStory& story, const Machine& machine, std::vector<std::string>& reasons) {
    for (const CaseProgram& program : story.programs) {
        if (program.command.empty()) continue;
        const auto found = machine.programs.find(program.command.front());
        if (found != machine.programs.end() && !found->second) {
            add_once(reasons, fmt::format("{} is not installed", program.command.front()));
        }
    }
}

void add_sysctl(const std::string& key, const Machine& machine, std::vector<std::string>& reasons) {
    if (has_sysctl(machine, key)) return;
    const std::string near = nearest_word(key, machine.sysctls);
    const std::string hint = near.empty() ? "" : fmt::format(" (it has {})", near);
    add_once(reasons, fmt::format("kernel {} has no setting {}{}", machine.kernel_release, key, hint));
}

void add_sysctls(const CaseStory& story, const Plan& plan, const Machine& machine, std::vector<std::string>& reasons) {
    for (const CaseSysctl& sysctl : story.sysctls) add_sysctl(sysctl.key, machine, reasons);
    for (const PlanStep& step : plan.steps) {
        if (const auto* sysctl = std::get_if<SysctlStep>(&step.action)) add_sysctl(sysctl->key, machine, reasons);
    }
}

}  // namespace

std::vector<std::string> needs_of(const CaseStory& story, const PlannedSteps& steps, const Expectations& expect,
                                  const Settings& settings) {
    std::vector<std::string> needs;
    for (const std::string_view each :
         {feature::kNamespaces, feature::kVeth, feature::kSockDiag, feature::kPacketCapture}) {
        add_once(needs, each);
    }
    if (settings.family() == Family::ipv6 || steps.uses_ipv6) add_once(needs, feature::kIpv6);
    for (const std::string& each : steps.features) add_once(needs, each);
    if (needs_exact_time_wait(expect)) add_once(needs, feature::kStateTracer);
    const bool other_users = std::any_of(story.programs.begin(), story.programs.end(),
                                         [](const CaseProgram& program) { return program.user.has_value(); });
    if (other_users) add_once(needs, feature::kManyUsers);
    return needs;
}

std::string skip_reason(const CaseStory& story, const Plan& plan, const Settings& settings) {
    std::vector<std::string> reasons;
    add_when(story, settings, reasons);
    add_features(plan, settings.machine(), reasons);
    add_programs(story, settings.machine(), reasons);
    add_sysctls(story, plan, settings.machine(), reasons);
    return fmt::format("{}", fmt::join(reasons, "; "));
}

}  // namespace tcpwitness
