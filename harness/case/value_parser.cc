#include "case/value_parser.hh"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/socket_names.hh"
#include "base/tcp_flags.hh"
#include "case/text_scanner.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kPlusMinus = "+-";

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

bool is_two_msl(std::string_view text) {
    return text == "2MSL" || text == "2msl";
}

// "2s +-10%", "2s +-50ms"
std::optional<DurationRange> parse_around(std::string_view text) {
    const size_t sign = text.find(kPlusMinus);
    if (sign == std::string_view::npos) return std::nullopt;
    const std::optional<Duration> middle = parse_duration(trimmed(text.substr(0, sign)));
    const std::string_view spread_text = trimmed(text.substr(sign + kPlusMinus.size()));
    if (!middle) return std::nullopt;
    std::optional<Duration> spread = parse_duration(spread_text);
    const std::optional<double> relative = parse_percent(spread_text);
    if (relative) spread = std::chrono::duration_cast<Duration>(*middle * *relative);
    if (!spread || *spread > Duration::max() / 4 || *middle > Duration::max() / 4) return std::nullopt;
    return DurationRange{std::max(*middle - *spread, Duration::zero()), *middle + *spread};
}

// "150ms..2s", "2s..", "..2s"
std::optional<DurationRange> parse_range(std::string_view text) {
    const size_t dots = text.find("..");
    if (dots == std::string_view::npos) return parse_around(text);
    const std::string_view first = trimmed(text.substr(0, dots));
    const std::string_view last = trimmed(text.substr(dots + 2));
    DurationRange range{Duration::zero(), Duration::max()};
    const std::optional<Duration> least = parse_duration(first);
    const std::optional<Duration> most = parse_duration(last);
    if ((first.empty() && last.empty()) || (!first.empty() && !least) || (!last.empty() && !most)) return std::nullopt;
    if (least) range.least = *least;
    if (most) range.most = *most;
    if (range.least > range.most) return std::nullopt;
    return range;
}

}  // namespace

std::optional<CaseDuration> parse_length(const CaseText& text, Diagnostics& diagnostics) {
    if (is_two_msl(text.text())) return CaseDuration{.two_msl = true, .text = text.text()};
    const std::optional<Duration> duration = parse_duration(text.text());
    if (!duration) {
        diagnostics.add(text.at(0), fmt::format("'{}' is not a duration", text.text()),
                        "write '200ms', '1.5s', '2min' or '2MSL'");
        return std::nullopt;
    }
    return CaseDuration{.range = {*duration, *duration}, .text = text.text()};
}

std::optional<CaseDuration> parse_measure(const CaseText& text, Diagnostics& diagnostics) {
    if (is_two_msl(text.text())) return CaseDuration{.two_msl = true, .text = text.text()};
    const std::optional<DurationRange> range = parse_range(text.text());
    if (range) return CaseDuration{.range = *range, .text = text.text()};
    const std::string message = parse_duration(text.text()) ? fmt::format("no measured time is exactly {}", text.text())
                                                            : fmt::format("'{}' is not a range of time", text.text());
    diagnostics.add(text.at(0), message, "write '150ms..2s', '2s..', '..2s', '2s +-10%' or '2MSL'");
    return std::nullopt;
}

std::optional<double> parse_percent(std::string_view text) {
    if (text.starts_with(kPlusMinus)) text = trimmed(text.substr(kPlusMinus.size()));
    if (!text.ends_with('%')) return std::nullopt;
    text = trimmed(text.substr(0, text.size() - 1));
    double number = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number, std::chars_format::fixed);
    if (error != std::errc{} || end != last || number < 0 || number > 100) return std::nullopt;
    return number / 100;
}

std::optional<uint8_t> parse_flags(const CaseText& text, Diagnostics& diagnostics) {
    uint8_t flags = 0;
    bool good = true;
    for (const CaseText& word : split_words(text)) {
        const std::optional<uint8_t> bit = tcp_flag_bit(word.text());
        if (!bit) add_unknown(diagnostics, word.at(0), "TCP flag", word.text(), tcp_flag_names());
        good = good && bit;
        flags |= bit.value_or(0);
    }
    if (!good) return std::nullopt;
    if (flags == 0) diagnostics.add(text.at(0), "no TCP flags here", "write 'SYN', 'FIN ACK', 'RST'");
    return flags == 0 ? std::nullopt : std::optional(flags);
}

std::optional<std::pair<std::string, std::string>> parse_direction(const CaseText& text, Diagnostics& diagnostics) {
    const std::vector<CaseText> ends = split_text(text, ">");
    const auto is_end = [](const CaseText& end) { return end.text() == "client" || end.text() == "server"; };
    if (ends.size() == 2 && is_end(ends[0]) && is_end(ends[1]) && ends[0].text() != ends[1].text()) {
        return std::pair{ends[0].text(), ends[1].text()};
    }
    diagnostics.add(text.at(0), fmt::format("'{}' is not a direction", text.text()),
                    "write 'client > server' or 'server > client'");
    return std::nullopt;
}

std::optional<Comparison> parse_comparison(const CaseText& text, Diagnostics& diagnostics) {
    const std::optional<Comparison> comparison = parse_comparison(std::string_view(text.text()));
    if (!comparison) {
        diagnostics.add(text.at(0), fmt::format("'{}' is neither a number nor a comparison", text.text()),
                        "write '1', '>= 1' or '!= 0' (in quotes when it begins with '>' or '!')");
    }
    return comparison;
}

std::optional<ExitOutcome> parse_exit_outcome(const CaseText& text, Diagnostics& diagnostics) {
    constexpr int64_t kLargestStatus = 255;
    const std::optional<int64_t> status = parse_integer(text.text());
    if (status && *status >= 0 && *status <= kLargestStatus)
        return ExitOutcome{.exit_status = static_cast<int>(*status)};
    if (text.text().starts_with("SIG")) {
        const std::optional<int> signal = parse_signal(text, diagnostics);
        if (!signal) return std::nullopt;
        return ExitOutcome{.signal = *signal};
    }
    diagnostics.add(text.at(0), fmt::format("'{}' is neither an exit status nor a signal", text.text()),
                    "write 0 to 255, or a signal's name as 'SIGINT'");
    return std::nullopt;
}

std::optional<int> parse_signal(const CaseText& text, Diagnostics& diagnostics) {
    const std::optional<int> number = signal_number(text.text());
    if (number) return number;
    static const std::vector<std::string> kCommon{"SIGINT",  "SIGTERM", "SIGKILL", "SIGHUP",  "SIGQUIT", "SIGSTOP",
                                                  "SIGCONT", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGABRT", "SIGALRM"};
    add_unknown(diagnostics, text.at(0), "signal", text.text(), kCommon);
    return std::nullopt;
}

bool is_sysctl_key(std::string_view text) {
    const auto is_letter = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
    };
    return text.starts_with("net.") && text.size() > 5 && !text.ends_with('.') &&
           text.find("..") == std::string_view::npos && std::all_of(text.begin(), text.end(), is_letter);
}

bool is_counter_name(std::string_view text) {
    const size_t dot = text.find('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 1 == text.size()) return false;
    const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    return is_letter(text.front()) &&
           std::all_of(text.begin() + static_cast<ptrdiff_t>(dot) + 1, text.end(), is_letter) &&
           std::all_of(text.begin(), text.begin() + static_cast<ptrdiff_t>(dot), is_letter);
}

}  // namespace tcpwitness
