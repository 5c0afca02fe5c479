#include "report/pcapng.hh"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "report/event_words.hh"
#include "report/failure_text.hh"

namespace tcpwitness {
namespace {

// Block types, option codes and link type as the draft and tcpdump.org/linktypes number them.
constexpr uint32_t kSectionHeader = 0x0a0d0d0a, kInterfaceDescription = 1, kEnhancedPacket = 6;
constexpr uint16_t kComment = 1, kApplication = 4, kInterfaceName = 2, kTimeResolution = 9, kPacketFlags = 2;
constexpr uint16_t kLinkTypeRaw = 101;  // packets begin with their IP header
constexpr uint32_t kInbound = 1, kOutbound = 2;
constexpr size_t kLongestOption = 65535;

template <typename Integer>
std::string number(Integer value) {
    std::string bytes;
    for (size_t i = 0; i < sizeof(Integer); ++i) {
        bytes += static_cast<char>(static_cast<uint64_t>(value) >> (8 * i) & 0xff);
    }
    return bytes;
}

std::string padded(std::string bytes) {
    bytes.resize((bytes.size() + 3) / 4 * 4);
    return bytes;
}

std::string option(uint16_t code, std::string_view value) {
    value = value.substr(0, kLongestOption);
    return number(code) + number(static_cast<uint16_t>(value.size())) + padded(std::string(value));
}

std::string block(uint32_t type, const std::string& body, const std::string& options) {
    const std::string content = body + options + (options.empty() ? "" : number(uint32_t{0}));
    const std::string length = number(static_cast<uint32_t>(content.size() + 12));
    return number(type) + length + content + length;
}

struct Packet {
    uint32_t interface = 0;
    Instant at{};
    Direction direction = Direction::sent;
    std::string_view raw;
    std::vector<std::string> comments;
};

// The length in the IP header; the capture may hold less.
uint32_t length_on_the_wire(std::string_view raw) {
    const auto byte = [raw](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(raw[i])); };
    uint32_t length = 0;
    if (raw.size() >= 20 && byte(0) >> 4 == 4) length = byte(2) << 8 | byte(3);
    if (raw.size() >= 40 && byte(0) >> 4 == 6) length = 40 + (byte(4) << 8 | byte(5));
    return std::max(length, static_cast<uint32_t>(raw.size()));
}

class Capture {
  public:
    explicit Capture(const Record& record) : record_(record), words_(record.plan, record.timeline) {
        const std::vector<Event>& events = record.timeline.events;
        for (size_t i = 0; i < events.size(); ++i) {
            if (const auto* segment = std::get_if<SegmentSeen>(&events[i].body)) {
                add_packet(i, segment->host, segment->interface, segment->direction, segment->segment.raw);
            } else if (const auto* packet = std::get_if<PacketSeen>(&events[i].body)) {
                add_packet(i, packet->host, packet->interface, packet->direction, packet->raw);
            } else {
                add_comment(i);
            }
        }
        if (packets_.empty()) return;
        auto& last = packets_.back().comments;
        last.insert(last.end(), pending_.begin(), pending_.end());
    }

    std::string file() const {
        std::string bytes = section_header();
        for (const std::string& interface : interfaces_) {
            const std::string body = number(kLinkTypeRaw) + number(uint16_t{0}) + number(uint32_t{0});
            bytes +=
                block(kInterfaceDescription, body, option(kInterfaceName, interface) + option(kTimeResolution, "\x09"));
        }
        for (const Packet& packet : packets_) bytes += packet_block(packet);
        return bytes;
    }

  private:
    // A segment without its bytes, as in a Timeline made by hand, cannot be shown.
    void add_packet(size_t event, const std::string& host, const std::string& interface, Direction direction,
                    std::string_view raw) {
        if (raw.empty()) return;
        const std::string name = host + " " + interface;
        auto place = std::find(interfaces_.begin(), interfaces_.end(), name);
        if (place == interfaces_.end()) place = interfaces_.insert(interfaces_.end(), name);
        packets_.push_back({static_cast<uint32_t>(place - interfaces_.begin()), record_.timeline.events[event].at,
                            direction, raw, std::exchange(pending_, {})});
        packets_.back().comments.push_back(words_.describe(event));
    }

    void add_comment(size_t event) {
        const std::string words = words_.describe(event);
        if (words.empty()) return;
        const double seconds = std::chrono::duration<double>(record_.timeline.events[event].at).count();
        pending_.push_back(fmt::format("{:.6f} {}", seconds, safe_text(words)));
    }

    std::string section_header() const {
        const std::string body =
            number(uint32_t{0x1a2b3c4d}) + number(uint16_t{1}) + number(uint16_t{0}) + number(~uint64_t{0});
        const std::string about = display_name(record_.plan) + "; " + observed_text(record_);
        return block(kSectionHeader, body,
                     option(kComment, about) + option(kApplication, fmt::format("tcpwitness {}", tool_version())));
    }

    static std::string packet_block(const Packet& packet) {
        const auto at = static_cast<uint64_t>(packet.at.count());
        const std::string body = number(packet.interface) + number(static_cast<uint32_t>(at >> 32)) +
                                 number(static_cast<uint32_t>(at)) + number(static_cast<uint32_t>(packet.raw.size())) +
                                 number(length_on_the_wire(packet.raw)) + padded(std::string(packet.raw));
        std::string options;
        for (const std::string& comment : packet.comments) options += option(kComment, comment);
        options += option(kPacketFlags, number(packet.direction == Direction::sent ? kOutbound : kInbound));
        return block(kEnhancedPacket, body, options);
    }

    const Record& record_;
    EventWords words_;
    std::vector<std::string> interfaces_;
    std::vector<Packet> packets_;
    std::vector<std::string> pending_;
};

}  // namespace

std::string pcapng(const Record& record) {
    return Capture(record).file();
}

}  // namespace tcpwitness
