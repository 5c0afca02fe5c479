#include "observers/counters.hh"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

#include "base/error.hh"

namespace tcpwitness {
namespace {

// The groups of /proc/net/snmp6, which writes them and the counter's name as one word. "Udp" stands after "UdpLite".
constexpr std::array<std::string_view, 4> kGroups6{"Ip6", "Icmp6", "UdpLite6", "Udp6"};

std::string_view take_until(std::string_view& text, char separator) {
    const size_t end = text.find(separator);
    const std::string_view first = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    return first;
}

std::string_view take_word(std::string_view& line) {
    const size_t start = line.find_first_not_of(" \t");
    line = start == std::string_view::npos ? std::string_view() : line.substr(start);
    const size_t end = line.find_first_of(" \t");
    const std::string_view word = line.substr(0, end);
    line = end == std::string_view::npos ? std::string_view() : line.substr(end);
    return word;
}

// Counters are unsigned 64 bit numbers in the kernel, and -1 where there is no limit; differences of them are small.
std::optional<int64_t> number_of(std::string_view word) {
    uint64_t value = 0;
    const bool negative = word.starts_with('-');
    if (negative) word.remove_prefix(1);
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (word.empty() || error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return static_cast<int64_t>(negative ? ~value + 1 : value);
}

void parse_pair(std::string_view names, std::string_view numbers, Counters::Values& values) {
    const std::string group(take_until(names, ':'));
    take_until(numbers, ':');
    while (true) {
        const std::string_view name = take_word(names);
        const std::optional<int64_t> number = number_of(take_word(numbers));
        if (name.empty() || !number) return;
        values[group + "." + std::string(name)] = *number;
    }
}

void parse_single(std::string_view line, Counters::Values& values) {
    const std::string_view word = take_word(line);
    const std::optional<int64_t> number = number_of(take_word(line));
    for (const std::string_view group : kGroups6) {
        if (!number || !word.starts_with(group)) continue;
        values[std::string(group) + "." + std::string(word.substr(group.size()))] = *number;
        return;
    }
}

// The whole file in one read: the kernel's answer is of one moment only within a read.
std::string read_from_start(int descriptor) {
    std::string text(65536, '\0');
    ssize_t length = 0;
    size_t filled = 0;
    while ((length = pread(descriptor, text.data() + filled, text.size() - filled, static_cast<off_t>(filled))) != 0) {
        if (length < 0 && errno == EINTR) continue;
        filled += static_cast<size_t>(check_system(length, "pread", "counters in /proc/net"));
        if (filled == text.size()) text.resize(text.size() * 2);
    }
    text.resize(filled);
    return text;
}

}  // namespace

void parse_counters(std::string_view text, Counters::Values& values) {
    while (!text.empty()) {
        const std::string_view line = take_until(text, '\n');
        const size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            parse_single(line, values);
        } else if (text.starts_with(line.substr(0, colon + 1))) {
            parse_pair(line, take_until(text, '\n'), values);
        }
    }
}

Counters::Counters(const NetworkNamespace& network_namespace) {
    const NamespaceGuard inside(network_namespace);
    for (const char* name : {"snmp", "netstat", "snmp6"}) {
        const std::string path = std::string("/proc/thread-self/net/") + name;
        // snmp6 is not there on a kernel without IPv6.
        if (access(path.c_str(), R_OK) == 0) files_.push_back(open_file(path, O_RDONLY));
    }
    start_ = read();
}

Counters::Values Counters::read() {
    Values values;
    for (const FileDescriptor& file : files_) parse_counters(read_from_start(file.get()), values);
    return values;
}

Counters::Values Counters::changes() {
    Values values = read();
    for (auto& [name, value] : values) {
        const auto before = start_.find(name);
        if (before != start_.end()) value -= before->second;
    }
    return values;
}

}  // namespace tcpwitness
