#include "cli/guest_files.hh"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/error.hh"
#include "cli/executable.hh"
#include "cli/guest_agent.hh"
#include "guest/library_search.hh"

namespace tcpwitness {
namespace {

namespace fs = std::filesystem;

// Not what other programs are built with, nor what other packages bring for Python.
bool goes_along(const fs::path& path) {
    return path.extension() != ".a" && path.extension() != ".o" && path.filename() != "dist-packages";
}

// What a program's package installs besides the program: settings and data under its name.
void add_company(guest::FileSet& files, const std::string& path) {
    const std::set<std::string> names{fs::path(path).filename().string(), fs::canonical(path).filename().string()};
    for (const std::string& name : names) {
        for (const char* folder : {"/etc", "/usr/lib", "/usr/share", "/var/lib"}) {
            const fs::path company = fs::path(folder) / name;
            if (fs::is_directory(company)) files.add_path(company, goes_along);
        }
    }
    for (const std::string& name : names) files.add_directory("var/log/" + name);
}

std::vector<std::string> words_of(const std::string& text) {
    constexpr std::string_view kBetween = " \t\n;|&()'\"";
    std::vector<std::string> words;
    for (size_t at = text.find_first_not_of(kBetween); at != std::string::npos;) {
        const size_t end = std::min(text.find_first_of(kBetween, at), text.size());
        words.push_back(text.substr(at, end - at));
        at = text.find_first_not_of(kBetween, end);
    }
    return words;
}

// A command may run another (sh -c "…", timeout 5 nc …) and may name files of this machine: what is found here under a
// word of its arguments goes along.
void add_argument(guest::FileSet& files, const std::string& argument) {
    for (const std::string& word : words_of(argument)) {
        const bool plain = word.find('/') == std::string::npos;
        if (plain && !guest::find_program(word, search_path()).empty()) {
            files.add_program(word, search_path());
        } else if (word.starts_with('/') && fs::is_regular_file(word)) {
            files.add_path(word);
        }
    }
}

// A program that the case itself brings, relative to its own folder; as a script it needs its interpreter.
bool add_own_program(guest::FileSet& files, const PlanProgram& program) {
    const fs::path command = fs::path(program.command.front()).lexically_normal();
    for (const PlanFile& file : program.files) {
        if (command != fs::path(file.name).lexically_normal()) continue;
        if (file.content.starts_with("#!")) {
            for (const std::string& word : words_of(file.content.substr(2, file.content.find('\n') - 2)))
                if (!word.starts_with('-')) files.add_program(word, search_path());
        }
        return true;
    }
    return false;
}

}  // namespace

std::string search_path() {
    const char* path = std::getenv("PATH");
    return path != nullptr ? path : std::string(guest::kDefaultSearchPath);
}

guest::GuestConfiguration guest_configuration(const guest::KernelImage& kernel, guest::GuestClock clock) {
    guest::GuestConfiguration configuration;
    configuration.kernel = kernel;
    configuration.files = guest::guest_files("/proc/self/exe");
    configuration.files.add_program_as(tcp_actor_executable(), kGuestActor, guest::GuestFile::Form::loadable_part);
    configuration.clock = clock;
    return configuration;
}

std::string packed_programs(const Plan& plan) {
    guest::FileSet files;
    for (const PlanProgram& program : plan.programs) {
        if (program.command.empty() || add_own_program(files, program)) continue;
        add_company(files, files.add_program(program.command.front(), search_path()));
        for (size_t i = 1; i < program.command.size(); ++i) add_argument(files, program.command[i]);
    }
    return files.files().empty() ? std::string() : files.to_cpio();
}

}  // namespace tcpwitness
