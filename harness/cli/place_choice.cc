#include "cli/place_choice.hh"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/error.hh"

namespace tcpwitness {
namespace {

std::vector<std::string> split_list(const std::string& text) {
    std::vector<std::string> words;
    for (size_t at = 0; at <= text.size();) {
        const size_t comma = std::min(text.find(',', at), text.size());
        if (comma > at) words.push_back(text.substr(at, comma - at));
        at = comma + 1;
    }
    return words;
}

GuestWishes wishes_of(const PlaceChoice& choice) {
    GuestWishes wishes;
    if (choice.clock == "real") wishes.clock = guest::GuestClock::real_time;
    if (choice.verify == "cold") wishes.verify = Verify::cold;
    if (choice.verify == "twice") wishes.verify = Verify::snapshot;
    return wishes;
}

void check_choice(const PlaceChoice& choice, const std::vector<std::string>& names) {
    const bool host = std::find(names.begin(), names.end(), "host") != names.end();
    if (!choice.verify.empty() && host)
        throw CLI::ValidationError("--verify", "compares two runs byte by byte; nobody controls the time of the host's kernel");
    if (!choice.verify.empty() && choice.clock == "real")
        throw CLI::ValidationError("--verify", "compares two runs byte by byte; that needs --clock virtual");
    if (!choice.modules.empty() && names.size() != 1)
        throw CLI::ValidationError("--modules", "belongs to one kernel that is given by its path");
}

// "6.12" for "6.12.107+deb13-cloud-amd64", unless another of the releases is of the same series.
std::string short_label(const std::string& release, const std::vector<guest::KernelImage>& kernels) {
    const KernelVersion version = parse_kernel_version(release);
    const auto same = [&](const guest::KernelImage& kernel) {
        const KernelVersion other = parse_kernel_version(kernel.release);
        return other.major == version.major && other.minor == version.minor;
    };
    if (std::count_if(kernels.begin(), kernels.end(), same) > 1) return release;
    return fmt::format("{}.{}", version.major, version.minor);
}

void add_runs(std::vector<WantedRun>& runs, std::vector<Plan> plans, const Place& place) {
    for (Plan& plan : plans) runs.push_back({std::move(plan), &place});
}

// Runs of one case stand together, whatever the kernels.
void order_by_case(std::vector<WantedRun>& runs) {
    std::map<std::string, size_t> first;
    for (size_t i = 0; i < runs.size(); ++i) first.try_emplace(runs[i].plan.id, i);
    std::stable_sort(runs.begin(), runs.end(), [&](const WantedRun& a, const WantedRun& b) {
        return first.at(a.plan.id) < first.at(b.plan.id);
    });
}

// Ids are unique in a run of the tool, and reports show the part behind the '@'.
void name_places(std::vector<WantedRun>& runs, bool host_too) {
    for (WantedRun& run : runs) {
        if (run.place->guest || host_too) run.plan.id += "@" + run.place->label;
    }
}

}  // namespace

void add_place_options(CLI::App& command, PlaceChoice& choice) {
    command.add_option("--kernel", choice.kernel,
                       "auto, host, newest, a series or version, an image's path, a built kernel tree, or a list of these "
                       "(default auto: this machine's kernel where it can show all that a case asks, else a guest's)");
    command.add_option("--modules", choice.modules, "Folder with the modules of a kernel given by its path");
    command.add_option("--clock", choice.clock, "Of guests. virtual: waiting takes no time; real: the host's clock")
        ->check(CLI::IsMember({"virtual", "real"}));
}

void add_verify_option(CLI::App& command, PlaceChoice& choice) {
    command.add_flag("--verify{twice}", choice.verify,
                     "Make each guest run twice and compare what was seen byte by byte; --verify=cold boots for the second")
        ->check(CLI::IsMember({"twice", "cold"}));
}

PlacedRuns::PlacedRuns(LoadedCases& loaded, const Wanted& wanted, const PlaceChoice& choice) {
    const std::vector<std::string> names = choice.automatic() ? std::vector<std::string>{"auto"} : split_list(choice.kernel);
    check_choice(choice, names);
    const std::vector<std::string> programs = programs_needed(loaded.cases);
    std::vector<guest::KernelImage> kernels;
    for (const std::string& name : names) {
        if (name != "auto" && name != "host") kernels.push_back(guest::find_kernel(name, choice.modules));
    }
    const bool host = kernels.size() < names.size();
    if (host) places.push_back(host_place(programs));
    for (Place& place : guest_places(kernels, wishes_of(choice), programs)) {
        place.label = short_label(place.name, kernels);
        places.push_back(std::move(place));
    }
    for (const Place& place : places) add_runs(runs, select_plans(loaded, wanted, place.machine), place);
    if (choice.automatic()) use_guest_where_needed(loaded, wanted, choice, programs);
    order_by_case(runs);
    if (places.size() > 1) name_places(runs, !choice.automatic());
}

// For the plans that this machine's kernel cannot run, the same on the newest kernel that a guest can run.
void PlacedRuns::use_guest_where_needed(LoadedCases& loaded, const Wanted& wanted, const PlaceChoice& choice,
                                        const std::vector<std::string>& programs) {
    const auto skipped = [](const WantedRun& run) { return !run.plan.skip.empty(); };
    if (std::none_of(runs.begin(), runs.end(), skipped)) return;
    try {
        const guest::KernelImage kernel = guest::find_kernel("newest");
        Place place = std::move(guest_places({kernel}, wishes_of(choice), programs).front());
        place.label = short_label(place.name, {kernel});
        places.push_back(std::move(place));
    } catch (const Error& error) {
        notes.push_back(fmt::format("no guest kernel for what this machine's kernel cannot show: {}", error.what()));
        return;
    }
    const Place& guest = places.back();
    std::map<std::string, Plan> plans;
    for (Plan& plan : select_plans(loaded, wanted, guest.machine)) plans.emplace(plan.id, std::move(plan));
    for (WantedRun& run : runs) {
        if (!skipped(run)) continue;
        const auto found = plans.find(run.plan.id);
        if (found == plans.end() || !found->second.skip.empty()) continue;
        run.why = run.plan.skip;
        run.plan = std::move(found->second);
        run.place = &guest;
    }
}

}  // namespace tcpwitness
