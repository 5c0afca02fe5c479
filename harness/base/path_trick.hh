// What steps of `path` order: netem and queues, faults of single segments, forged segments, tricks with the links.
// Values that a case names and a plan carries; harness/faults/ carries them out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/address.hh"
#include "base/comparison.hh"
#include "base/expression.hh"
#include "base/time.hh"

namespace tcpwitness {

// Which way through `path`.
enum class Way : uint8_t { to_server, to_client, both };

std::string_view to_string(Way way);  // "client > server", "server > client", "both"
std::optional<Way> parse_way(std::string_view text);
Way opposite(Way way);
inline bool covers(Way wanted, Way way) {
    return wanted == Way::both || wanted == way;
}

// A sequence or acknowledgment number, compared. Without variables it is relative to the initial number of its side;
// with them ("c.snd_nxt") it is absolute, and settled when the step is performed.
struct NumberTest {
    Relation relation = Relation::equal;
    Expression number;
};

std::string to_string(const NumberTest& test);

// Which segments a fault is for.
struct SegmentSelector {
    enum class Sending : uint8_t { any, first, again };

    Way way = Way::to_server;
    std::string flags_text = "any";            // as the case spells it, for messages
    uint8_t flags_set = 0;                     // bits that must be set
    uint8_t flags_clear = 0;                   // bits that must not be set
    std::optional<Comparison> payload_length;  // bytes
    std::optional<NumberTest> sequence;
    std::optional<NumberTest> acknowledgment;
    std::optional<uint16_t> port;  // of either end
    std::optional<Family> family;
    Sending sending = Sending::any;    // again: its sequence numbers were sent before
    int64_t nth = 1;                   // the first that is hit, among those that match
    std::optional<int64_t> count = 1;  // how many are hit; absent: all from then on
};

enum class FaultKind : uint8_t { drop, delay, duplicate, reorder, corrupt, hold };

std::string_view to_string(FaultKind kind);  // "drop", ...

// A fault of single segments, chosen as they pass.
struct FaultTrick {
    static constexpr std::string_view kKind = "fault";
    FaultKind fault = FaultKind::drop;
    SegmentSelector selector;
    Duration by{};           // delay: how long. duplicate: how long after the first the copies follow
    int copies = 1;          // duplicate: how many besides the first
    int behind = 1;          // reorder: how many others pass it
    std::optional<int> bit;  // corrupt: counted from the start of the TCP header; absent: the segment's last bit
    std::string name;        // hold: what a release calls it; may be empty
};

// Sends on what was held, in the order in which it came.
struct ReleaseTrick {
    static constexpr std::string_view kKind = "release";
    std::string name;       // of a hold; empty: of all
    bool reversed = false;  // the last that came first
};

// Nothing passes that way until it is taken off again.
struct BlackholeTrick {
    static constexpr std::string_view kKind = "blackhole";
    Way way = Way::both;
    bool on = true;
};

// TCP options of a forged segment. Expressions may name a connection's numbers.
struct ForgedOptions {
    std::optional<uint16_t> mss;
    std::optional<uint8_t> window_scale;
    bool sack_permitted = false;
    std::vector<std::pair<Expression, Expression>> sack;
    bool timestamps = false;  // with the two below, or what the connection itself would send now
    std::optional<Expression> timestamp;
    std::optional<Expression> timestamp_echo;
};

// A segment that nobody sent, given to the host at the end of `way` as if the other had sent it.
struct InjectTrick {
    static constexpr std::string_view kKind = "inject";
    Way way = Way::to_client;
    uint8_t flags = 0;
    std::string about;  // the socket whose connection it imitates; empty: the one its numbers name, or the only one
    std::optional<uint16_t> source_port;  // in place of the connection's
    std::optional<uint16_t> destination_port;
    std::optional<Expression> sequence;        // absent: what the receiver expects next
    std::optional<Expression> acknowledgment;  // absent: all that the receiver sent, when ACK is set
    std::optional<int64_t> window;             // as on the wire; absent: the imitated end's latest
    int64_t length = 0;                        // payload bytes
    std::string payload;                       // the bytes themselves; empty: `length` zeros
    uint16_t urgent_pointer = 0;
    std::optional<uint8_t> ttl;
    bool bad_checksum = false;
    ForgedOptions options;
};

// An ICMP or ICMPv6 error about the connection, quoting a segment that its receiver sent.
struct IcmpTrick {
    static constexpr std::string_view kKind = "icmp";
    Way way = Way::to_client;  // the receiver is at its end
    std::string error;         // "port unreachable"
    std::string about;
    std::optional<int> mtu;              // of "fragmentation needed"
    std::optional<Expression> sequence;  // of the quoted segment; absent: as the receiver sent it last
};

// Sends a segment again that passed before.
struct ReplayTrick {
    static constexpr std::string_view kKind = "replay";
    SegmentSelector selector;
    bool latest = true;  // among those that match; false: the selector's nth
};

// The cable between a host and path.
struct LinkTrick {
    static constexpr std::string_view kKind = "link";
    std::string host;
    bool up = false;
};

// The MTU of that cable, at both of its ends or at path's only.
struct MtuTrick {
    static constexpr std::string_view kKind = "mtu";
    std::string host;
    int mtu = 1500;         // bytes
    bool path_only = true;  // the host itself does not learn of it
};

// From now on the host's segments seem to come from elsewhere, as when a NAT forgets and binds anew.
struct MoveTrick {
    static constexpr std::string_view kKind = "move";
    std::string host;
    std::optional<IpAddress> address;
    std::optional<uint16_t> port;
};

// netem behind path's interface towards the end of `way`. Parameters as tc-netem(8) spells them.
struct NetemTrick {
    static constexpr std::string_view kKind = "netem";
    Way way = Way::both;
    bool on = true;
    std::map<std::string, std::string> parameters;
};

// Another queue in that place, or at a host's own interface.
struct QueueTrick {
    static constexpr std::string_view kKind = "queue";
    std::string place;       // "client > server", "both", or a host
    std::string discipline;  // "tbf", "fq", "fq_codel", "pfifo"; "off": the one that was there before
    std::map<std::string, std::string> parameters;
};

using PathTrick = std::variant<FaultTrick, ReleaseTrick, BlackholeTrick, InjectTrick, IcmpTrick, ReplayTrick, LinkTrick,
                               MtuTrick, MoveTrick, NetemTrick, QueueTrick>;

// The numbers of a connection that an expression may name: "snd_nxt" in "c.snd_nxt".
const std::vector<std::string>& connection_number_names();

// Whether `path` must forward in user space for it: only then every segment is seen, named and acted upon exactly.
bool needs_forwarder(const PathTrick& trick);

}  // namespace tcpwitness
