// ToldRun: builds the Plan and Timeline of a run the way a person would tell it, for tests of what people read.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "record/record.hh"

namespace tcpwitness {

constexpr uint8_t kSyn = tcp_flag::kSyn, kAck = tcp_flag::kAck, kFin = tcp_flag::kFin, kRst = tcp_flag::kRst,
                  kPsh = tcp_flag::kPsh;

class ToldRun {
  public:
    ToldRun();

    // Time goes on by so many microseconds before whatever is told next.
    ToldRun& after(int64_t microseconds);

    // Adds a step to the plan; `step_done` and the calls refer to the last one added.
    ToldRun& step(const std::string& text, Action action);
    // A call that returned at once; `text` is "program: function(...)", its result a number or -1 and errno.
    ToldRun& call(const std::string& text, int64_t result = 0, int error_number = 0, int64_t microseconds = 3);
    // A call that makes a socket: "client: c = socket()".
    ToldRun& makes(const std::string& text, const std::string& socket);
    ToldRun& done(StepOutcome outcome = StepOutcome::done, const std::string& observed = "");

    int socket(const std::string& host, const std::string& name, const std::string& local,
               const std::string& remote = "");
    ToldRun& state(int socket, TcpState to, Source source = Source::tracepoint, const std::string& cause = "");

    // A segment from one host to the other that takes `microseconds` on its way; negative: it is lost.
    // Numbers are relative; the initial numbers are the client's 1000000 and the server's 4294967290.
    ToldRun& segment(bool from_client, uint8_t flags, uint32_t sequence, uint32_t acknowledgment, uint32_t length = 0,
                     int64_t microseconds = 12);
    ToldRun& forged(bool from_client, uint8_t flags, uint32_t sequence, uint32_t acknowledgment);
    ToldRun& event(EventBody body);
    ToldRun& end();

    TcpSegment make(bool from_client, uint8_t flags, uint32_t sequence, uint32_t acknowledgment, uint32_t length) const;
    // Of the last event told.
    size_t last() const { return timeline.events.size() - 1; }

    Plan plan;
    Timeline timeline;
    std::string client_address = "10.0.1.1:40112";
    std::string server_address = "10.0.2.2:7000";

  private:
    void insert_ordered(Instant at, EventBody body);

    Instant now_{};
    std::vector<TcpState> states_;
};

// The four-way close of cases/teardown, TIME_WAIT to its end.
ToldRun four_way_close();

// Both ends close at once over a slow line, and the last ACK is dropped by a fault.
ToldRun bad_line();

}  // namespace tcpwitness
