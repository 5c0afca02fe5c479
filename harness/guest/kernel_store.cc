#include "guest/kernel_store.hh"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "base/error.hh"
#include "guest/boot_image.hh"

namespace tcpwitness::guest {
namespace {

namespace fs = std::filesystem;

bool digit(char character) { return character >= '0' && character <= '9'; }

// Takes a run of digits off the front of `text`; -1 when it starts with none.
int64_t take_number(std::string_view& text) {
    int64_t number = -1;
    const char* end = std::from_chars(text.data(), text.data() + text.size(), number).ptr;
    if (!text.empty() && digit(text[0])) text.remove_prefix(static_cast<size_t>(end - text.data()));
    else number = -1;
    return number;
}

KernelImage kernel_from_file(const fs::path& image, const fs::path& modules) {
    KernelImage kernel{kernel_release_of(image.string()), image, modules, "file"};
    const fs::path installed = fs::path("/lib/modules") / kernel.release;
    if (modules.empty() && fs::is_directory(installed)) kernel.modules = installed;
    if (!kernel.modules.empty() && !fs::is_directory(kernel.modules))
        throw Error(fmt::format("--modules {}: there is no such folder", kernel.modules.string()));
    // `make modules_install INSTALL_MOD_PATH=DIR` makes DIR/lib/modules/RELEASE.
    for (const fs::path& below : {kernel.modules / "lib/modules" / kernel.release, kernel.modules / kernel.release})
        if (!kernel.modules.empty() && fs::is_directory(below)) kernel.modules = below;
    return kernel;
}

KernelImage kernel_from_tree(const fs::path& tree, const fs::path& modules) {
    const fs::path image = tree / "arch/x86/boot/bzImage";
    if (!fs::exists(image))
        throw Error(fmt::format("--kernel {}: neither a kernel image nor a built kernel tree (it has no {})", tree.string(),
                                "arch/x86/boot/bzImage"));
    KernelImage kernel = kernel_from_file(image, modules.empty() ? tree : modules);
    kernel.origin = "build tree";
    return kernel;
}

void sort_by_release(std::vector<KernelImage>& kernels) {
    std::stable_sort(kernels.begin(), kernels.end(), [](const KernelImage& left, const KernelImage& right) {
        return compare_releases(left.release, right.release) < 0;
    });
}

}  // namespace

fs::path cache_directory() {
    if (const char* cache = getenv("XDG_CACHE_HOME"); cache != nullptr && cache[0] == '/') return fs::path(cache) / "tcpwitness";
    if (const char* home = getenv("HOME"); home != nullptr && home[0] == '/') return fs::path(home) / ".cache/tcpwitness";
    throw Error("there is no place for a cache: neither XDG_CACHE_HOME nor HOME is set");
}

fs::path kernel_cache() { return cache_directory() / "kernels"; }

bool release_matches(std::string_view release, std::string_view series) {
    if (!release.starts_with(series) || series.empty()) return false;
    if (release.size() == series.size()) return true;
    return !(digit(series.back()) && digit(release[series.size()]));
}

int compare_releases(std::string_view left, std::string_view right) {
    while (!left.empty() && !right.empty()) {
        const int64_t left_number = take_number(left);
        const int64_t right_number = take_number(right);
        if (left_number != right_number) return left_number < right_number ? -1 : 1;
        if (left_number >= 0) continue;
        if (left[0] != right[0]) return left[0] < right[0] ? -1 : 1;
        left.remove_prefix(1);
        right.remove_prefix(1);
    }
    // "7.2-rc1" comes before "7.2".
    if (left.starts_with("-rc")) return -1;
    if (right.starts_with("-rc")) return 1;
    return left.empty() == right.empty() ? 0 : (left.empty() ? -1 : 1);
}

std::vector<KernelImage> kernels_in_cache(const fs::path& cache) {
    std::vector<KernelImage> kernels;
    std::error_code failure;
    for (const fs::directory_entry& entry : fs::directory_iterator(cache, failure)) {
        const std::string release = entry.path().filename().string();
        if (release.starts_with('.') || !fs::exists(entry.path() / "vmlinuz")) continue;
        kernels.push_back({release, entry.path() / "vmlinuz", entry.path() / "modules", "cache"});
    }
    sort_by_release(kernels);
    return kernels;
}

std::vector<KernelImage> kernels_in_boot(const fs::path& boot, const fs::path& modules_root) {
    constexpr std::string_view kPrefix = "vmlinuz-";
    std::vector<KernelImage> kernels;
    std::error_code failure;
    for (const fs::directory_entry& entry : fs::directory_iterator(boot, failure)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(kPrefix) || access(entry.path().c_str(), R_OK) != 0) continue;
        const std::string release = name.substr(kPrefix.size());
        const fs::path modules = modules_root / release;
        kernels.push_back({release, entry.path(), fs::is_directory(modules) ? modules : fs::path(), boot.string()});
    }
    sort_by_release(kernels);
    return kernels;
}

std::vector<KernelImage> installed_kernels() {
    std::vector<KernelImage> kernels = kernels_in_boot("/boot", "/lib/modules");
    for (KernelImage& kernel : kernels_in_cache(kernel_cache())) kernels.push_back(std::move(kernel));
    sort_by_release(kernels);
    return kernels;
}

KernelImage find_kernel(const std::string& name, const fs::path& modules) {
    if (fs::is_regular_file(name)) return kernel_from_file(fs::absolute(name), modules);
    if (name.find('/') != std::string::npos && fs::is_directory(name)) return kernel_from_tree(fs::absolute(name), modules);
    if (name.find('/') != std::string::npos) throw Error(fmt::format("{}: no such kernel image or built kernel tree", name));
    const std::vector<KernelImage> kernels = installed_kernels();
    std::vector<std::string> releases;
    for (auto kernel = kernels.rbegin(); kernel != kernels.rend(); ++kernel) {
        if (name == "newest" || release_matches(kernel->release, name)) return *kernel;
        releases.insert(releases.begin(), kernel->release);
    }
    throw Error(fmt::format("there is no kernel \"{}\" here: {}; `tcpwitness kernels fetch SERIES` gets one", name,
                            releases.empty() ? "there is none at all" : fmt::format("there are {}", fmt::join(releases, ", "))));
}

std::vector<std::string> remove_kernels(const std::string& name) {
    std::vector<std::string> removed;
    for (const KernelImage& kernel : kernels_in_cache(kernel_cache())) {
        if (!release_matches(kernel.release, name)) continue;
        fs::remove_all(kernel.image.parent_path());
        removed.push_back(kernel.release);
    }
    if (removed.empty()) throw Error(fmt::format("there is no kernel \"{}\" in {}", name, kernel_cache().string()));
    return removed;
}

}  // namespace tcpwitness::guest
