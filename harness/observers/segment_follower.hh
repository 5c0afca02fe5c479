// SegmentFollower: makes socket histories without BPF. Segments say which states an end must have passed; sock_diag, asked
// at once, says which one it is in. What both say is labelled sock_diag, what only segments say inferred, and a state
// that sock_diag contradicts is not told. Pure: what the kernel must be asked is returned as a question.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "observers/segment_reader.hh"
#include "observers/socket_histories.hh"
#include "observers/socket_table.hh"

namespace tcpwitness {

class SegmentFollower {
  public:
    explicit SegmentFollower(SocketHistories& histories) : histories_(histories) {}

    // Segments in order of time, each at every host where it was seen.
    void follow(const SegmentSeen& segment, Instant at);

    // Connections that sock_diag is to be asked for: those with segments since the last answer, and those whose timer
    // is due by `now`.
    std::vector<Connection> questions(Instant now) const;
    // What sock_diag had for a connection when it was asked at `asked`; nothing: no such connection.
    void answer(const Connection& connection, const std::optional<TableEntry>& entry, Instant asked);
    // All sockets of a host at `asked`: finds listeners, and connections without segments.
    void answer_all(const std::string& host, const std::vector<TableEntry>& entries, Instant asked);

    // When the next question is due although no segment came; absent: never.
    std::optional<Instant> next_look() const;

  private:
    struct Conversation {
        std::optional<int> socket;
        SegmentReader reader;
        std::vector<SegmentReader::Step> steps;  // read from segments, not yet told
        bool asked_for = true;
        int contradictions = 0;                  // answers in a row that did not show the last step
        std::optional<Instant> missed;           // sock_diag had nothing then, and no segment says that it is over
        std::optional<Instant> due;              // its timer's end, or when to ask again
        std::optional<Instant> time_wait_end;    // of a mini-socket, as sock_diag last told
        bool in_time_wait = false;               // and its substate was TIME_WAIT then
        Instant last_arrival{};
    };

    TcpState believed(const Conversation& conversation) const;
    void begin_again(const Connection& connection, Conversation& conversation, Instant at);
    bool identify(const Connection& connection, Conversation& conversation, uint64_t cookie, Instant asked);
    bool waits_for_name(const Connection& connection) const;
    void answer_present(Conversation& conversation, const TableEntry& entry, Instant asked);
    bool is_surely_over(Conversation& conversation, Instant asked);
    void answer_absent(Conversation& conversation, Instant asked);
    void tell(Conversation& conversation, size_t count, Source last);
    void contradict(Conversation& conversation, Instant asked);
    void note_timer(Conversation& conversation, const TableEntry& entry, Instant asked);
    void answer_listener(const std::string& host, const TableEntry& entry, Instant asked);

    SocketHistories& histories_;
    std::map<Connection, Conversation> conversations_;
    std::map<Connection, std::pair<Instant, TcpSegment>> syns_;  // arrived, and not yet answered
};

}  // namespace tcpwitness
