// The queues that a case put behind interfaces: netem, tbf, fq, ... and whether anything went through them.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/path_trick.hh"
#include "network/namespace.hh"
#include "network/qdisc.hh"
#include "plan/plan.hh"

namespace tcpwitness {

// The interface of a host that leads towards another, as a place for a queue.
struct QueuePlace {
    const NetworkNamespace* network_namespace = nullptr;
    std::string interface;

    bool operator==(const QueuePlace&) const = default;
};

class PathQueues {
  public:
    explicit PathQueues(uint64_t seed) : seed_(seed) {}

    // Sets a queue in these places, in the place of any that was set before. Throws Unsupported when this kernel has no
    // such queue.
    void set(int step, const NetemTrick& trick, const std::vector<QueuePlace>& places);
    void set(int step, const QueueTrick& trick, const std::vector<QueuePlace>& places);

    // Steps whose queues nothing ever went through.
    std::vector<std::pair<int, std::string>> shortfalls();

  private:
    struct Installed {
        int step = 0;
        QueuePlace place;
        uint64_t packets_before = 0;
    };

    void install(int step, const QueuePlace& place, const QdiscSettings& settings);
    void take_off(const QueuePlace& place);
    // Ends the account of what is installed in that place.
    void close(const QueuePlace& place);

    uint64_t seed_;
    uint64_t seeds_given_ = 0;
    std::vector<Installed> installed_;
    std::vector<std::pair<int, uint64_t>> packets_;  // that went through the queues of each step
};

// tc's spelling of a queue's settings. Throws Error naming the parameter.
QdiscSettings queue_settings(const QueueTrick& trick);

}  // namespace tcpwitness
