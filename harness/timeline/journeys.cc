// Sendings matched with arrivals.
#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "timeline/timeline.hh"

namespace tcpwitness {
namespace {

// What routers leave alone: not the time to live, not the ECN bits. Compared by content.
struct Identity {
    const TcpSegment* segment = nullptr;

    auto content() const {
        const TcpSegment& s = *segment;
        return std::tie(s.sequence, s.acknowledgment, s.source, s.destination, s.flags, s.window, s.urgent_pointer,
                        s.payload_length, s.payload_hash, s.ip_id, s.options);
    }
    bool operator==(const Identity& other) const { return content() == other.content(); }
};

struct IdentityHash {
    size_t operator()(const Identity& identity) const {
        const TcpSegment& s = *identity.segment;
        uint64_t hash = s.payload_hash;
        for (const uint64_t part : {uint64_t{s.sequence}, uint64_t{s.acknowledgment}, uint64_t{s.flags},
                                    uint64_t{s.ip_id}, uint64_t{s.source.port}, uint64_t{s.payload_length}}) {
            hash = (hash ^ part) * 0x9e3779b97f4a7c15;
            hash ^= hash >> 29;
        }
        return hash;
    }
};

// All sendings and arrivals of identical segments, as indices of events, in the order of time.
struct Alike {
    std::vector<size_t> sent;
    std::vector<size_t> arrived;
};

using Direction4 = std::pair<IpAddress, IpAddress>;

class Matching {
  public:
    explicit Matching(const Timeline& timeline) : events_(timeline.events) { sort_segments(); }

    std::vector<Journey> result() {
        believe_faults();
        measure_flights();
        for (auto& [identity, alike] : alike_) match(alike);
        for (const size_t arrival : damaged_) match_damaged(arrival);
        std::stable_sort(journeys_.begin(), journeys_.end(),
                         [](const Journey& a, const Journey& b) { return place(a) < place(b); });
        return std::move(journeys_);
    }

  private:
    static size_t place(const Journey& journey) {
        return journey.sent && !journey.copy ? *journey.sent : *journey.arrived;
    }

    const TcpSegment& segment(size_t event) const { return std::get<SegmentSeen>(events_[event].body).segment; }

    void sort_segments() {
        for (size_t i = 0; i < events_.size(); ++i) {
            const auto* seen = std::get_if<SegmentSeen>(&events_[i].body);
            if (seen == nullptr) continue;
            if (seen->direction == Direction::sent) {
                alike_[{&seen->segment}].sent.push_back(i);
                sendings_.push_back(i);
            } else if (seen->segment.checksum_good) {
                alike_[{&seen->segment}].arrived.push_back(i);
            } else {
                damaged_.push_back(i);
            }
        }
    }

    // Takes what a fault dropped or made out of the matching. A drop is told some time after it happened.
    void believe_faults() {
        for (const Event& event : events_) {
            const auto* fault = std::get_if<FaultFired>(&event.body);
            if (fault == nullptr || !fault->segment) continue;
            const auto found = alike_.find({&*fault->segment});
            if (found == alike_.end()) continue;
            if (fault->action == "drop" || fault->action == "blackhole") take_dropped(found->second, event.at);
            if (fault->action == "inject" || fault->action == "replay") take_injected(found->second, event.at);
            if (fault->action == "move" && fault->became) take_moved(found->second, *fault->became, event.at);
        }
    }

    // It left as one segment and arrived as another: with other addresses.
    void take_moved(Alike& alike, const TcpSegment& became, Instant told) {
        const auto other = alike_.find({&became});
        const auto sent = std::find_if(alike.sent.rbegin(), alike.sent.rend(),
                                       [&](size_t sending) { return events_[sending].at <= told; });
        if (sent == alike.sent.rend() || other == alike_.end()) return;
        std::vector<size_t>& arrivals = other->second.arrived;
        const auto arrived = std::find_if(arrivals.begin(), arrivals.end(),
                                          [&](size_t arrival) { return events_[arrival].at >= told; });
        if (arrived == arrivals.end()) return;
        journeys_.push_back({.sent = *sent, .arrived = *arrived});
        alike.sent.erase(std::next(sent).base());
        arrivals.erase(arrived);
    }

    void take_dropped(Alike& alike, Instant told) {
        auto last = alike.sent.end();
        for (auto it = alike.sent.begin(); it != alike.sent.end() && events_[*it].at <= told; ++it) last = it;
        if (last == alike.sent.end()) return;
        journeys_.push_back({.sent = *last});
        alike.sent.erase(last);
    }

    void take_injected(Alike& alike, Instant told) {
        const auto distance = [&](size_t arrival) { return std::chrono::abs(events_[arrival].at - told); };
        const auto nearest = std::min_element(alike.arrived.begin(), alike.arrived.end(),
                                              [&](size_t a, size_t b) { return distance(a) < distance(b); });
        if (nearest == alike.arrived.end()) return;
        journeys_.push_back({.arrived = *nearest});
        alike.arrived.erase(nearest);
    }

    // The shortest flight in each direction among segments that cannot be taken for others.
    void measure_flights() {
        for (const auto& [identity, alike] : alike_) {
            if (alike.sent.size() != 1 || alike.arrived.size() != 1) continue;
            const Duration flight = events_[alike.arrived[0]].at - events_[alike.sent[0]].at;
            const TcpSegment& known = *identity.segment;
            auto [entry, fresh] = shortest_.try_emplace({known.source.ip, known.destination.ip}, flight);
            if (!fresh) entry->second = std::min(entry->second, flight);
        }
    }

    // Whether what was sent then can have arrived there. Half of the shortest flight leaves room for measuring.
    bool can_be(size_t sending, size_t arrival) const {
        const Duration flight = events_[arrival].at - events_[sending].at;
        const TcpSegment& one = segment(sending);
        const auto shortest = shortest_.find({one.source.ip, one.destination.ip});
        return flight >= Duration{} && (shortest == shortest_.end() || flight * 2 >= shortest->second);
    }

    void match(const Alike& alike) {
        const bool some_lost = alike.arrived.size() < alike.sent.size();
        std::vector<std::optional<size_t>> arrival_of(alike.sent.size());
        for (const size_t arrival : alike.arrived) {
            const std::optional<size_t> chosen = choose(alike, arrival_of, arrival, some_lost);
            if (chosen) {
                arrival_of[*chosen] = arrival;
            } else {
                journeys_.push_back(surplus(alike, arrival));
            }
        }
        for (size_t i = 0; i < alike.sent.size(); ++i) {
            journeys_.push_back({.sent = alike.sent[i], .arrived = arrival_of[i]});
        }
    }

    std::optional<size_t> choose(const Alike& alike, const std::vector<std::optional<size_t>>& arrival_of,
                                 size_t arrival, bool latest) const {
        std::optional<size_t> chosen;
        for (size_t i = 0; i < alike.sent.size() && events_[alike.sent[i]].at <= events_[arrival].at; ++i) {
            if (arrival_of[i]) continue;
            if (chosen && (!latest || !can_be(alike.sent[i], arrival))) continue;
            chosen = i;
        }
        return chosen;
    }

    // An arrival without a sending of its own: a copy of one that was sent before it, or forged.
    Journey surplus(const Alike& alike, size_t arrival) const {
        Journey journey{.arrived = arrival};
        for (const size_t sending : alike.sent) {
            if (events_[sending].at <= events_[arrival].at) journey.sent = sending;
        }
        journey.copy = journey.sent.has_value();
        return journey;
    }

    // Bits that differ, besides the time to live and the IP header's checksum, which routers change.
    static int different_bits(const std::string& a, const std::string& b) {
        const bool ipv4 = !a.empty() && static_cast<uint8_t>(a[0]) >> 4 == 4;
        int bits = 0;
        for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
            if (ipv4 ? i == 8 || i == 10 || i == 11 : i == 7) continue;
            bits += std::popcount(static_cast<uint8_t>(a[i] ^ b[i]));
        }
        return bits;
    }

    // Most of the header is the same: worth a look at every bit.
    static bool resemble(const TcpSegment& a, const TcpSegment& b) {
        const int same = (a.sequence == b.sequence) + (a.acknowledgment == b.acknowledgment) + (a.source == b.source) +
                         (a.destination == b.destination) + (a.ip_id == b.ip_id) +
                         (a.payload_length == b.payload_length);
        return same >= 5;
    }

    // An arrival with a bad checksum belongs to the sending that differs in the fewest bits: rather to one that did not
    // arrive. netem damages one bit; more than eight are another segment.
    void match_damaged(size_t arrival) {
        constexpr int kMostBits = 8;
        std::tuple<bool, int, size_t> best{true, kMostBits + 1, 0};
        for (const size_t sending : sendings_) {
            if (events_[sending].at > events_[arrival].at) break;
            if (!resemble(segment(sending), segment(arrival))) continue;
            const int bits = different_bits(segment(sending).raw, segment(arrival).raw);
            if (bits <= kMostBits) best = std::min(best, {journey_without_arrival(sending) == nullptr, bits, sending});
        }
        const auto [copy, bits, sending] = best;
        if (bits > kMostBits) {
            journeys_.push_back({.arrived = arrival});
        } else if (copy) {
            journeys_.push_back({.sent = sending, .arrived = arrival, .copy = true, .corrupted = true});
        } else {
            Journey* journey = journey_without_arrival(sending);
            journey->arrived = arrival;
            journey->corrupted = true;
        }
    }

    Journey* journey_without_arrival(size_t sending) {
        for (Journey& journey : journeys_) {
            if (journey.sent == sending && !journey.arrived) return &journey;
        }
        return nullptr;
    }

    const std::vector<Event>& events_;
    std::unordered_map<Identity, Alike, IdentityHash> alike_;
    std::vector<size_t> sendings_;
    std::vector<size_t> damaged_;
    std::map<Direction4, Duration> shortest_;
    std::vector<Journey> journeys_;
};

}  // namespace

std::vector<Journey> journeys(const Timeline& timeline) {
    return Matching(timeline).result();
}

}  // namespace tcpwitness
