#include "run/live_run.hh"

#include <algorithm>
#include <csignal>
#include <ctime>

#include <fmt/core.h>

#include <boost/asio/steady_timer.hpp>

#include "base/error.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

// A killed process is gone within milliseconds; this only bounds a kernel that does not let go.
constexpr Duration kEndOfPrograms = 5s;

Duration monotonic_now() {
    timespec time{};
    check_system(clock_gettime(CLOCK_MONOTONIC, &time), "clock_gettime", "CLOCK_MONOTONIC");
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

PreparedRun taken(PreparedRun* prepared) {
    return prepared != nullptr ? std::move(*prepared) : PreparedRun{};
}

// Lines for /etc/hosts: the hosts of the stage by their names, in the family of the run.
std::string host_names(const PlanNetwork& network) {
    std::string lines;
    for (const PlanLink& link : network.links) {
        for (const PlanInterface* interface : {&link.a, &link.b}) {
            if (interface->host == "path") continue;
            for (const InterfaceAddress& address : interface->addresses) {
                if (address.ip.family == network.family)
                    lines += fmt::format("{} {}\n", to_string(address.ip), interface->host);
            }
        }
    }
    return lines;
}

}  // namespace

LiveRun::LiveRun(const Plan& plan, const RunOptions& options, Timeline& timeline)
    : plan_(plan),
      options_(options),
      timeline_(timeline),
      origin_(monotonic_now()),
      prepared_(taken(options.prepared)),
      stage_(plan.network, std::move(prepared_.namespaces)),
      filesystem_(plan.programs, host_names(plan.network)) {
    timeline_.addresses = stage_.addresses();
    const auto emit = [this](Event event) {
        timeline_.events.push_back(std::move(event));
        tell_last_event();
    };
    observers_ = std::make_unique<Observers>(stage_.observed_hosts(), options.observers, origin_, emit,
                                             std::move(prepared_.observers));
    for (const int descriptor : observers_->descriptors()) watch(descriptor, &LiveRun::drain_observers);
    path_ = std::make_unique<PathTricks>(
        plan.network, plan.seed, [this](const std::string& name) -> const NetworkNamespace& { return stage_.host(name); },
        [this] { return now(); }, [this](FaultFired fired) { record(std::move(fired)); });
    for (const int descriptor : path_->descriptors()) watch(descriptor, &LiveRun::work_on_path);
    for (const PlanProgram& planned : plan.programs) {
        Program& program = programs_[planned.name];
        program.plan = &planned;
        if (planned.command.empty()) start_program(program, -1);
    }
}

LiveRun::~LiveRun() = default;

Instant LiveRun::now() const {
    return monotonic_now() - origin_;
}

void LiveRun::record(EventBody body) {
    record_at(now(), std::move(body));
}

void LiveRun::record_at(Instant at, EventBody body) {
    timeline_.events.push_back(Event{at, std::move(body)});
    tell_last_event();
}

void LiveRun::tell_last_event() const {
    static const std::vector<Socket> kNone;
    if (options_.event) options_.event(timeline_.events.back(), observers_ ? observers_->sockets() : kNone);
}

bool LiveRun::wait_until(const std::function<bool()>& done, Instant deadline) {
    while (true) {
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
        if (done()) return true;
        const Instant until = std::min(deadline, next_due().value_or(deadline));
        const Duration left = until - now();
        context_.restart();
        if (left > 0ns && context_.run_one_for(left) > 0) continue;
        do_what_is_due();
        if (now() >= deadline) return done();
    }
}

void LiveRun::watch(int descriptor, void (LiveRun::*work)()) {
    FileDescriptor copy(check_system(dup(descriptor), "dup", "what a run waits for"));
    watched_.push_back(std::make_unique<boost::asio::posix::stream_descriptor>(context_, copy.release()));
    wait_for(*watched_.back(), work);
}

void LiveRun::wait_for(boost::asio::posix::stream_descriptor& descriptor, void (LiveRun::*work)()) {
    descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [this, &descriptor, work](const boost::system::error_code& error) {
                              if (error) return;
                              try {
                                  (this->*work)();
                              } catch (...) {
                                  failure_ = std::current_exception();
                              }
                              wait_for(descriptor, work);
                          });
}

void LiveRun::drain_observers() {
    observers_->drain();
}

void LiveRun::work_on_path() {
    path_->work();
}

std::optional<Instant> LiveRun::next_due() const {
    const std::optional<Instant> look = observers_->next_look();
    const std::optional<Instant> packet = path_->next_due();
    return look && packet ? std::min(*look, *packet) : look ? look : packet;
}

void LiveRun::do_what_is_due() {
    const std::optional<Instant> look = observers_->next_look();
    if (look && *look <= now()) observers_->look();
    const std::optional<Instant> packet = path_->next_due();
    if (packet && *packet <= now()) path_->work();
}

void LiveRun::start_program(Program& program, int step) {
    const PlanProgram& planned = *program.plan;
    const bool takes_calls = planned.command.empty();
    ActorOptions options{.name = planned.name,
                         .command = takes_calls ? std::vector{options_.tcp_actor} : planned.command,
                         .takes_calls = takes_calls,
                         .network_namespace = stage_.host(planned.host).descriptor(),
                         .folder = filesystem_.working_folder(planned),
                         .environment = planned.environment,
                         .user = planned.user};
    ActorEvents events;
    events.reply = [this, &program](const CallReply& reply) { on_reply(program, reply); };
    events.begun = [&program](uint64_t id) {
        const auto call = program.calls.find(id);
        if (call != program.calls.end()) call->second.begun = true;
    };
    events.output = [this, &program](bool standard_error, std::string text) {
        record(ProgramOutput{program.plan->name, standard_error, std::move(text)});
    };
    events.exited = [this, &program](const ActorExit& exit) { on_exit(program, exit); };
    events.broken = [&program](std::string why) { program.broken = std::move(why); };
    program.exit.reset();
    program.may_end = false;
    std::string command;
    for (const std::string& word : planned.command) command += (command.empty() ? "" : " ") + word;
    record(ProgramStarted{planned.name, step, takes_calls ? "tcp_actor" : command});
    program.actor = std::make_unique<Actor>(context_, options, std::move(events));
}

LiveRun::Program& LiveRun::program(const std::string& name) {
    const auto found = programs_.find(name);
    if (found == programs_.end()) throw Error(fmt::format("the plan has no program '{}'", name));
    return found->second;
}

void LiveRun::on_reply(Program& program, const CallReply& reply) {
    const auto found = program.calls.find(reply.id);
    if (found == program.calls.end()) {
        if (ending_) return;
        program.broken = fmt::format("{} answered a call that nobody made", program.plan->name);
        return;
    }
    PendingCall& pending = found->second;
    pending.reply = reply;
    Call call{.step = pending.step,
              .program = program.plan->name,
              .text = pending.call->text,
              .ended = reply.ended - origin_,
              .result = reply.result,
              .error_number = reply.error_number,
              .output = reply.output};
    record_at(reply.began - origin_, std::move(call));
    if (reply.socket) {
        observers_->learn(program.plan->host, program.plan->name, reply.socket->name, reply.socket->cookie,
                          reply.socket->local, reply.socket->remote);
    }
    note_data(program, *pending.call, reply);
}

void LiveRun::note_data(Program& program, const CallStep& call, const CallReply& reply) {
    if (!reply.socket) return;
    DataFlow& flow = program.flows[reply.socket->name];
    flow.host = program.plan->host;
    flow.program = program.plan->name;
    flow.socket = reply.socket->name;
    const bool receives = call.function.starts_with("recv") || call.function == "read";
    if (receives && reply.wrong_byte && !flow.first_wrong_byte) flow.first_wrong_byte = *reply.wrong_byte;
    (receives ? flow.bytes_received : flow.bytes_sent) += reply.bytes;
}

void LiveRun::on_exit(Program& program, const ActorExit& exit) {
    program.exit = exit;
    record_at(exit.at - origin_, ProgramExited{program.plan->name, exit.exit_status, exit.signal, ending_});
    const bool is_ours = program.plan->command.empty();
    const bool as_asked = ending_ && exit.signal == 0;
    if (!is_ours || program.may_end || as_asked || failure_) return;
    const std::string how = exit.signal != 0 ? fmt::format("was ended by SIG{}", sigabbrev_np(exit.signal))
                                             : fmt::format("exited with status {}", exit.exit_status);
    const std::string why = fmt::format("tcp_actor '{}' {}, which no step of the case asked for", program.plan->name, how);
    if (!ending_) {
        failure_ = std::make_exception_ptr(Error(why));
    } else if (timeline_.error.empty()) {
        timeline_.error = why;
    }
}

void LiveRun::give_up_unfinished_calls() {
    for (auto& [name, program] : programs_) {
        for (auto& [id, pending] : program.calls) {
            if (pending.reply) continue;
            if (pending.call->mode != CallMode::begin) program.stuck = true;
            Call call;
            call.step = pending.step;
            call.program = name;
            call.text = pending.call->text;
            record_at(pending.asked, std::move(call));
        }
        program.calls.clear();
    }
}

// A tcp_actor is asked to exit: one that turns out to have been killed may have closed its sockets within the story. One
// that is stuck in a call, or stopped by a signal, cannot be asked.
void LiveRun::end_program(Program& program) {
    if (!program.plan->command.empty() || program.may_end || program.stuck) {
        program.may_end = true;
        return program.actor->signal(SIGKILL);
    }
    try {
        program.actor->call({.id = next_call_++, .function = "exit"});
    } catch (const SystemError& error) {
        if (error.error_number() != EPIPE) throw;  // it is ending already
    }
}

void LiveRun::end_programs() {
    ending_ = true;
    for (auto& [name, program] : programs_) {
        if (program.actor && program.actor->running()) end_program(program);
    }
    for (auto& [name, program] : programs_) {
        if (!program.actor) continue;
        if (!wait_until([&program = program] { return program.exit.has_value(); }, now() + kEndOfPrograms))
            throw Error(fmt::format("{} does not end", name));
    }
}

// A fault that did not happen, or a segment that path lost against its will: the case did not test what it is about.
void LiveRun::account_for_faults() {
    if (const int64_t lost = path_->overflowed(); lost > 0) record(RecordsLost{"forwarder", lost});
    for (const auto& [index, why] : path_->shortfalls()) {
        const SourceLine& source = plan_.steps[static_cast<size_t>(index)].source;
        if (!timeline_.error.empty()) timeline_.error += "; ";
        timeline_.error += fmt::format("{}: {}: {}{}", to_string(source.position), source.text, why,
                                       played_whole_ ? "" : " (the story ended before its last step)");
    }
}

void LiveRun::finish() {
    give_up_unfinished_calls();
    account_for_faults();
    for (const auto& [name, program] : programs_) {
        for (const auto& [socket, flow] : program.flows) timeline_.data.push_back(flow);
    }
    end_programs();
    observers_->drain();
    timeline_.sockets = observers_->sockets();
    timeline_.observed = observers_->observed();
}

}  // namespace tcpwitness
