#include "base/time.hh"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace tcpwitness {
namespace {

struct Unit {
    std::string_view name;
    double nanoseconds;
};

constexpr std::array<Unit, 6> kUnits{{{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}, {"h", 3600e9}}};

std::string in_unit(double nanoseconds, const Unit& unit) {
    return fmt::format("{:.4g}{}", nanoseconds / unit.nanoseconds, unit.name);
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || number < 0) return std::nullopt;
    const std::string_view name(end, static_cast<size_t>(text.data() + text.size() - end));
    for (const Unit& unit : kUnits) {
        if (name != unit.name) continue;
        const double nanoseconds = number * unit.nanoseconds;
        if (nanoseconds > 9e18) return std::nullopt;
        return Duration(std::llround(nanoseconds));
    }
    return std::nullopt;
}

std::string format_duration(Duration duration) {
    const double nanoseconds = static_cast<double>(duration.count());
    const double size = std::abs(nanoseconds);
    if (size == 0) return "0s";
    if (size < 1e3) return in_unit(nanoseconds, kUnits[0]);
    if (size < 999.95e3) return in_unit(nanoseconds, kUnits[1]);
    if (size < 999.95e6) return in_unit(nanoseconds, kUnits[2]);
    return in_unit(nanoseconds, kUnits[3]);
}

}  // namespace tcpwitness
