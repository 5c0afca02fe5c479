// Forwarding: what path does with every packet that comes to it: pass it on at once, later, twice, changed or not at
// all. The pure core of the Forwarder: packets and times in, packets and faults out; it owns no descriptor, no clock.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/path_trick.hh"
#include "faults/address_move.hh"
#include "faults/passing.hh"
#include "faults/selector.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

struct PathPacket {
    Way way = Way::to_server;
    std::string bytes;  // from the IP header on
};

struct Decision {
    std::vector<PathPacket> send;  // now, in this order
    std::vector<FaultFired> fired;
};

class Forwarding {
  public:
    // The faults are asked in the order in which they were added; the first that a segment is meant by has it alone.
    void add(int step, const FaultTrick& trick, Selection selection);
    void set_blackhole(int step, const BlackholeTrick& trick);
    void add_move(int step, AddressMove move) { moves_.push_back({step, std::move(move)}); }

    Decision take(PathPacket packet, Instant now);

    // When a delayed packet is due; absent: none is waiting.
    std::optional<Instant> next_due() const;
    Decision due(Instant now);

    // What was held goes on. Throws Error when nothing is held under that name.
    Decision release(int step, const ReleaseTrick& trick);
    // A packet that passed before goes again. Throws Error, saying what passed, when none is meant.
    Decision replay(int step, const ReplayTrick& trick, Selection selection);

    // Steps whose fault did not happen, or not as often as it should have, and why.
    std::vector<std::pair<int, std::string>> shortfalls() const;

  private:
    struct Rule {
        int step = 0;
        FaultTrick trick;
        Selection selection;
    };
    struct Waiting {
        int step = 0;
        Instant due{};
        PathPacket packet;
    };
    struct Overtaken {
        int step = 0;
        int behind = 0;  // how many still have to pass it
        PathPacket packet;
    };
    struct Held {
        int step = 0;
        std::string name;
        PathPacket packet;
    };
    struct Blackhole {
        int step = 0;
        Way way = Way::both;
        bool on = true;
        int64_t packets = 0;
    };
    struct Move {
        int step = 0;
        AddressMove move;
        int64_t packets = 0;
    };
    struct Passed {
        PassingSegment segment;
        PathPacket packet;
    };

    bool swallow(const PathPacket& packet, const std::optional<TcpSegment>& segment, Decision& decision);
    Rule* rule_for(const PassingSegment& passing);
    void act(Rule& rule, PathPacket packet, const TcpSegment& segment, Instant now, Decision& decision);
    void corrupt(const Rule& rule, PathPacket packet, FaultFired fired, Decision& decision);
    void duplicate(const Rule& rule, PathPacket packet, Instant now, Decision& decision);
    void wait(Waiting waiting);
    void pass(PathPacket packet, Decision& decision);
    void remember(const PassingSegment& segment, const PathPacket& packet);
    bool come_back(PathPacket& packet, const TcpSegment& segment, Decision& decision);
    void send(PathPacket packet, Decision& decision);

    PassingSegments passing_;
    std::list<Rule> rules_;
    std::vector<Blackhole> blackholes_;
    std::vector<Move> moves_;
    std::deque<Waiting> waiting_;  // by due, then in the order of coming
    std::list<Overtaken> overtaken_;
    std::list<Held> held_;
    std::deque<Passed> passed_;
    size_t passed_bytes_ = 0;
};

}  // namespace tcpwitness
