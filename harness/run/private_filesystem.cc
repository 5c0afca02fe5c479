#include "run/private_filesystem.hh"

#include <fmt/core.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/error.hh"
#include "base/file_descriptor.hh"

namespace tcpwitness {
namespace {

// Exists on every Linux system and is meant for memory that nobody keeps.
constexpr const char* kRoot = "/dev/shm";
constexpr const char* kHostNames = "/etc/hosts";

void mount_or_throw(const char* kind, const std::string& where, unsigned long flags, const std::string& options) {
    check_system(mount(kind, where.c_str(), kind, flags, options.empty() ? nullptr : options.c_str()),
                 fmt::format("mount {}", kind), where);
}

void make_folder(const std::string& path) {
    std::filesystem::create_directories(path);
    check_system(chmod(path.c_str(), 0777), "chmod", path);  // a program may run as another user
}

void overlay(const std::string& folder) {
    const std::string upper = fmt::format("{}/upper{}", kRoot, folder);
    const std::string work = fmt::format("{}/work{}", kRoot, folder);
    for (const std::string& path : {upper, work}) std::filesystem::create_directories(path);
    struct stat original {};
    check_system(stat(folder.c_str(), &original), "stat", folder);
    check_system(chmod(upper.c_str(), original.st_mode & 07777), "chmod", upper);
    mount_or_throw("overlay", folder, 0, fmt::format("lowerdir={},upperdir={},workdir={}", folder, upper, work));
}

// This machine's names stay: a program that cannot look up localhost or its own host name asks a name server.
void add_host_names(const std::string& lines) {
    const std::string own = fmt::format("{}/hosts", kRoot);
    std::string content = read_file(kHostNames);
    if (!content.empty() && content.back() != '\n') content += '\n';
    write_file(own, content + lines);
    check_system(chmod(own.c_str(), 0644), "chmod", own);
    check_system(mount(own.c_str(), kHostNames, nullptr, MS_BIND, nullptr), "mount MS_BIND", kHostNames);
}

std::string folder_of(const PlanProgram& program) {
    return fmt::format("{}/programs/{}", kRoot, program.name);
}

void write_program_files(const PlanProgram& program) {
    make_folder(folder_of(program));
    for (const PlanFile& file : program.files) {
        const std::filesystem::path path = std::filesystem::path(folder_of(program)) / file.name;
        make_folder(path.parent_path());
        write_file(path, file.content);
    }
}

}  // namespace

PrivateFilesystem::PrivateFilesystem(const std::vector<PlanProgram>& programs, const std::string& host_names) {
    check_system(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount MS_PRIVATE", "/");
    mount_or_throw("tmpfs", kRoot, MS_NOSUID | MS_NODEV, "mode=1777");
    for (const PlanProgram& program : programs) write_program_files(program);
    const bool foreign = std::any_of(programs.begin(), programs.end(),
                                     [](const PlanProgram& program) { return !program.command.empty(); });
    if (!foreign) return;
    for (const char* folder : {"/var", "/run", "/tmp"}) {
        if (std::filesystem::is_directory(folder)) overlay(folder);
    }
    if (!host_names.empty() && std::filesystem::is_regular_file(kHostNames)) add_host_names(host_names);
}

std::string PrivateFilesystem::working_folder(const PlanProgram& program) const {
    const std::filesystem::path folder = std::filesystem::path(folder_of(program)) / program.working_folder;
    make_folder(folder);
    return folder.lexically_normal();
}

}  // namespace tcpwitness
