#include "case/forged_reader.hh"

#include <fmt/core.h>

#include "case/text_scanner.hh"
#include "case/value_parser.hh"

namespace tcpwitness {
namespace {

constexpr int64_t kMostIn16Bits = 65535;
constexpr int64_t kMostIn8Bits = 255;

// "c.rcv_nxt+10:c.rcv_nxt+20 c.rcv_nxt+30:c.rcv_nxt+40"
void read_sack(TrickValues& values, ForgedOptions& options) {
    const CaseText* text = values.find("sack");
    if (text == nullptr) return;
    for (const CaseText& block : split_words(*text)) {
        const size_t colon = block.text().find(':');
        if (colon == std::string::npos)
            return values.refuse(block, fmt::format("'{}' is not a block", block.text()),
                                 "write 'c.rcv_nxt+10:c.rcv_nxt+20'");
        const std::optional<Expression> left = values.expression_of(block.part(0, colon));
        const std::optional<Expression> right = values.expression_of(block.part(colon + 1));
        if (left && right) options.sack.emplace_back(*left, *right);
    }
}

ForgedOptions read_options(TrickValues& values) {
    constexpr int64_t kMostShift = 255;
    ForgedOptions options;
    if (const auto mss = values.number("mss", 0, kMostIn16Bits)) options.mss = static_cast<uint16_t>(*mss);
    if (const auto shift = values.number("wscale", 0, kMostShift)) options.window_scale = static_cast<uint8_t>(*shift);
    options.sack_permitted = values.has_switch("sackok");
    options.timestamp = values.numbers("tsval");
    options.timestamp_echo = values.numbers("tsecr");
    options.timestamps = values.has_switch("ts") || options.timestamp || options.timestamp_echo;
    read_sack(values, options);
    return options;
}

void read_payload(TrickValues& values, InjectTrick& trick) {
    constexpr int64_t kMostPayload = 65000;
    if (const auto length = values.number("len", 0, kMostPayload)) trick.length = *length;
    const CaseText* data = values.find("data");
    if (data == nullptr) return;
    if (values.find("len") != nullptr) values.refuse(*data, "'data' and 'len' say the same");
    trick.payload = data->text();
    if (trick.payload.size() >= 2 && trick.payload.front() == '"' && trick.payload.back() == '"')
        trick.payload = trick.payload.substr(1, trick.payload.size() - 2);
    trick.length = static_cast<int64_t>(trick.payload.size());
}

}  // namespace

PathTrick read_inject(TrickValues& values) {
    InjectTrick trick;
    trick.way = parse_way(values.text().positional.at(0).text()).value_or(Way::to_client);
    const CaseText& flags = values.text().positional.at(1);
    if (flags.text() != "none") trick.flags = parse_flags(flags, values.scope().diagnostics()).value_or(0);
    trick.about = values.socket("about");
    if (const auto port = values.number("from", 1, kMostIn16Bits)) trick.source_port = static_cast<uint16_t>(*port);
    if (const auto port = values.number("to", 1, kMostIn16Bits)) trick.destination_port = static_cast<uint16_t>(*port);
    trick.sequence = values.numbers("seq");
    trick.acknowledgment = values.numbers("ack");
    trick.window = values.number("win", 0, kMostIn16Bits);
    if (const auto urgent = values.number("urg", 0, kMostIn16Bits))
        trick.urgent_pointer = static_cast<uint16_t>(*urgent);
    if (const auto ttl = values.number("ttl", 1, kMostIn8Bits)) trick.ttl = static_cast<uint8_t>(*ttl);
    trick.bad_checksum = values.word("checksum", {"good", "bad"}) == "bad";
    trick.options = read_options(values);
    read_payload(values, trick);
    return trick;
}

}  // namespace tcpwitness
