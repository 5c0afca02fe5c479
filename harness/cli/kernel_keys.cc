#include "cli/kernel_keys.hh"

#include <algorithm>
#include <filesystem>

#include "base/error.hh"
#include "base/sysctl_key.hh"
#include "cli/guest_files.hh"
#include "guest/exec_program.hh"
#include "guest/guest.hh"
#include "report/text.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kRoot = "/proc/sys/";
constexpr std::chrono::seconds kLimit{120};

std::string key_of(const std::string& path) {
    return swap_dots_and_slashes(path.substr(kRoot.size()));
}

std::vector<std::string> own_keys() {
    namespace filesystem = std::filesystem;
    std::vector<std::string> keys;
    const auto options = filesystem::directory_options::skip_permission_denied;
    for (const auto& entry : filesystem::recursive_directory_iterator(std::string(kRoot), options)) {
        if (!entry.is_directory()) keys.push_back(key_of(entry.path().string()));
    }
    return keys;
}

std::vector<std::string> guest_keys(const std::string& kernel) {
    guest::FileSet files;
    const std::vector<std::string> words{files.add_program("find", search_path()), std::string(kRoot), "-type", "f"};
    const guest::Guest machine(guest_configuration(guest::find_kernel(kernel), guest::GuestClock::virtual_time));
    const guest::GuestAnswer answer = machine.run({.kind = std::string(guest::kExecKind),
                                                   .body = guest::exec_request_to_bytes({words, {}, {}}),
                                                   .files = files.to_cpio(),
                                                   .seed = guest::seed_from(1)},
                                                  kLimit);
    const guest::ExecResult result = guest::exec_result_from_bytes(answer.body);
    std::vector<std::string> keys;
    for (const std::string& line : split_lines(result.output)) {
        if (line.starts_with(kRoot)) keys.push_back(key_of(line));
    }
    if (keys.empty()) throw Error("find /proc/sys in a guest: " + result.error);
    return keys;
}

}  // namespace

std::vector<std::string> kernel_keys(const std::string& kernel) {
    return kernel.empty() ? own_keys() : guest_keys(kernel);
}

}  // namespace tcpwitness
