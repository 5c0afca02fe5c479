// The kernels that guests can run: those of this machine's /boot, those in the user's cache, and any by path.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness::guest {

struct KernelImage {
    std::string release;            // "6.12.107+deb13-cloud-amd64"
    std::filesystem::path image;    // a bzImage or a vmlinux
    std::filesystem::path modules;  // folder with its modules; empty when there is none
    std::string origin;             // "cache", "/boot", "file", "build tree"
};

// $XDG_CACHE_HOME/tcpwitness, else ~/.cache/tcpwitness. Throws Error when there is neither.
std::filesystem::path cache_directory();
// Where fetched kernels lie: one folder for each release, with vmlinuz and modules/.
std::filesystem::path kernel_cache();

// Every kernel in the cache and in /boot that this user can read, oldest first; by release.
std::vector<KernelImage> installed_kernels();
std::vector<KernelImage> kernels_in_cache(const std::filesystem::path& cache);
std::vector<KernelImage> kernels_in_boot(const std::filesystem::path& boot, const std::filesystem::path& modules_root);

// Whether a release belongs to a series: "6.1.0-50-cloud-amd64" to "6.1" and "6", not to "6.10"; a release to itself.
bool release_matches(std::string_view release, std::string_view series);
// Orders releases: runs of digits by value, everything else by character ("6.9" before "6.12", "-rc1" before none).
int compare_releases(std::string_view left, std::string_view right);

// The kernel that `name` means: "newest", a series or release of an installed kernel (the newest that matches), a path to
// an image (with its modules in `modules`, which may be empty: those of /lib/modules, or none), or a built kernel tree.
// Throws Error that says what there is instead.
KernelImage find_kernel(const std::string& name, const std::filesystem::path& modules = {});

// Removes the cached kernels that `name` (a series or release) means, and says which. Throws Error when there is none.
std::vector<std::string> remove_kernels(const std::string& name);

}  // namespace tcpwitness::guest
