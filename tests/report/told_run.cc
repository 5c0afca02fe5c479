#include "told_run.hh"

#include <algorithm>

namespace tcpwitness {
namespace {

constexpr uint32_t kClientInitial = 1000000;
constexpr uint32_t kServerInitial = 4294967290;  // wraps after six bytes

std::string before(const std::string& text, const std::string& mark) {
    return text.substr(0, text.find(mark));
}

std::string behind(const std::string& text, const std::string& mark) {
    return text.substr(text.find(mark) + mark.size());
}

}  // namespace

ToldRun::ToldRun() {
    plan.id = "teardown/four_way_close[ipv4]";
    plan.title = "four-way close";
    plan.variant = "ipv4";
    plan.source = {"cases/teardown/four_way_close.yaml", 1, 1};
    plan.network.hosts = {{.name = "client"}, {.name = "path"}, {.name = "server"}};
    plan.programs = {{.name = "client", .host = "client"}, {.name = "server", .host = "server"}};
    timeline.addresses = {{"client", {*IpAddress::parse("127.0.0.1"), *IpAddress::parse("10.0.1.1")}},
                          {"server", {*IpAddress::parse("127.0.0.1"), *IpAddress::parse("10.0.2.2")}}};
    timeline.observed = {"6.18.44", {"tp_btf", "timer", "sock_diag", "capture"}, true, true};
    timeline.complete = true;
}

ToldRun& ToldRun::after(int64_t microseconds) {
    now_ += std::chrono::microseconds(microseconds);
    return *this;
}

ToldRun& ToldRun::step(const std::string& text, Action action) {
    const int line = 10 + static_cast<int>(plan.steps.size());
    plan.steps.push_back({{{plan.source.file, line, 5}, "- " + text}, std::chrono::seconds(5), std::move(action)});
    return event(StepBegan{static_cast<int>(plan.steps.size()) - 1});
}

ToldRun& ToldRun::call(const std::string& text, int64_t result, int error_number, int64_t microseconds) {
    const std::string call_text = behind(text, ": ");
    step(text, CallStep{.program = before(text, ":"),
                        .function = before(call_text, "("),
                        .expected = {.kind = ExpectedResult::Kind::any},
                        .text = call_text});
    Call call{static_cast<int>(plan.steps.size()) - 1, before(text, ":"), call_text, {}, result, error_number, ""};
    if (microseconds >= 0) call.ended = now_ + std::chrono::microseconds(microseconds);
    event(call);
    return after(1);
}

ToldRun& ToldRun::makes(const std::string& text, const std::string& socket) {
    const std::string words = socket + " = ";  // the plan has the call without its result
    const size_t place = text.find(words);
    call(text.substr(0, place) + text.substr(place + words.size()), 3);
    std::get<CallStep>(plan.steps.back().action).makes = socket;
    return *this;
}

ToldRun& ToldRun::done(StepOutcome outcome, const std::string& observed) {
    return event(StepEnded{static_cast<int>(plan.steps.size()) - 1, outcome, observed});
}

int ToldRun::socket(const std::string& host, const std::string& name, const std::string& local,
                    const std::string& remote) {
    const int index = static_cast<int>(timeline.sockets.size());
    Socket socket{index, host, host, name, *SocketAddress::parse(local), {}};
    if (!remote.empty()) socket.remote = SocketAddress::parse(remote);
    timeline.sockets.push_back(socket);
    states_.push_back(TcpState::closed);
    return index;
}

ToldRun& ToldRun::state(int socket, TcpState to, Source source, const std::string& cause) {
    TcpState& now = states_.at(static_cast<size_t>(socket));
    event(StateChange{socket, now, to, source, cause});
    now = to;
    return after(2);
}

TcpSegment ToldRun::make(bool from_client, uint8_t flags, uint32_t sequence, uint32_t acknowledgment,
                         uint32_t length) const {
    TcpSegment segment;
    segment.source = *SocketAddress::parse(from_client ? client_address : server_address);
    segment.destination = *SocketAddress::parse(from_client ? server_address : client_address);
    segment.sequence = sequence + (from_client ? kClientInitial : kServerInitial);
    segment.flags = flags;
    if (segment.has(kAck)) segment.acknowledgment = acknowledgment + (from_client ? kServerInitial : kClientInitial);
    segment.window = segment.has(kSyn) ? 64240 : 502;
    segment.payload_length = length;
    segment.ttl = 64;
    if (segment.has(kSyn)) segment.options.mss = 1460;
    if (segment.has(kSyn)) segment.options.window_scale = 7;
    return segment;
}

ToldRun& ToldRun::segment(bool from_client, uint8_t flags, uint32_t sequence, uint32_t acknowledgment, uint32_t length,
                          int64_t microseconds) {
    SegmentSeen seen{from_client ? "client" : "server", "eth0", Direction::sent,
                     make(from_client, flags, sequence, acknowledgment, length)};
    event(seen);
    if (microseconds >= 0) {
        seen.host = from_client ? "server" : "client";
        seen.direction = Direction::arrived;
        seen.segment.ttl = 63;
        insert_ordered(now_ + std::chrono::microseconds(microseconds), seen);
        if (microseconds < 1000) after(microseconds);
    }
    return after(1);
}

ToldRun& ToldRun::forged(bool from_client, uint8_t flags, uint32_t sequence, uint32_t acknowledgment) {
    return event(SegmentSeen{from_client ? "server" : "client", "eth0", Direction::arrived,
                             make(from_client, flags, sequence, acknowledgment, 0)});
}

ToldRun& ToldRun::event(EventBody body) {
    insert_ordered(now_, std::move(body));
    return *this;
}

ToldRun& ToldRun::end() {
    after(40);
    return event(StoryEnded{});
}

void ToldRun::insert_ordered(Instant at, EventBody body) {
    const auto later = [at](const Event& event) { return event.at > at; };
    timeline.events.insert(std::find_if(timeline.events.begin(), timeline.events.end(), later), {at, std::move(body)});
}

ToldRun four_way_close() {
    ToldRun story;
    const int l = story.socket("server", "l", "0.0.0.0:7000");
    const int c = story.socket("client", "c", "10.0.1.1:40112", "10.0.2.2:7000");
    const int s = story.socket("server", "s", "10.0.2.2:7000", "10.0.1.1:40112");
    story.after(2150).makes("server: l = socket()", "l").done();
    story.after(60).call("server: bind(l, :7000)").done();
    story.after(55).call("server: listen(l, 8)").state(l, TcpState::listen).done();
    story.after(70).makes("client: c = socket()", "c").done();
    story.after(64).call("client: connect(c, server:7000)", 0, 0, 95).state(c, TcpState::syn_sent);
    story.segment(true, kSyn, 0, 0).state(s, TcpState::syn_rcvd).segment(false, kSyn | kAck, 0, 1);
    story.state(c, TcpState::established).segment(true, kAck, 1, 1).state(s, TcpState::established).after(20).done();
    story.after(70).makes("server: s = accept(l)", "s").done();
    story.after(80).call("client: shutdown(c, SHUT_WR)", 0, 0, 40).state(c, TcpState::fin_wait_1);
    story.segment(true, kFin | kAck, 1, 1).state(s, TcpState::close_wait).done();
    story.after(90).call("server: recv(s)").done();
    story.after(41000).segment(false, kAck, 1, 2).state(c, TcpState::fin_wait_2);
    story.step("client c FIN_WAIT_2", AwaitStep{}).done();
    story.after(150).call("server: send(s, 1000)", 1000, 0, 30).segment(false, kPsh | kAck, 1, 2, 1000);
    story.segment(true, kAck, 2, 1001).done();
    story.after(60).call("client: recv(c)", 1000).done();
    story.after(60).call("client: send(c, 1)", -1, EPIPE).done();
    story.after(70).call("server: close(s)", 0, 0, 50).state(s, TcpState::last_ack);
    story.segment(false, kFin | kAck, 1001, 2).state(c, TcpState::time_wait);
    story.segment(true, kAck, 2, 1002).state(s, TcpState::closed).done();
    story.after(90).call("client: close(c)").done();
    story.after(60615000).state(c, TcpState::closed, Source::timer, "timer");
    story.step("client c CLOSED within 2MSL", AwaitStep{}).done();
    story.end();
    return story;
}

ToldRun bad_line() {
    ToldRun story;
    story.plan.id = "teardown/bad_line";
    story.plan.title = "both ends close on a bad line";
    story.plan.variant = "";
    const int c = story.socket("client", "c", "10.0.1.1:40112", "10.0.2.2:7000");
    const int s = story.socket("server", "s", "10.0.2.2:7000", "10.0.1.1:40112");
    story.after(1800).step("path: netem(both, delay=100ms)", PathStep{}).done();
    story.after(300).call("client: connect(c, server:7000)", 0, 0, 200150).state(c, TcpState::syn_sent);
    story.segment(true, kSyn, 0, 0, 0, 100020).after(100030).state(s, TcpState::syn_rcvd, Source::inferred);
    story.segment(false, kSyn | kAck, 0, 1, 0, 100020).after(100050).state(c, TcpState::established);
    story.segment(true, kAck, 1, 1, 0, 100020).after(100030).state(s, TcpState::established);
    story.after(50).call("client: close(c)").state(c, TcpState::fin_wait_1).segment(true, kFin | kAck, 1, 1, 0, 100020);
    story.after(300)
        .call("server: close(s)")
        .state(s, TcpState::fin_wait_1)
        .segment(false, kFin | kAck, 1, 1, 0, 100020);
    story.after(99700).state(s, TcpState::closing).segment(false, kAck, 2, 2, 0, 100020);
    story.after(310).state(c, TcpState::closing).segment(true, kAck, 2, 2, 0, -1);
    story.event(FaultFired{0, "drop", 1, story.make(true, kAck, 2, 2, 0)});
    story.after(100100).state(c, TcpState::time_wait);
    story.after(104000).segment(false, kFin | kAck, 1, 1, 0, 100020).after(100030);
    story.event(TimeWaitRestart{c}).segment(true, kAck, 2, 2, 0, 100020).after(100030);
    story.state(s, TcpState::time_wait).after(2000);
    story.forged(false, tcp_flag::kRst, 2, 0).after(20).state(c, TcpState::closed, Source::tracepoint, "descheduled");
    story.after(400)
        .step("server s CLOSED within 5s", AwaitStep{})
        .after(5000000)
        .done(StepOutcome::timed_out, "TIME_WAIT");
    story.end();
    return story;
}

}  // namespace tcpwitness
