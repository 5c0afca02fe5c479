#include "coverage/event_table.hh"

#include <algorithm>

namespace tcpwitness {
namespace {

using State = TcpState;

constexpr std::array<std::string_view, kTableEvents> kNames{
    "close",         "shutdown WR",       "shutdown RD",   "send",    "recv", "connect", "listen",
    "bind",          "SO_LINGER-0 close", "SYN",           "SYN ACK", "ACK",  "data",    "FIN",
    "RST in window", "RST out of window", "old duplicate", "time-out"};

struct ImpossibleCell {
    State state;
    TableEvent event;
    std::string_view why;
};

constexpr std::string_view kNoWindow = "no sequence number is expected, so there is no window; see RST out of window";
constexpr std::string_view kNothingOld = "nothing was received that could come again; see data";
constexpr std::string_view kNoTimer = "nothing was sent that could be waited for: the state has no timer";

constexpr std::array kImpossible{
    ImpossibleCell{State::closed, TableEvent::reset_in, kNoWindow},
    ImpossibleCell{State::closed, TableEvent::old_duplicate, kNothingOld},
    ImpossibleCell{State::closed, TableEvent::time_out, kNoTimer},
    ImpossibleCell{State::listen, TableEvent::reset_in, kNoWindow},
    ImpossibleCell{State::listen, TableEvent::old_duplicate, kNothingOld},
    ImpossibleCell{State::listen, TableEvent::time_out, kNoTimer},
    ImpossibleCell{State::syn_sent, TableEvent::old_duplicate, kNothingOld},
};

// A state that ended although no call was made and no segment came.
void add_time_outs(const RunView& run, std::vector<CellEntry>& entries) {
    for (const Passage& passage : run.passages) {
        const bool ended = passage.to == State::closed && passage.occasion == Occasion::timer;
        if (!ended || !why_impossible(passage.from, TableEvent::time_out).empty()) continue;
        entries.push_back({passage.from, TableEvent::time_out, "", std::string(to_string(passage.to)), passage.event});
    }
}

}  // namespace

std::string_view to_string(TableEvent event) {
    return kNames.at(static_cast<size_t>(event));
}

std::string_view why_impossible(TcpState state, TableEvent event) {
    const auto found = std::find_if(kImpossible.begin(), kImpossible.end(), [&](const ImpossibleCell& cell) {
        return cell.state == state && cell.event == event;
    });
    return found == kImpossible.end() ? std::string_view{} : found->why;
}

std::vector<CellEntry> cell_entries(const RunView& run) {
    std::vector<CellEntry> entries;
    add_call_entries(run, entries);
    add_segment_entries(run, entries);
    add_time_outs(run, entries);
    std::stable_sort(entries.begin(), entries.end(),
                     [](const CellEntry& a, const CellEntry& b) { return a.at < b.at; });
    return entries;
}

}  // namespace tcpwitness
