// A run built by hand for tests of coverage/: client c (port 40000) and server s of one connection, listener l.
#pragma once

#include <string>

#include "record/record.hh"
#include "verdict/plan_builder.hh"
#include "verdict/timeline_builder.hh"

namespace tcpwitness::testing {

class ObservedRun {
  public:
    ObservedRun() {
        record.plan.id = "a[ipv4]";
        record.plan.programs = {{.name = "client", .host = "client"}, {.name = "server", .host = "server"}};
        listener = builder.socket("server", "l", true);
        client = builder.socket("client", "c");
        server = builder.socket("server", "s");
    }

    // A call of the client on c that returned after a microsecond; `during` happens inside of it.
    template <typename During>
    ObservedRun& call(const std::string& function, int64_t result, int error_number, During during) {
        const int step = static_cast<int>(record.plan.steps.size());
        CallStep made = call_of("client", function, "c", {.kind = ExpectedResult::Kind::any});
        record.plan.steps.push_back(step_of(step + 3, made.text, made));
        builder.add(StepBegan{step});
        Call done{.step = step, .program = "client", .text = made.text, .result = result, .error_number = error_number};
        const Instant begun = builder.now();
        builder.after(std::chrono::microseconds(1));
        during();
        done.ended = builder.now();
        const Instant after = builder.now();
        builder.at(begun).add(done).at(after + std::chrono::microseconds(1));
        builder.add(StepEnded{step, StepOutcome::done, ""});
        return *this;
    }
    ObservedRun& call(const std::string& function, int64_t result, int error_number = 0) {
        return call(function, result, error_number, [] {});
    }

    // Something arrives and changes a state 10 microseconds later.
    ObservedRun& change(int socket, TcpState to) {
        builder.after(std::chrono::microseconds(10) - milliseconds(1)).state(socket, to);
        return *this;
    }
    // Nothing happens for a second.
    ObservedRun& quiet() {
        builder.after(seconds(1));
        return *this;
    }

    // LISTEN, three segments, ESTABLISHED on both sides.
    ObservedRun& open() {
        builder.state(listener, TcpState::listen);
        call("connect", 0, 0, [this] { builder.state(client, TcpState::syn_sent); });
        builder.segment("client", tcp_flag::kSyn, 0, 0);
        listener_makes_request();
        builder.segment("server", tcp_flag::kSyn | tcp_flag::kAck, 0, 1);
        change(client, TcpState::established);
        builder.segment("client", tcp_flag::kAck, 1, 1);
        change(server, TcpState::established);
        return quiet();
    }

    Record finish() {
        record.timeline = builder.finish();
        return record;
    }

    TimelineBuilder builder;
    Record record;
    int listener = 0;
    int client = 0;
    int server = 0;

  private:
    void listener_makes_request() {
        builder.after(std::chrono::microseconds(10) - milliseconds(1));
        builder.add(StateChange{server, TcpState::listen, TcpState::syn_rcvd, Source::timer, ""});
        builder.set_state(server, TcpState::syn_rcvd);
    }
};

}  // namespace tcpwitness::testing
