#include "cli/record_paths.hh"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "base/error.hh"

namespace tcpwitness {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> records_in(const fs::path& folder) {
    std::vector<std::string> paths;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".json") && !name.starts_with(".")) paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

}  // namespace

std::vector<std::string> record_files(const std::string& path) {
    if (!fs::exists(path)) throw Error(path + ": no such file or folder");
    if (!fs::is_directory(path)) return {path};
    const fs::path records = fs::path(path) / "records";
    return records_in(fs::is_directory(records) ? records : fs::path(path));
}

std::vector<std::string> record_paths(const std::vector<std::string>& words) {
    std::vector<std::string> paths;
    for (const std::string& word : words) {
        std::vector<std::string> files = record_files(word);
        if (files.empty()) throw Error(word + ": there is no record in this folder");
        std::move(files.begin(), files.end(), std::back_inserter(paths));
    }
    return paths;
}

}  // namespace tcpwitness
