#include "report/try_learning.hh"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "report/outcome_words.hh"
#include "report/text.hh"
#include "report/try_connections.hh"

namespace tcpwitness {
namespace {

struct FailedStep {
    const PlanStep* step = nullptr;
    StepEnded ended;
};

std::optional<FailedStep> failed_step(const Record& record) {
    for (const Event& event : record.timeline.events) {
        const auto* ended = std::get_if<StepEnded>(&event.body);
        if (ended != nullptr && ended->outcome != StepOutcome::done)
            return FailedStep{&record.plan.steps.at(static_cast<size_t>(ended->step)), *ended};
    }
    return std::nullopt;
}

// How the program ended, since it was started at `since`; the harness's own kill at the end is no end.
const ProgramExited* exit_of(const Timeline& timeline, const std::string& program, Instant since = {}) {
    for (const Event& event : timeline.events) {
        const auto* exited = std::get_if<ProgramExited>(&event.body);
        if (exited != nullptr && exited->program == program && event.at >= since && !exited->by_harness) return exited;
    }
    return nullptr;
}

TryLesson stuck(std::string trouble, std::string program = {}) {
    return {TryLesson::Kind::stuck, std::move(trouble), std::move(program)};
}

TryLesson slower(TryLearnt& learnt) {
    learnt.slow = true;
    return {.kind = TryLesson::Kind::again};
}

std::vector<const Socket*> listeners(const Timeline& timeline) {
    std::vector<const Socket*> found;
    for (const Socket& socket : timeline.sockets) {
        const std::vector<StateSpan> spans = states_of(timeline, socket.index);
        const bool listens = !spans.empty() && spans.back().state == TcpState::listen;
        if (socket.host == "server" && listens) found.push_back(&socket);
    }
    return found;
}

bool is_loopback(const IpAddress& address) {
    const std::string text = to_string(address.unmapped());
    return text.starts_with("127.") || text == "::1";
}

std::string step_words(const FailedStep& failed) {
    const std::string observed = failed.ended.observed.empty() ? "" : ": " + failed.ended.observed;
    return fmt::format("{} {}{}", step_text(*failed.step), outcome_words(failed.ended.outcome), observed);
}

// A program did not end. True when the story can be told without waiting for that.
bool learn_who_stays(const TryWishes& wishes, const std::string& program, bool again, TryLearnt& learnt) {
    if (wishes.restart.empty() || again) return false;
    const bool of_client = wishes.client && program == wishes.client->name;
    const bool session = learnt.client_stays || learnt.keeps_connection;
    if (of_client && !learnt.client_stays) return learnt.client_stays = true;
    if (program == wishes.server.name && session && !learnt.awaits_client) return learnt.awaits_client = true;
    return false;
}

TryLesson learn_from_await(const TryWishes& wishes, const Record& record, const FailedStep& failed, TryLearnt& learnt) {
    const Condition& condition = std::get<AwaitStep>(failed.step->action).condition;
    const std::string& server = wishes.server.name;
    const std::string limit = format_duration(failed.step->deadline);
    const std::optional<Instant> again = second_start(record.timeline, server);
    if (const auto* exit = std::get_if<ExitCondition>(&condition)) {
        if (learn_who_stays(wishes, exit->program, again.has_value(), learnt)) return {.kind = TryLesson::Kind::again};
        const std::string after = exit->program == server && !again ? fmt::format(" of {}", wishes.restart) : "";
        return stuck(fmt::format("{} did not end within {}{}", exit->program, limit, after), exit->program);
    }
    const auto* state = std::get_if<StateCondition>(&condition);
    if (state == nullptr || state->state != TcpState::listen) return stuck(step_words(failed), server);
    if (again && learnt.restart == TryRestart::unknown && exit_of(record.timeline, server, *again) != nullptr) {
        learnt.restart = TryRestart::ends;
        return {.kind = TryLesson::Kind::again};
    }
    if (!learnt.slow && exit_of(record.timeline, server, again.value_or(Instant{})) == nullptr) return slower(learnt);
    if (again)
        return stuck(fmt::format("{}, started again, neither listened within {} nor ended", server, limit), server);
    return stuck(fmt::format("{} did not listen on port {} within {}", server, learnt.port, limit), server);
}

TryLesson learn_from_failure(const TryWishes& wishes, const Record& record, const FailedStep& failed,
                             TryLearnt& learnt) {
    if (std::holds_alternative<AwaitStep>(failed.step->action)) return learn_from_await(wishes, record, failed, learnt);
    const std::string& server = wishes.server.name;
    if (std::holds_alternative<SignalStep>(failed.step->action)) {
        const ProgramExited* exited = exit_of(record.timeline, server);
        return stuck(fmt::format("{} before it got {}: a server that goes to the background must be told to stay "
                                 "(nginx -g 'daemon off;')",
                                 exited != nullptr ? exit_words(*exited) : server + " ended", wishes.restart),
                     server);
    }
    const auto* call = std::get_if<CallStep>(&failed.step->action);
    const bool to_the_end = call != nullptr && call->function == "recv" && call->arguments.size() > 1;
    if (to_the_end && failed.ended.outcome == StepOutcome::timed_out && !learnt.keeps_connection) {
        learnt.keeps_connection = true;
        return {.kind = TryLesson::Kind::again};
    }
    return stuck(step_words(failed), server);
}

// Whether the server sent anything while the client did nothing but wait.
bool spoke_first(const Timeline& timeline) {
    std::optional<Instant> waited;
    for (const Event& event : timeline.events) {
        const auto* call = std::get_if<Call>(&event.body);
        if (call != nullptr && call->text.starts_with("poll(c")) waited = call->ended;
    }
    return waited && std::any_of(timeline.events.begin(), timeline.events.end(), [&waited](const Event& event) {
               const auto* seen = std::get_if<SegmentSeen>(&event.body);
               return seen != nullptr && event.at <= *waited && seen->host == "server" &&
                      seen->direction == Direction::sent && seen->segment.payload_length > 0;
           });
}

}  // namespace

TryLesson learn_port(const TryWishes& wishes, const Record& record, uint16_t wanted, TryLearnt& learnt) {
    const std::string& server = wishes.server.name;
    if (const std::optional<FailedStep> failed = failed_step(record)) {
        const ProgramExited* exited = exit_of(record.timeline, server);
        if (exited == nullptr && !learnt.slow) return slower(learnt);
        return stuck(exited != nullptr
                         ? fmt::format("{} never listened: {}", server, exit_words(*exited))
                         : fmt::format("{} did not listen within {}", server, format_duration(failed->step->deadline)),
                     server);
    }
    std::vector<std::string> unreachable, others;
    for (const Socket* socket : listeners(record.timeline)) {
        const uint16_t port = socket->local.port;
        if (is_loopback(socket->local.ip)) {
            unreachable.push_back(to_string(socket->local));
        } else if (wanted != 0 && port != wanted) {
            others.push_back(to_string(socket->local));
        } else if (learnt.port == 0) {
            learnt.port = port;
        }
    }
    if (learnt.port != 0) return {};
    if (!others.empty())
        return stuck(fmt::format("{} does not listen on port {} but on {}", server, wanted, fmt::join(others, ", ")));
    if (!unreachable.empty())
        return stuck(
            fmt::format("{} listens only on {}, where no other host can reach it: let it listen on all addresses",
                        server, fmt::join(unreachable, ", ")));
    return stuck(fmt::format("{} stopped listening at once", server), server);
}

TryLesson learn_story(const TryWishes& wishes, const Record& record, TryLearnt& learnt) {
    if (const std::optional<FailedStep> failed = failed_step(record))
        return learn_from_failure(wishes, record, *failed, learnt);
    if (!learnt.speaks_first && spoke_first(record.timeline)) {
        learnt.speaks_first = true;
        return {.kind = TryLesson::Kind::again};
    }
    if (!wishes.restart.empty() && learnt.restart == TryRestart::unknown) learnt.restart = TryRestart::listens;
    return {};
}

std::vector<std::string> last_output(const Timeline& timeline, const std::string& program, Instant since) {
    constexpr size_t kMost = 12;
    std::string text;
    for (const Event& event : timeline.events) {
        const auto* output = std::get_if<ProgramOutput>(&event.body);
        if (output != nullptr && output->program == program && event.at >= since) text += output->text;
    }
    std::vector<std::string> lines = split_lines(text);
    if (lines.size() > kMost) lines.erase(lines.begin(), lines.end() - kMost);
    return lines;
}

}  // namespace tcpwitness
