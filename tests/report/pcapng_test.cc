#include "report/pcapng.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/file_descriptor.hh"
#include "records.hh"

namespace tcpwitness {
namespace {

// A bare IPv4 packet with a TCP header, without checksums.
std::string raw_packet(const TcpSegment& segment) {
    std::string raw(40, '\0');
    const auto put = [&raw](size_t at, uint32_t value, int bytes) {
        for (int i = 0; i < bytes; ++i)
            raw[at + static_cast<size_t>(i)] = static_cast<char>(value >> (8 * (bytes - 1 - i)));
    };
    put(0, 0x45, 1);
    put(2, 40 + segment.payload_length, 2);
    put(8, 64, 1);
    put(9, 6, 1);
    std::memcpy(&raw[12], segment.source.ip.bytes.data(), 4);
    std::memcpy(&raw[16], segment.destination.ip.bytes.data(), 4);
    put(20, segment.source.port, 2);
    put(22, segment.destination.port, 2);
    put(24, segment.sequence, 4);
    put(28, segment.acknowledgment, 4);
    put(32, 0x50, 1);
    put(33, segment.flags, 1);
    return raw;
}

Record record_with_bytes() {
    Record record = passed_record();
    for (Event& event : record.timeline.events) {
        if (auto* seen = std::get_if<SegmentSeen>(&event.body)) seen->segment.raw = raw_packet(seen->segment);
    }
    return record;
}

uint32_t number_at(const std::string& file, size_t at) {
    uint32_t value = 0;
    std::memcpy(&value, file.data() + at, 4);
    return value;
}

TEST(Pcapng, BlocksAreWholeAndCountTwoInterfacesAndEveryPacket) {
    const Record record = record_with_bytes();
    const std::string file = pcapng(record);
    size_t interfaces = 0, at = 0;
    std::ptrdiff_t packets = 0;
    while (at + 12 <= file.size()) {
        const uint32_t length = number_at(file, at + 4);
        ASSERT_EQ(length % 4, 0U);
        ASSERT_GE(length, 12U);
        ASSERT_LE(at + length, file.size());
        EXPECT_EQ(number_at(file, at + length - 4), length);
        interfaces += number_at(file, at) == 1;
        packets += number_at(file, at) == 6;
        at += length;
    }
    EXPECT_EQ(at, file.size());
    EXPECT_EQ(interfaces, 2U);
    const auto is_segment = [](const Event& event) { return std::holds_alternative<SegmentSeen>(event.body); };
    EXPECT_EQ(packets, std::count_if(record.timeline.events.begin(), record.timeline.events.end(), is_segment));
    EXPECT_NE(file.find("client c FIN_WAIT_2 -> TIME_WAIT"), std::string::npos);
    EXPECT_NE(file.find("client c TIME_WAIT -> CLOSED (timer)"), std::string::npos) << "behind the last packet";
}

TEST(Pcapng, WithoutCapturedBytesThereAreNoPackets) {
    const std::string file = pcapng(passed_record());
    EXPECT_EQ(number_at(file, 0), 0x0a0d0d0aU);
    EXPECT_EQ(number_at(file, 4), file.size()) << "one block";
}

TEST(Pcapng, TsharkReadsIt) {
    if (std::system("tshark --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "tshark is not installed";
    const auto path = std::filesystem::temp_directory_path() / ("tcpwitness-" + std::to_string(getpid()) + ".pcapng");
    write_file(path, pcapng(record_with_bytes()));
    const std::string command =
        "tshark -r " + path.string() +
        " -T fields -e frame.interface_name -e frame.time_epoch -e tcp.flags.str -e frame.comment"
        " > " +
        path.string() + ".txt 2>" + path.string() + ".err";
    EXPECT_EQ(std::system(command.c_str()), 0);
    const std::string text = read_file(path.string() + ".txt");
    EXPECT_NE(text.find("server eth0\t0.00242"), std::string::npos) << text << read_file(path.string() + ".err");
    EXPECT_NE(text.find("client: connect(c, server:7000) = 0"), std::string::npos) << text;
    for (const char* ending : {"", ".txt", ".err"}) std::filesystem::remove(path.string() + ending);
}

}  // namespace
}  // namespace tcpwitness
