#include "records.hh"

namespace tcpwitness {
namespace {

std::vector<std::string> case_text() {
    return {"case: four-way close",
            "about: The end that closes first passes FIN_WAIT_1, FIN_WAIT_2 and TIME_WAIT.",
            "steps:",
            "expect:",
            "  states:",
            "    client c: SYN_SENT -> ESTABLISHED -> FIN_WAIT_1 -> CLOSING -> TIME_WAIT[2MSL] -> CLOSED"};
}

size_t event_of_state(const Timeline& timeline, TcpState to) {
    for (size_t i = 0; i < timeline.events.size(); ++i) {
        const auto* change = std::get_if<StateChange>(&timeline.events[i].body);
        if (change != nullptr && change->to == to) return i;
    }
    return 0;
}

}  // namespace

Record record_of(const ToldRun& story, Outcome outcome, const std::string& reason) {
    Record record{.plan = story.plan, .timeline = story.timeline};
    record.plan.case_text = case_text();
    record.plan.claims = {"C07", "C14"};
    record.plan.tags = {"teardown", "2msl"};
    record.plan.reference = "RFC 9293 section 3.6";
    record.verdict.outcome = outcome;
    record.verdict.reason = reason;
    record.repeat_command = "tcpwitness run cases/teardown/four_way_close.yaml -k 'ipv4' --seed 1";
    record.wall = std::chrono::milliseconds(1240);
    record.where = "kernel 6.18.44, rootless";
    record.version = "0.1.0";
    return record;
}

Record passed_record() {
    Record record = record_of(four_way_close(), Outcome::pass);
    record.wall = std::chrono::milliseconds(60660);
    Finding finding{
        .holds = true, .kind = "states", .source = {{"cases/teardown/four_way_close.yaml", 6, 5}, "client c: ..."}};
    finding.evidence = {event_of_state(record.timeline, TcpState::time_wait)};
    record.verdict.findings = {finding};
    return record;
}

Record failed_states_record() {
    Record record = record_of(four_way_close(), Outcome::fail);
    record.plan.id = "teardown/four_way_close[ipv6]";
    record.plan.variant = "ipv6";
    Finding finding{.kind = "states"};
    finding.source = {{"cases/teardown/four_way_close.yaml", 6, 5}, "client c: SYN_SENT -> ..."};
    finding.message = "client c passed FIN_WAIT_2 where CLOSING was expected";
    finding.expected = "SYN_SENT -> ESTABLISHED -> FIN_WAIT_1 -> CLOSING -> TIME_WAIT[2MSL] -> CLOSED";
    finding.observed = "SYN_SENT -> ESTABLISHED -> FIN_WAIT_1 -> FIN_WAIT_2 -> TIME_WAIT -> CLOSED";
    finding.expected_mark = finding.observed_mark = finding.expected.find("CLOSING");
    finding.evidence = {event_of_state(record.timeline, TcpState::fin_wait_2)};
    Finding second{.kind = "counters"};
    second.source = {{"cases/teardown/four_way_close.yaml", 9, 5}, "server: {TcpExt.ListenDrops: \">= 1\"}"};
    second.message = "server TcpExt.ListenDrops was 0";
    second.expected = ">= 1";
    second.observed = "0";
    second.expected_mark = second.observed_mark = 0;
    Finding third{.undecided = true, .kind = "timewait"};
    third.source = {{"cases/teardown/four_way_close.yaml", 11, 5}, "client c: {restarts: 0}"};
    third.message = "restarts of TIME_WAIT need the timer tracer";
    record.verdict.findings = {finding, second, third};
    record.verdict.reason = finding.message;
    return record;
}

Record failed_step_record() {
    ToldRun story;
    story.plan.id = "programs/nginx_restarts";
    story.plan.title = "nginx restarts at once although connections are in TIME_WAIT";
    story.plan.variant = "";
    story.plan.source.file = "cases/programs/nginx_restarts.yaml";
    story.plan.programs.push_back({.name = "nginx", .host = "server", .command = {"nginx"}});
    story.timeline.observed = {"6.18.44", {"sock_diag", "capture"}, false, false};
    story.after(1000).step("nginx: start", StartStep{"nginx"}).event(ProgramStarted{"nginx", 0, "nginx -p ."});
    story.after(30000)
        .event(ProgramOutput{"nginx", true, "nginx: [warn] \x1b[31mred\x1b[0m \x07 bell\nsecond line"})
        .done();
    story.after(100).makes("client: c = socket()", "c").done();
    story.after(100).call("client: connect(c, server:8080)", -1, ECONNREFUSED);
    std::get<CallStep>(story.plan.steps.back().action).expected = {};
    story.segment(true, tcp_flag::kSyn, 0, 0).segment(false, tcp_flag::kRst | tcp_flag::kAck, 0, 1);
    story.done(StepOutcome::refused, "ECONNREFUSED");
    const size_t evidence = story.last();
    story.event(ProgramExited{"nginx", 1, 0, false});
    story.end();
    Record record = record_of(story, Outcome::fail,
                              "client: connect(c, server:8080) failed with ECONNREFUSED; it should have succeeded");
    Finding finding{.kind = "step", .source = story.plan.steps.back().source, .message = record.verdict.reason};
    finding.expected = "connect(c, server:8080) = success";
    finding.observed = "connect(c, server:8080) = ECONNREFUSED";
    finding.expected_mark = finding.observed_mark = finding.expected.find("success");
    finding.evidence = {evidence};
    record.verdict.findings = {finding};
    return record;
}

Record skipped_record(const std::string& id, const std::string& reason) {
    ToldRun story;
    story.plan.id = id;
    story.plan.title = "random loss & <delay> #1";
    story.plan.variant = "loss=20%";
    story.timeline = {};
    Record record = record_of(story, Outcome::skip, reason);
    record.wall = std::chrono::milliseconds(2);
    return record;
}

Record broken_record() {
    ToldRun story;
    story.plan.id = "bind/table[old=1 new=0]";
    story.plan.title = "bind table";
    story.plan.variant = "old=1 new=0";
    story.after(900).makes("server: l = socket()", "l").done();
    story.after(50).step("server: bind(l, :7000)", CallStep{.program = "server", .text = "bind(l, :7000)"});
    story.timeline.complete = false;
    story.timeline.error = "step 2, cases/bind/table.yaml:14: recvmsg channel of server: Connection reset by peer";
    Record record = record_of(story, Outcome::error, story.timeline.error);
    record.console = "terminate called <twice> & \"quoted\"\n\x1b[2J\x1b]0;title\x07\xff\xfe\ttab\n";
    return record;
}

std::vector<Record> all_records() {
    return {passed_record(),
            failed_states_record(),
            skipped_record("path/random_loss[loss=20%]", "netem is not in this kernel"),
            failed_step_record(),
            skipped_record("path/reorder[loss=20%]", "netem is not in this kernel"),
            skipped_record("programs/redis", "redis-server is not installed"),
            broken_record()};
}

Summary summary_of(const std::vector<Record>& records) {
    Summary summary;
    for (const Record& record : records) summary.add(record);
    summary.wall = std::chrono::milliseconds(61270);
    return summary;
}

void report(Reporter& reporter, const std::vector<Record>& records) {
    reporter.run_began({records.size(), "kernel 6.18.44, rootless"});
    Instant now{};
    for (const Record& record : records) reporter.case_began(record.plan, now += std::chrono::seconds(1));
    for (const Record& record : records) reporter.case_ended(record);
    reporter.run_ended(summary_of(records));
}

}  // namespace tcpwitness
