#include "cli/record_argument.hh"

#include <fmt/core.h>

#include "base/error.hh"
#include "record/record_file.hh"

namespace tcpwitness {

std::optional<Record> read_or_complain(const std::string& path) {
    try {
        return read_record(path);
    } catch (const Error& error) {
        const std::string what = error.what();
        const std::string named = what.find(path) == std::string::npos ? path + ": " : "";
        fmt::print(stderr, "tcpwitness: {}{}\n", named, what);
        return std::nullopt;
    }
}

}  // namespace tcpwitness
