#include "faults/selector.hh"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

namespace tcpwitness {
namespace {

std::string segments(int64_t count) {
    if (count == 0) return "no segment";
    return count == 1 ? "1 segment" : fmt::format("{} segments", count);
}

// "5 ACK, 1 SYN", the most frequent first.
std::string list_counts(const std::map<std::string, int64_t>& counts) {
    std::vector<std::pair<std::string, int64_t>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text;
    for (const auto& [name, count] : sorted) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
    return text;
}

std::string way_in_words(Way way) {
    if (way == Way::both) return "";
    return way == Way::to_server ? " from client to server" : " from server to client";
}

std::string spell(const std::optional<int64_t>& number) {
    return number ? fmt::format("{}", *number) : "?";
}

}  // namespace

bool SettledNumber::holds(uint32_t absolute_number, std::optional<int64_t> relative_number) const {
    if (absolute) {
        const auto difference = static_cast<int32_t>(absolute_number - static_cast<uint32_t>(number));
        return Comparison{relation, 0}.holds(difference);
    }
    return relative_number && Comparison{relation, number}.holds(*relative_number);
}

Selection::Selection(SegmentSelector selector, std::optional<SettledNumber> sequence,
                     std::optional<SettledNumber> acknowledgment)
    : selector_(std::move(selector)), sequence_(sequence), acknowledgment_(acknowledgment) {}

bool Selection::takes(const PassingSegment& passing) {
    if (!covers(selector_.way, passing.way)) return false;
    const TcpSegment& segment = passing.segment;
    ++passed_;
    ++flags_seen_[flags_to_string(segment.flags)];
    if (!segment.has(selector_.flags_set) || (segment.flags & selector_.flags_clear) != 0) return false;
    ++had_flags_;
    if (!meets_all_but_flags(passing)) return false;
    ++matched_;
    if (matched_ < selector_.nth || exhausted()) return false;
    ++hits_;
    return true;
}

bool Selection::meets_all_but_flags(const PassingSegment& passing) {
    const TcpSegment& segment = passing.segment;
    const auto refuse = [this](std::string why) {
        ++refused_for_[std::move(why)];
        return false;
    };
    if (selector_.payload_length && !selector_.payload_length->holds(segment.payload_length))
        return refuse(fmt::format("with len={}", segment.payload_length));
    if (sequence_ && !sequence_->holds(segment.sequence, passing.sequence))
        return refuse(fmt::format("with seq={}", spell(passing.sequence)));
    const bool acknowledges = segment.has(tcp_flag::kAck);
    if (acknowledgment_ && !(acknowledges && acknowledgment_->holds(segment.acknowledgment, passing.acknowledgment)))
        return refuse(fmt::format("with ack={}", spell(passing.acknowledgment)));
    if (selector_.port && segment.source.port != *selector_.port && segment.destination.port != *selector_.port)
        return refuse(fmt::format("of ports {} and {}", segment.source.port, segment.destination.port));
    if (selector_.family && segment.source.ip.family != *selector_.family)
        return refuse(fmt::format("of {}", to_string(segment.source.ip.family)));
    if (selector_.sending == SegmentSelector::Sending::first && passing.again) return refuse("sent again");
    if (selector_.sending == SegmentSelector::Sending::again && !passing.again)
        return refuse("sent for the first time");
    return true;
}

std::string Selection::shortfall() const {
    if (hits_ >= selector_.count.value_or(1)) return {};
    std::string text = fmt::format("{} passed{}", segments(passed_), way_in_words(selector_.way));
    if (passed_ == 0) return text + " after it was set up";
    if (had_flags_ == 0) return text + fmt::format(", none was {}: {}", selector_.flags_text, list_counts(flags_seen_));
    if (matched_ == 0)
        return text + fmt::format(", {} {}, but none was otherwise as wanted: {}", had_flags_, selector_.flags_text,
                                  list_counts(refused_for_));
    if (hits_ == 0) return text + fmt::format(", {} matched, and number {} was to be hit", matched_, selector_.nth);
    return text + fmt::format(", {} matched and {} hit, but {} were to be hit", matched_,
                              hits_ == 1 ? "1 was" : fmt::format("{} were", hits_), *selector_.count);
}

}  // namespace tcpwitness
