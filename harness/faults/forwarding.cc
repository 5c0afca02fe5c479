#include "faults/forwarding.hh"

#include <fmt/core.h>

#include <algorithm>

#include "base/error.hh"
#include "faults/packet.hh"

namespace tcpwitness {
namespace {

// How much of what passed is kept for a replay.
constexpr size_t kRememberedBytes = 16 << 20;

std::optional<TcpSegment> decode(const PathPacket& packet) {
    return decode_tcp_segment(packet.bytes, false);
}

FaultFired fired(int step, std::string_view action, std::optional<TcpSegment> segment) {
    return {.step = step, .action = std::string(action), .segment = std::move(segment)};
}

}  // namespace

void Forwarding::add(int step, const FaultTrick& trick, Selection selection) {
    rules_.push_back({step, trick, std::move(selection)});
}

void Forwarding::set_blackhole(int step, const BlackholeTrick& trick) {
    if (trick.on) {
        blackholes_.push_back({.step = step, .way = trick.way});
        return;
    }
    bool ended = false;
    for (Blackhole& blackhole : blackholes_) {
        if (!blackhole.on || !covers(trick.way, blackhole.way)) continue;
        blackhole.on = false;
        ended = true;
    }
    if (!ended) throw Error("there is no blackhole to end in this direction");
}

Decision Forwarding::take(PathPacket packet, Instant now) {
    Decision decision;
    const std::optional<TcpSegment> as_sent = decode(packet);
    if (!take_hop(packet.bytes)) return decision;
    if (!as_sent) {
        if (!swallow(packet, {}, decision)) pass(std::move(packet), decision);
        return decision;
    }
    if (!come_back(packet, *as_sent, decision)) return decision;
    const PassingSegment passing = passing_.take(packet.way, *decode(packet));
    remember(passing, packet);
    if (swallow(packet, as_sent, decision)) return decision;
    if (Rule* rule = rule_for(passing)) {
        act(*rule, std::move(packet), *as_sent, now, decision);
    } else {
        pass(std::move(packet), decision);
    }
    return decision;
}

bool Forwarding::swallow(const PathPacket& packet, const std::optional<TcpSegment>& segment, Decision& decision) {
    for (Blackhole& blackhole : blackholes_) {
        if (!blackhole.on || !covers(blackhole.way, packet.way)) continue;
        ++blackhole.packets;
        decision.fired.push_back(fired(blackhole.step, "blackhole", segment));
        return true;
    }
    return false;
}

// Every rule before the one that acts has seen the segment, so that it counts it for its nth.
Forwarding::Rule* Forwarding::rule_for(const PassingSegment& passing) {
    for (Rule& rule : rules_) {
        if (rule.selection.takes(passing)) return &rule;
    }
    return nullptr;
}

void Forwarding::act(Rule& rule, PathPacket packet, const TcpSegment& segment, Instant now, Decision& decision) {
    FaultFired event = fired(rule.step, to_string(rule.trick.fault), segment);
    if (rule.trick.fault == FaultKind::corrupt) return corrupt(rule, std::move(packet), std::move(event), decision);
    decision.fired.push_back(std::move(event));
    switch (rule.trick.fault) {
        case FaultKind::drop:
        case FaultKind::corrupt:
            return;
        case FaultKind::delay:
            return wait({rule.step, now + rule.trick.by, std::move(packet)});
        case FaultKind::duplicate:
            return duplicate(rule, std::move(packet), now, decision);
        case FaultKind::reorder:
            overtaken_.push_back({rule.step, rule.trick.behind, std::move(packet)});
            return;
        case FaultKind::hold:
            held_.push_back({rule.step, rule.trick.name, std::move(packet)});
            return;
    }
}

void Forwarding::corrupt(const Rule& rule, PathPacket packet, FaultFired event, Decision& decision) {
    if (!flip_tcp_bit(packet.bytes, rule.trick.bit))
        throw Error(fmt::format("the segment has no bit {}: it ends before", rule.trick.bit.value_or(0)));
    event.became = decode(packet);
    decision.fired.push_back(std::move(event));
    pass(std::move(packet), decision);
}

void Forwarding::duplicate(const Rule& rule, PathPacket packet, Instant now, Decision& decision) {
    pass(packet, decision);
    for (int copy = 1; copy <= rule.trick.copies; ++copy) {
        if (rule.trick.by > Duration{}) {
            wait({rule.step, now + copy * rule.trick.by, packet});
        } else {
            pass(packet, decision);
        }
    }
}

void Forwarding::wait(Waiting waiting) {
    const auto later = std::upper_bound(waiting_.begin(), waiting_.end(), waiting.due,
                                        [](Instant due, const Waiting& each) { return due < each.due; });
    waiting_.insert(later, std::move(waiting));
}

std::optional<Instant> Forwarding::next_due() const {
    return waiting_.empty() ? std::nullopt : std::optional(waiting_.front().due);
}

Decision Forwarding::due(Instant now) {
    Decision decision;
    while (!waiting_.empty() && waiting_.front().due <= now) {
        PathPacket packet = std::move(waiting_.front().packet);
        waiting_.pop_front();
        pass(std::move(packet), decision);
    }
    return decision;
}

// What was to be overtaken follows as soon as enough others have passed it.
void Forwarding::pass(PathPacket packet, Decision& decision) {
    const Way way = packet.way;
    send(std::move(packet), decision);
    std::list<Overtaken> ready;
    for (auto it = overtaken_.begin(); it != overtaken_.end();) {
        const auto next = std::next(it);
        if (it->packet.way == way && --it->behind <= 0) ready.splice(ready.end(), overtaken_, it);
        it = next;
    }
    for (Overtaken& each : ready) send(std::move(each.packet), decision);
}

Decision Forwarding::release(int step, const ReleaseTrick& trick) {
    std::vector<PathPacket> released;
    for (auto it = held_.begin(); it != held_.end();) {
        const bool meant = trick.name.empty() || it->name == trick.name;
        if (meant) released.push_back(std::move(it->packet));
        it = meant ? held_.erase(it) : std::next(it);
    }
    if (released.empty())
        throw Error(trick.name.empty() ? "nothing is held" : fmt::format("nothing is held as '{}'", trick.name));
    if (trick.reversed) std::reverse(released.begin(), released.end());
    Decision decision;
    for (PathPacket& packet : released) {
        decision.fired.push_back(fired(step, "release", decode(packet)));
        pass(std::move(packet), decision);
    }
    return decision;
}

void Forwarding::remember(const PassingSegment& segment, const PathPacket& packet) {
    passed_bytes_ += packet.bytes.size();
    passed_.push_back({segment, packet});
    while (passed_bytes_ > kRememberedBytes) {
        passed_bytes_ -= passed_.front().packet.bytes.size();
        passed_.pop_front();
    }
}

Decision Forwarding::replay(int step, const ReplayTrick& trick, Selection selection) {
    const Passed* chosen = nullptr;
    for (const Passed& passed : passed_) {
        if (selection.takes(passed.segment) && (trick.latest || chosen == nullptr)) chosen = &passed;
    }
    if (chosen == nullptr) throw Error(selection.shortfall());
    Decision decision;
    decision.fired.push_back(fired(step, "replay", chosen->segment.segment));
    pass(chosen->packet, decision);
    return decision;
}

// An answer to where a host seems to be goes to where it is. False: it went where nobody is any more.
bool Forwarding::come_back(PathPacket& packet, const TcpSegment& segment, Decision& decision) {
    for (Move& move : moves_) {
        const AddressMove::Return result = move.move.come_back(packet.bytes, packet.way, segment);
        if (result == AddressMove::Return::untouched) continue;
        ++move.packets;
        if (result == AddressMove::Return::dead) {
            decision.fired.push_back(fired(move.step, "drop", segment));
            return false;
        }
        decision.fired.push_back(fired(move.step, "move", segment));
        decision.fired.back().became = decode(packet);
        return true;
    }
    return true;
}

void Forwarding::send(PathPacket packet, Decision& decision) {
    const std::optional<TcpSegment> before = moves_.empty() ? std::nullopt : decode(packet);
    for (Move& move : moves_) {
        if (!before || !move.move.leave(packet.bytes, packet.way, *before)) continue;
        ++move.packets;
        decision.fired.push_back(fired(move.step, "move", before));
        decision.fired.back().became = decode(packet);
        break;
    }
    decision.send.push_back(std::move(packet));
}

std::vector<std::pair<int, std::string>> Forwarding::shortfalls() const {
    std::vector<std::pair<int, std::string>> all;
    for (const Rule& rule : rules_) {
        if (std::string why = rule.selection.shortfall(); !why.empty()) all.emplace_back(rule.step, std::move(why));
    }
    for (const Blackhole& blackhole : blackholes_) {
        if (blackhole.packets == 0) all.emplace_back(blackhole.step, "nothing came that it could swallow");
    }
    for (const Move& move : moves_) {
        if (move.packets == 0) all.emplace_back(move.step, "nothing passed that it could rewrite");
    }
    for (const Waiting& waiting : waiting_)
        all.emplace_back(waiting.step, "the story ended before the segment was due");
    for (const Overtaken& each : overtaken_) {
        all.emplace_back(
            each.step,
            fmt::format("the segment was to go after {} more, but the story ended before they came", each.behind));
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return all;
}

}  // namespace tcpwitness
