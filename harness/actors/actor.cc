#include "actors/actor.hh"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <csignal>
#include <set>

#include "actors/launch.hh"
#include "actors/output_reader.hh"
#include "actors/process_tree.hh"
#include "base/error.hh"
#include "base/socket_names.hh"
#include "control/channel.hh"

// Boost 1.81: with std::filesystem its headers miss boost::optional, and error.hpp must be the first of them.
// clang-format off
#define BOOST_PROCESS_USE_STD_FS
#include <boost/optional.hpp>
#include <boost/process/v2/error.hpp>
#include <boost/process/v2/process_handle.hpp>
// clang-format on

namespace tcpwitness {
namespace {

// Boost.Process v2 waits for the process (pidfd and waitpid). It does not start it: the launcher of 1.81 runs the
// harness's exit handlers in a child that failed, never reaps that child, and tells a number but not which call failed.
using Process = boost::process::v2::basic_process_handle<boost::asio::io_context::executor_type>;
using boost::system::error_code;

Duration monotonic_now() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

struct Pipe {
    FileDescriptor read_end;
    FileDescriptor write_end;
};

Pipe make_pipe(const std::string& name) {
    std::array<int, 2> ends{};
    check_system(pipe2(ends.data(), O_CLOEXEC), "pipe2", name);
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

}  // namespace

// Handlers hold it, so it outlives an Actor that is destroyed inside one of its own events; `stopped_` then keeps it
// silent.
class Actor::Implementation : public std::enable_shared_from_this<Implementation> {
  public:
    Implementation(boost::asio::io_context& context, const ActorOptions& options, ActorEvents events)
        : context_(context), options_(options), events_(std::move(events)), channel_watch_(context) {}

    void start();
    void stop();
    void call(const CallRequest& request);
    void signal(int signal_number);

    int pid() const { return pid_; }
    bool running() const { return running_; }

  private:
    std::shared_ptr<OutputReader> read_output(FileDescriptor pipe, bool standard_error);
    void watch_channel();
    void take_replies();
    void take_reply(const CallReply& reply);
    void watch_process();
    void ended(int status);

    boost::asio::io_context& context_;
    const ActorOptions options_;
    const ActorEvents events_;
    std::optional<Channel> channel_;
    boost::asio::posix::stream_descriptor channel_watch_;  // channel_'s descriptor, which it does not own
    std::shared_ptr<OutputReader> output_;
    std::shared_ptr<OutputReader> error_;
    std::optional<Process> process_;
    pid_t pid_ = -1;
    bool running_ = false;
    bool stopped_ = false;
    std::set<uint64_t> exit_calls_;
    std::optional<CallReply> exit_reply_;  // held until the process is really gone
};

void Actor::Implementation::start() {
    Pipe output = make_pipe(options_.name);
    Pipe error = make_pipe(options_.name);
    FileDescriptor channel_end;
    if (options_.takes_calls) {
        auto [ours, theirs] = socket_pair(SOCK_STREAM);
        channel_.emplace(std::move(ours));
        channel_end = std::move(theirs);
    }
    pid_ = launch(options_, {std::move(output.write_end), std::move(error.write_end), std::move(channel_end)});
    running_ = true;
    add_actor_process(pid_);
    try {
        process_.emplace(context_.get_executor(), pid_);
        output_ = read_output(std::move(output.read_end), false);
        error_ = read_output(std::move(error.read_end), true);
        if (channel_) channel_watch_.assign(channel_->descriptor());
    } catch (...) {
        stop();
        throw;
    }
    watch_process();
    if (channel_) watch_channel();
}

std::shared_ptr<OutputReader> Actor::Implementation::read_output(FileDescriptor pipe, bool standard_error) {
    auto reader = std::make_shared<OutputReader>(context_, std::move(pipe), [this, standard_error](std::string text) {
        if (!stopped_ && events_.output) events_.output(standard_error, std::move(text));
    });
    reader->start();
    return reader;
}

void Actor::Implementation::watch_channel() {
    channel_watch_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                              [self = shared_from_this()](const error_code& error) {
                                  if (error || self->stopped_) return;
                                  self->take_replies();
                                  if (self->channel_watch_.is_open()) self->watch_channel();
                              });
}

void Actor::Implementation::take_replies() {
    try {
        while (!stopped_ && channel_watch_.is_open()) {
            const auto text = channel_->try_receive();
            if (!text) break;
            take_reply(call_reply_from_wire(*text));
        }
        if (!stopped_ && channel_->closed() && channel_watch_.is_open()) channel_watch_.release();
    } catch (const Error& error) {
        if (channel_watch_.is_open()) channel_watch_.release();
        if (!stopped_ && events_.broken) events_.broken(error.what());
    }
}

void Actor::Implementation::take_reply(const CallReply& reply) {
    if (reply.pending) {
        if (events_.begun) events_.begun(reply.id);
    } else if (exit_calls_.erase(reply.id) > 0 && reply.refused.empty()) {
        exit_reply_ = reply;
    } else if (events_.reply) {
        events_.reply(reply);
    }
}

void Actor::Implementation::watch_process() {
    process_->async_wait([self = shared_from_this()](const error_code& error, int status) {
        if (self->stopped_) return;
        if (!error) return self->ended(status);
        if (self->events_.broken) self->events_.broken("waitpid " + self->options_.name + ": " + error.message());
    });
}

// What the program itself said is all there by now: in the channel and in its pipes.
void Actor::Implementation::ended(int status) {
    const Duration now = monotonic_now();
    running_ = false;
    remove_actor_process(pid_);
    reap_orphans();
    if (channel_) take_replies();
    if (exit_reply_ && !stopped_ && events_.reply) {
        exit_reply_->ended = now;
        events_.reply(*exit_reply_);
    }
    output_->finish();
    error_->finish();
    const ActorExit exit{.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                         .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                         .at = now};
    if (!stopped_ && events_.exited) events_.exited(exit);
}

void Actor::Implementation::stop() {
    stopped_ = true;
    if (channel_watch_.is_open()) channel_watch_.release();
    if (output_ != nullptr) output_->stop();
    if (error_ != nullptr) error_->stop();
    if (running_) {
        options_.takes_calls ? kill_process(pid_) : kill_process_tree(pid_);
        running_ = false;
        remove_actor_process(pid_);
    } else if (pid_ > 0 && !options_.takes_calls) {
        kill_process_group(pid_);
    }
    process_.reset();
    reap_orphans();
    kill_orphans();
}

void Actor::Implementation::call(const CallRequest& request) {
    if (!channel_) throw Error("program " + options_.name + " takes no calls");
    if (request.function == "exit") exit_calls_.insert(request.id);
    channel_->send(to_wire(request));
}

void Actor::Implementation::signal(int signal_number) {
    const std::string call = "kill " + signal_name(signal_number);
    if (options_.takes_calls && !running_) throw SystemError(call, options_.name, ESRCH);
    if (kill(options_.takes_calls ? pid_ : -pid_, signal_number) == 0) return;
    // It ended a moment ago and was waited for, which will be told: to the caller it was alive.
    if (errno == ESRCH && running_) return;
    throw_system_error(call, options_.name);
}

Actor::Actor(boost::asio::io_context& context, const ActorOptions& options, ActorEvents events)
    : implementation_(std::make_shared<Implementation>(context, options, std::move(events))) {
    implementation_->start();
}

Actor::~Actor() {
    implementation_->stop();
}

int Actor::pid() const {
    return implementation_->pid();
}

bool Actor::running() const {
    return implementation_->running();
}

void Actor::call(const CallRequest& request) {
    implementation_->call(request);
}

void Actor::signal(int signal_number) {
    implementation_->signal(signal_number);
}

}  // namespace tcpwitness
