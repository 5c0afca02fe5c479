#include "case/selector_reader.hh"

#include <fmt/core.h>

#include "base/tcp_flags.hh"
#include "case/value_parser.hh"

namespace tcpwitness {
namespace {

constexpr int64_t kMostSegments = 1'000'000;

uint8_t flag(std::string_view name) {
    return tcp_flag_bit(name).value();
}

void read_flags(TrickValues& values, SegmentSelector& selector) {
    const std::vector<CaseText>& words = values.text().positional;
    if (words.size() > 1 && words[1].text() != "any") {
        const uint8_t named = parse_flags(words[1], values.scope().diagnostics()).value_or(0);
        selector.flags_text = words[1].text();
        selector.flags_set = named;
        selector.flags_clear = static_cast<uint8_t>((flag("SYN") | flag("FIN") | flag("RST") | flag("URG")) & ~named);
        if ((named & flag("SYN")) != 0 && (named & flag("ACK")) == 0) selector.flags_clear |= flag("ACK");
    }
    for (const std::string_view name : {"least", "not"}) {
        const CaseText* text = values.find(name);
        if (text == nullptr) continue;
        const std::optional<uint8_t> flags = parse_flags(*text, values.scope().diagnostics());
        if (!flags) values.refuse(*text, fmt::format("'{}' takes TCP flags", name));
        (name == "least" ? selector.flags_set : selector.flags_clear) |= flags.value_or(0);
        selector.flags_text += name == "least" ? " with " : " without ";
        selector.flags_text += text->text();
    }
    if ((selector.flags_set & selector.flags_clear) != 0)
        values.refuse(values.text().name, "a flag is both wanted and forbidden: no segment can match");
}

void read_which(TrickValues& values, SegmentSelector& selector) {
    if (const auto nth = values.number("nth", 1, kMostSegments)) selector.nth = *nth;
    const CaseText* count = values.find("count");
    if (count != nullptr && count->text() == "all") {
        selector.count.reset();
    } else if (const auto number = values.number("count", 1, kMostSegments)) {
        selector.count = *number;
    }
}

}  // namespace

SegmentSelector read_selector(TrickValues& values) {
    SegmentSelector selector;
    selector.way = parse_way(values.text().positional.at(0).text()).value_or(Way::to_server);
    read_flags(values, selector);
    read_which(values, selector);
    selector.payload_length = values.comparison("len");
    const std::string payload = values.word("payload", {"some", "none"});
    if (!payload.empty() && selector.payload_length)
        values.refuse(*values.find("payload"), "'payload' and 'len' say the same");
    if (payload == "some") selector.payload_length = Comparison{Relation::greater, 0};
    if (payload == "none") selector.payload_length = Comparison{Relation::equal, 0};
    selector.sequence = values.number_test("seq");
    selector.acknowledgment = values.number_test("ack");
    if (const auto port = values.number("port", 1, kHighestPort)) selector.port = static_cast<uint16_t>(*port);
    const std::string family = values.word("family", {"ipv4", "ipv6"});
    if (!family.empty()) selector.family = family == "ipv4" ? Family::ipv4 : Family::ipv6;
    const std::string sending = values.word("sending", {"first", "again"});
    if (sending == "first") selector.sending = SegmentSelector::Sending::first;
    if (sending == "again") selector.sending = SegmentSelector::Sending::again;
    return selector;
}

}  // namespace tcpwitness
