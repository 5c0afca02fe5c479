#include "plan/case_files.hh"

#include <fmt/core.h>

#include <filesystem>
#include <set>

#include "base/error.hh"

namespace tcpwitness {
namespace {

namespace filesystem = std::filesystem;

bool is_skipped_folder(const filesystem::path& folder) {
    const std::string name = folder.filename().string();
    return name.starts_with('.') || name == "common";
}

void add_below(const filesystem::path& folder, std::set<std::string>& files) {
    filesystem::recursive_directory_iterator walk(folder);
    for (const filesystem::directory_entry& entry : walk) {
        if (entry.is_directory() && is_skipped_folder(entry.path())) walk.disable_recursion_pending();
        const filesystem::path extension = entry.path().extension();
        const bool is_case = extension == ".yaml" || extension == ".yml";
        if (entry.is_regular_file() && is_case) files.insert(entry.path().lexically_normal().string());
    }
}

}  // namespace

std::vector<std::string> case_files(const std::vector<std::string>& paths) {
    std::set<std::string> files;
    for (const std::string& path : paths) {
        std::error_code error;
        const filesystem::file_status status = filesystem::status(path, error);
        if (!filesystem::exists(status)) throw Error(fmt::format("there is no file or folder '{}'", path));
        if (filesystem::is_directory(status)) {
            add_below(path, files);
        } else {
            files.insert(filesystem::path(path).lexically_normal().string());
        }
    }
    return {files.begin(), files.end()};
}

}  // namespace tcpwitness
