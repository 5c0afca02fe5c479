#include "cli/output_place.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace tcpwitness {
namespace {

void check_access(const std::string& path, int how) {
    if (access(path.c_str(), how) != 0) throw OutputRefused("access", path, errno);
}

}  // namespace

void check_output_file(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode)) throw OutputRefused("open", path, EISDIR);
        return check_access(path, W_OK);
    }
    if (errno != ENOENT) throw OutputRefused("stat", path, errno);
    const std::string folder = std::filesystem::path(path).parent_path().string();
    check_access(folder.empty() ? "." : folder, W_OK | X_OK);
}

void make_output_folder(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) throw OutputRefused("mkdir", path, error.value());
    check_access(path, W_OK | X_OK);
}

}  // namespace tcpwitness
