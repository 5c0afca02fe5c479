#include "test_actor.hh"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <filesystem>

namespace tcpwitness {

using namespace std::chrono_literals;

Value socket_value(const std::string& name) {
    return {.kind = Value::Kind::socket, .text = name};
}
Value symbol(const std::string& text) {
    return {.kind = Value::Kind::symbol, .text = text};
}
Value integer(int64_t number) {
    return {.integer = number};
}
Value text(const std::string& characters) {
    return {.kind = Value::Kind::text, .text = characters};
}
Value duration(Duration length) {
    return {.kind = Value::Kind::duration, .duration = length};
}
Value address(const std::string& text) {
    return {.kind = Value::Kind::address, .address = SocketAddress::parse(text)};
}
Value list(std::vector<Value> items) {
    return {.kind = Value::Kind::list, .items = std::move(items)};
}

namespace {

size_t open_descriptors() {
    size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

}  // namespace

NothingLeft::NothingLeft() : descriptors_(open_descriptors()) {}

NothingLeft::~NothingLeft() {
    EXPECT_EQ(open_descriptors(), descriptors_) << "descriptors were left open";
    siginfo_t info{};
    EXPECT_EQ(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1) << "a child was left: " << info.si_pid;
    EXPECT_EQ(errno, ECHILD);
}

void run_until(boost::asio::io_context& context, const std::function<bool()>& condition, const std::string& what) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("waited in vain for " + what);
        context.restart();
        context.run_one_for(100ms);
    }
}

TestActor::TestActor(boost::asio::io_context& context, ActorOptions options) : context_(context) {
    ActorEvents events;
    events.reply = [this](const CallReply& reply) {
        replies_[reply.id] = reply;
        happened("reply " + std::to_string(reply.id));
    };
    events.begun = [this](uint64_t id) {
        EXPECT_FALSE(replies_.contains(id));
        begun_.insert(id);
        happened("begun " + std::to_string(id));
    };
    events.output = [this](bool standard_error, const std::string& text) {
        (standard_error ? error : output) += text;
        happened(standard_error ? "error" : "output");
    };
    events.exited = [this](const ActorExit& exit) {
        exit_ = exit;
        happened("exited");
    };
    events.broken = [this](const std::string& why) {
        broken = why;
        happened("broken");
    };
    actor_ = std::make_unique<Actor>(context, options, std::move(events));
}

void TestActor::happened(const std::string& what) {
    order.push_back(what);
    if (on_event) on_event();
}

CallReply TestActor::call(const std::string& function, std::vector<Value> arguments, const std::string& makes) {
    CallRequest request{.id = next_id_++, .function = function, .arguments = std::move(arguments), .makes = makes};
    actor_->call(request);
    return reply_to(request.id);
}

uint64_t TestActor::begin(const std::string& function, std::vector<Value> arguments, const std::string& makes) {
    CallRequest request{.id = next_id_++, .function = function, .arguments = std::move(arguments), .makes = makes};
    request.detached = true;
    actor_->call(request);
    run_until(
        context_, [&] { return begun_.contains(request.id) || replies_.contains(request.id); }, "the call's begin");
    return request.id;
}

CallReply TestActor::reply_to(uint64_t id) {
    run_until(
        context_, [&] { return replies_.contains(id); }, "a reply");
    return replies_.at(id);
}

const ActorExit& TestActor::exit() {
    run_until(
        context_, [&] { return exit_.has_value(); }, "the program's end");
    return *exit_;
}

ActorOptions tcp_actor_options(const std::string& name) {
    return {.name = name, .command = {TCPWITNESS_BINARY_DIR "/tcp_actor"}, .takes_calls = true, .folder = "/"};
}

ActorOptions program_options(std::vector<std::string> command) {
    return {.name = "program", .command = std::move(command), .folder = "/"};
}

}  // namespace tcpwitness
