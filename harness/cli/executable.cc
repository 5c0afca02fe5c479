#include "cli/executable.hh"

#include <fmt/core.h>

#include <filesystem>

#include "base/error.hh"

namespace tcpwitness {

std::string own_executable() {
    return std::filesystem::read_symlink("/proc/self/exe");
}

std::string tcp_actor_executable() {
    const std::filesystem::path folder = std::filesystem::path(own_executable()).parent_path();
    const std::filesystem::path beside = folder / "tcp_actor";
    const std::filesystem::path installed = folder.parent_path() / "libexec/tcpwitness/tcp_actor";
    for (const std::filesystem::path& place : {beside, installed}) {
        if (std::filesystem::exists(place)) return place;
    }
    throw Error(fmt::format("tcp_actor is neither at {} nor at {}", beside.string(), installed.string()));
}

}  // namespace tcpwitness
