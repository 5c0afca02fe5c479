#include "guest/library_search.hh"

#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "guest/elf_image.hh"
#include "guest/mapped_file.hh"

namespace tcpwitness::guest {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> kBuiltInDirectories = {
    "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"};

// A folder of PATH that this user may not look into holds nothing for it.
bool executable(const std::string& path) {
    std::error_code failure;
    return fs::is_regular_file(path, failure) && access(path.c_str(), X_OK) == 0;
}

std::vector<std::string> matches(const std::string& pattern) {
    std::vector<std::string> paths;
    glob_t found{};
    if (glob(pattern.c_str(), 0, nullptr, &found) == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    globfree(&found);
    return paths;
}

void read_loader_configuration(const std::string& path, std::vector<std::string>& directories) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        line.erase(std::min(line.find('#'), line.size()));
        line.erase(line.find_last_not_of(" \t") + 1);
        if (line.starts_with("include ")) {
            for (const std::string& included : matches(line.substr(8))) read_loader_configuration(included, directories);
        } else if (line.starts_with('/')) {
            directories.push_back(line);
        }
    }
}

// A 32-bit library of the same name is passed over, as the loader does.
bool usable_library(const std::string& path) {
    std::error_code failure;
    if (!fs::is_regular_file(path, failure) || access(path.c_str(), R_OK) != 0) return false;
    const MappedFile file(path);
    return is_elf(file.bytes()) && file.bytes()[4] == 2;  // ELFCLASS64
}

std::string with_origin(std::string directory, const std::string& object) {
    for (const std::string_view name : {"$ORIGIN", "${ORIGIN}"}) {
        const size_t at = directory.find(name);
        if (at != std::string::npos) directory.replace(at, name.size(), fs::path(object).parent_path().string());
    }
    return directory;
}

}  // namespace

std::string find_program(const std::string& program, std::string_view search_path) {
    if (program.find('/') != std::string::npos) return executable(program) ? program : std::string();
    while (!search_path.empty()) {
        const size_t end = std::min(search_path.find(':'), search_path.size());
        const std::string path = std::string(search_path.substr(0, end)) + "/" + program;
        if (end > 0 && executable(path)) return path;
        search_path.remove_prefix(std::min(end + 1, search_path.size()));
    }
    return {};
}

const std::vector<std::string>& loader_directories() {
    static const std::vector<std::string> directories = [] {
        std::vector<std::string> found;
        read_loader_configuration("/etc/ld.so.conf", found);
        found.insert(found.end(), kBuiltInDirectories.begin(), kBuiltInDirectories.end());
        return found;
    }();
    return directories;
}

bool is_built_in_directory(std::string_view directory) {
    return std::find(kBuiltInDirectories.begin(), kBuiltInDirectories.end(), directory) != kBuiltInDirectories.end();
}

std::string find_library(const std::string& name, const std::vector<std::string>& object_search_path,
                         const std::string& object) {
    if (name.find('/') != std::string::npos) return usable_library(name) ? name : std::string();
    for (const std::string& directory : object_search_path) {
        const std::string path = with_origin(directory, object) + "/" + name;
        if (usable_library(path)) return path;
    }
    for (const std::string& directory : loader_directories()) {
        const std::string path = directory + "/" + name;
        if (usable_library(path)) return path;
    }
    return {};
}

}  // namespace tcpwitness::guest
