#include "report/ladder_items.hh"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "report/ladder_segments.hh"
#include "report/outcome_words.hh"

namespace tcpwitness {
namespace {

using Hosts = std::array<std::string, 2>;

// Turns one event after the other into items. Calls and states refer back: a call to its step, a state to its socket.
class SideItems {
  public:
    SideItems(const Plan& plan, const Timeline& timeline, const Hosts& hosts)
        : plan_(plan), timeline_(timeline), hosts_(hosts) {
        for (const PlanProgram& program : plan.programs) programs_on_[program.host].insert(program.name);
        for (const Socket& socket : timeline.sockets) ++sockets_on_[socket.host];
    }

    std::vector<LadderItem> items() {
        for (event_ = 0; event_ < timeline_.events.size(); ++event_) {
            std::visit([this](const auto& body) { take(body); }, timeline_.events[event_].body);
        }
        return std::move(items_);
    }

  private:
    void take(const Call& call) {
        const std::optional<Side> side = side_of(hosts_, host_of(call.program));
        const std::string who = speaker(call.program);
        const Tone tone = call_tone(call);
        const std::string text = who + call_text(plan_, call);
        const Instant began = timeline_.events[event_].at;
        if (call.ended && *call.ended - began <= kAtOnce) {
            return add(LadderNote{side, text, call_result(plan_, call), tone, *call.ended - began});
        }
        add(LadderNote{side, who + call.text, " = ...", call.ended ? Tone::plain : tone});
        if (!call.ended) return;
        const bool made = text != who + call.text;
        add(LadderNote{side, made ? text : who + "... " + short_call(call.text), call_result(plan_, call), tone,
                       Duration(0)});
        items_.back().at = *call.ended;
    }

    void take(const StateChange& change) {
        const Socket& socket = timeline_.sockets.at(static_cast<size_t>(change.socket));
        const std::optional<Side> side = side_of(hosts_, socket.host);
        const std::string name = socket_name(socket);
        const bool inferred = change.source == Source::inferred;
        if (side) {
            add(LadderState{*side, name, change.to, inferred});
        } else {
            add(LadderNote{{}, fmt::format("{} {} {}", socket.host, name, to_string(change.to)), "", Tone::state});
        }
        if (!change.cause.empty()) add_end_of_mini_socket(change, side);
        const auto [span, first] = spans_.try_emplace(change.socket, change.to, timeline_.events[event_].at);
        if (!first && span->second.first != change.to) span->second = {change.to, timeline_.events[event_].at};
    }

    // How long a mini-socket kept its state, restarts included, and what ended it, beside the state that follows.
    void add_end_of_mini_socket(const StateChange& change, std::optional<Side> side) {
        const auto span = spans_.find(change.socket);
        const bool known = span != spans_.end() && span->second.first == change.from;
        const Duration lasted = known ? timeline_.events[event_].at - span->second.second : Duration(0);
        const std::string how_long = known ? " lasted " + format_duration(lasted) : " ended";
        add(LadderNote{side, fmt::format("{}{} ({})", to_string(change.from), how_long, change.cause), "", Tone::dim});
    }

    void take(const TimeWaitRestart& restart) {
        const Socket& socket = timeline_.sockets.at(static_cast<size_t>(restart.socket));
        const std::string name = socket_name(socket);
        add(LadderNote{side_of(hosts_, socket.host), (name.empty() ? "" : name + " ") + "TIME_WAIT begins again", "",
                       Tone::state});
    }

    void take(const StepBegan& began) {
        const PlanStep* step = step_at(began.step);
        if (step == nullptr) return;
        if (const auto* signal = std::get_if<SignalStep>(&step->action)) {
            add(LadderNote{side_of(hosts_, host_of(signal->program)), signal->signal_name + " to " + signal->program,
                           "", Tone::warning});
        } else if (std::holds_alternative<PathStep>(step->action) || std::holds_alternative<SysctlStep>(step->action)) {
            add(LadderNote{{}, step_text(*step), "", Tone::warning});
        }
    }

    void take(const StepEnded& ended) {
        const PlanStep* step = step_at(ended.step);
        if (step == nullptr || ended.outcome == StepOutcome::done) return;
        if (ended.outcome == StepOutcome::refused && std::holds_alternative<CallStep>(step->action)) return;
        std::string text = fmt::format("{}: {}", step_text(*step), outcome_words(ended.outcome));
        if (!ended.observed.empty()) text += ": " + ended.observed;
        add(LadderNote{{}, text, "", Tone::bad});
    }

    void take(const ProgramStarted& started) {
        if (started.step >= 0)
            add(LadderNote{side_of(hosts_, host_of(started.program)), started.program + " started", "", Tone::dim});
    }

    void take(const ProgramExited& exited) {
        if (!exited.by_harness)
            add(LadderNote{side_of(hosts_, host_of(exited.program)), exit_words(exited), "", Tone::warning});
    }

    void take(const RecordsLost& lost) {
        add(LadderNote{{}, fmt::format("{} records lost by {}", lost.count, lost.observer), "", Tone::bad});
    }

    // Travelling items come from travelling_items(); what programs print and the end of the story are no items.
    void take(const SegmentSeen&) {}
    void take(const PacketSeen&) {}
    void take(const FaultFired&) {}
    void take(const ProgramOutput&) {}
    void take(const StoryEnded&) {}

    template <typename What>
    void add(What what) {
        items_.push_back({timeline_.events[event_].at, {event_}, std::move(what)});
    }

    const PlanStep* step_at(int step) const {
        const bool known = step >= 0 && static_cast<size_t>(step) < plan_.steps.size();
        return known ? &plan_.steps[static_cast<size_t>(step)] : nullptr;
    }

    std::string host_of(const std::string& program) const {
        for (const PlanProgram& each : plan_.programs) {
            if (each.name == program) return each.host;
        }
        return program;
    }

    // Names the program where its host runs more than one.
    std::string speaker(const std::string& program) const {
        const auto on_host = programs_on_.find(host_of(program));
        return on_host != programs_on_.end() && on_host->second.size() > 1 ? program + ": " : "";
    }

    std::string socket_name(const Socket& socket) const {
        if (sockets_on_.at(socket.host) < 2) return {};
        if (socket.name.empty()) return fmt::format(":{}", socket.local.port);
        return speaker(socket.program).empty() ? socket.name : socket.program + " " + socket.name;
    }

    Tone call_tone(const Call& call) const {
        const PlanStep* step = step_at(call.step);
        const auto* planned = step == nullptr ? nullptr : std::get_if<CallStep>(&step->action);
        const bool begun_only = planned != nullptr && planned->mode == CallMode::begin;
        if (!call.ended) return begun_only ? Tone::plain : Tone::bad;
        const bool wrong = planned != nullptr && !begun_only &&
                           !matches(planned->expected, call.result, call.error_number, call.output);
        return wrong ? Tone::bad : Tone::plain;
    }

    const Plan& plan_;
    const Timeline& timeline_;
    const Hosts& hosts_;
    std::map<std::string, std::set<std::string>> programs_on_;
    std::map<std::string, int> sockets_on_;
    std::map<int, std::pair<TcpState, Instant>> spans_;  // by socket: its state, and since when
    size_t event_ = 0;
    std::vector<LadderItem> items_;
};

}  // namespace

std::array<std::string, 2> ladder_hosts(const Plan& plan, const Timeline& timeline) {
    std::set<std::string> known;
    for (const PlanHost& host : plan.network.hosts) known.insert(host.name);
    for (const auto& [host, addresses] : timeline.addresses) known.insert(host);
    for (const Socket& socket : timeline.sockets) known.insert(socket.host);
    known.erase("path");
    if (known.contains("client") || known.contains("server") || known.size() < 2) return {"client", "server"};
    return {*known.begin(), *std::next(known.begin())};
}

std::vector<LadderItem> ladder_items(const Plan& plan, const Timeline& timeline) {
    const Hosts hosts = ladder_hosts(plan, timeline);
    std::vector<LadderItem> items = SideItems(plan, timeline, hosts).items();
    std::vector<LadderItem> travelling = travelling_items(plan, timeline, hosts);
    items.insert(items.end(), std::make_move_iterator(travelling.begin()), std::make_move_iterator(travelling.end()));
    const Instant end = end_of_story(timeline);
    std::erase_if(items, [end](const LadderItem& item) { return item.at > end; });
    std::stable_sort(items.begin(), items.end(), [](const LadderItem& a, const LadderItem& b) {
        return std::tie(a.at, a.events.front()) < std::tie(b.at, b.events.front());
    });
    return items;
}

}  // namespace tcpwitness
