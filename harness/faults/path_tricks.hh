// PathTricks: carries out the steps of `path` on a live stage, and tells at the end which of them came to nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/path_trick.hh"
#include "faults/connection_numbers.hh"
#include "faults/forging.hh"
#include "faults/forwarder.hh"
#include "faults/path_queues.hh"
#include "network/namespace.hh"
#include "network/packet_sender.hh"
#include "plan/plan.hh"

namespace tcpwitness {

class PathTricks {
  public:
    using Hosts = std::function<const NetworkNamespace&(const std::string&)>;

    // Forwards from now on when the plan says so. `emit` is told of every fault as it happens.
    PathTricks(const PlanNetwork& network, uint64_t seed, Hosts hosts, Forwarder::Clock clock, Forwarder::Emit emit);

    // What the Forwarder waits for; empty when the kernel forwards.
    std::vector<int> descriptors() const;
    std::optional<Instant> next_due() const;
    void work();

    // `events` are those of the run so far: the numbers of connections come from its segments. Throws Error when there
    // is nothing that it could act upon, Unsupported for what this kernel or family lacks.
    void perform(int step, const PathTrick& trick, const std::vector<Socket>& sockets,
                 const std::vector<Event>& events);

    // Steps whose fault did not happen as often as it should have, and why.
    std::vector<std::pair<int, std::string>> shortfalls();
    // Packets that the Forwarder lost against its will.
    int64_t overflowed();

  private:
    // The link between path and a host.
    struct Side {
        PlanInterface path;
        PlanInterface host;
        std::unique_ptr<PacketSender> sender;
    };

    void perform(int step, const FaultTrick& trick);
    void perform(int step, const ReleaseTrick& trick);
    void perform(int step, const BlackholeTrick& trick);
    void perform(int step, const InjectTrick& trick);
    void perform(int step, const IcmpTrick& trick);
    void perform(int step, const ReplayTrick& trick);
    void perform(int step, const LinkTrick& trick);
    void perform(int step, const MtuTrick& trick);
    void perform(int step, const MoveTrick& trick);
    void perform(int step, const NetemTrick& trick);
    void perform(int step, const QueueTrick& trick);

    void learn(const std::vector<Socket>& sockets, const std::vector<Event>& events);
    Situation situation() const;
    Selection selection(const SegmentSelector& selector) const;
    std::optional<SettledNumber> settled(const std::optional<NumberTest>& test) const;
    Side& side(const std::string& host);
    void send_forged(int step, std::string_view action, Way way, const std::string& packet);
    std::vector<QueuePlace> places(Way way);
    void restore(const Side& side);
    const IpAddress& address_of(const PlanInterface& interface) const;

    Family family_;
    Hosts hosts_;
    Forwarder::Emit emit_;
    std::map<std::string, Side> sides_;
    std::unique_ptr<Forwarder> forwarder_;
    PathQueues queues_;
    ConnectionNumbers numbers_;
    std::vector<Socket> sockets_;
    size_t events_learned_ = 0;
};

}  // namespace tcpwitness
