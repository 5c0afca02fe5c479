// The table of states and events: what a call returned or a segment drew in each state, and the state after it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coverage/run_view.hh"

namespace tcpwitness {

enum class TableEvent : uint8_t {
    close,
    shutdown_write,
    shutdown_read,
    send,
    receive,
    connect,
    listen,
    bind,
    abort,  // close() with SO_LINGER {on, 0}
    syn,
    syn_ack,
    ack,
    data,
    fin,
    reset_in,       // RST whose number is in the receive window
    reset_out,      // any other RST
    old_duplicate,  // data or ACK from before the next expected number
    time_out,
};

constexpr size_t kTableEvents = static_cast<size_t>(TableEvent::time_out) + 1;
constexpr size_t kTableStates = static_cast<size_t>(TcpState::time_wait) + 1;

std::string_view to_string(TableEvent event);  // "shutdown WR", "RST in window"

// Why there can be no such cell; empty when there can.
std::string_view why_impossible(TcpState state, TableEvent event);

struct CellEntry {
    TcpState state = TcpState::closed;
    TableEvent event = TableEvent::close;
    std::string answer;  // "= 0", "= EPIPE", "blocks", "ACK", "nothing", "" for a time-out that sends nothing
    std::string after;   // "FIN_WAIT_1"; the states passed, when several were
    size_t at = 0;       // index into Timeline::events

    auto operator<=>(const CellEntry&) const = default;
};

// What a run shows of the table, in the order of its events.
std::vector<CellEntry> cell_entries(const RunView& run);

// Its two parts.
void add_call_entries(const RunView& run, std::vector<CellEntry>& entries);
void add_segment_entries(const RunView& run, std::vector<CellEntry>& entries);

}  // namespace tcpwitness
