#include "guest/fetch.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <sstream>

#include "base/error.hh"
#include "guest/archive.hh"
#include "guest/file_lock.hh"
#include "guest/kernel_modules.hh"

namespace tcpwitness::guest {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
constexpr const char* kUnfinished = ".unfinished";

// Releases of Debian by their kernels: 5.10, 6.1, 6.12 and later, newest. Those that a mirror no longer has are left out.
constexpr const char* kArchiveSuites[] = {"bullseye", "bookworm", "bookworm-backports", "trixie", "trixie-backports", "sid"};
constexpr const char* kSecuritySuites[] = {"bullseye-security", "bookworm-security", "trixie-security"};

std::vector<std::string> contents(const fs::path& directory, std::string_view suffix) {
    std::vector<std::string> paths;
    std::error_code failure;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, failure))
        if (entry.path().string().ends_with(suffix)) paths.push_back(entry.path().string());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> texts;
    for (const std::string& path : paths) texts.push_back(read_file(path));
    return texts;
}

DebianMirror configured_mirror() {
    std::vector<std::string> lists = contents("/etc/apt/sources.list.d", ".list");
    if (fs::exists("/etc/apt/sources.list")) lists.insert(lists.begin(), read_file("/etc/apt/sources.list"));
    DebianMirror mirror = find_mirror(contents("/etc/apt/sources.list.d", ".sources"), lists);
    if (const char* archive = getenv(kMirrorVariable)) mirror.archive = archive;
    if (const char* security = getenv(kSecurityMirrorVariable)) mirror.security = security;
    if (mirror.archive.empty())
        throw Error(fmt::format("this machine's apt has no Debian mirror in /etc/apt/sources.list*; set {} to one's URI",
                                kMirrorVariable));
    return mirror;
}

std::string sources_list(const DebianMirror& mirror) {
    std::string text;
    const auto add = [&](const std::string& uri, const char* suite) {
        if (!uri.empty()) text += fmt::format("deb [arch=amd64 signed-by={}] {} {} main\n", kKeyring, uri, suite);
    };
    for (const char* suite : kArchiveSuites) add(mirror.archive, suite);
    for (const char* suite : kSecuritySuites) add(mirror.security, suite);
    return text;
}

std::string apt_configuration(const fs::path& folder) {
    std::string text;
    const auto set = [&](const char* option, const std::string& value) { text += fmt::format("{} \"{}\";\n", option, value); };
    set("Dir::Etc::SourceList", folder / "sources.list");
    set("Dir::Etc::SourceParts", "/dev/null");
    set("Dir::State", folder);
    set("Dir::State::Lists", folder / "lists");
    set("Dir::State::status", folder / "status");
    set("Dir::Cache", folder / "cache");
    set("Acquire::Languages", "none");
    set("Acquire::GzipIndexes", "true");
    set("APT::Architecture", "amd64");
    set("APT::Sandbox::User", "");  // it writes to the user's folder
    return text;
}

// The lines of apt's messages that say what went wrong.
std::string errors_in(const std::string& messages) {
    std::string errors;
    for (size_t from = 0; from < messages.size();) {
        const size_t end = std::min(messages.find('\n', from), messages.size());
        const std::string line = messages.substr(from, end - from);
        if (line.starts_with("E:") || line.starts_with("Err:")) errors += "\n  " + line;
        from = end + 1;
    }
    return errors.empty() ? "\n  " + messages : errors;
}

// Where a file of a kernel package goes, below the folder of one release: vmlinuz, config, modules/.
fs::path place_for(const std::string& path, const std::string& release) {
    const std::string name = fs::path(path).filename().string();
    if (name == "vmlinuz" || name == "vmlinuz-" + release) return "vmlinuz";
    if (name == "config-" + release) return "config";
    const std::string modules = "lib/modules/" + release + "/";
    const size_t at = path.find(modules);
    return at == std::string::npos ? fs::path() : fs::path("modules") / path.substr(at + modules.size());
}

}  // namespace

KernelFetcher::KernelFetcher(FetchLog log)
    : log_(std::move(log)), folder_(cache_directory() / "apt"), mirror_(configured_mirror()) {
    if (!fs::exists(kKeyring))
        throw Error(fmt::format("{} is missing (Debian: debian-archive-keyring): kernels cannot be verified", kKeyring));
    for (const char* part : {"lists/partial", "cache/archives/partial"}) fs::create_directories(folder_ / part);
    fs::create_directories(kernel_cache());
    open_file((folder_ / "status").string(), O_WRONLY | O_CREAT);
    for (const auto& [name, text] : {std::pair{"sources.list", sources_list(mirror_)}, {"apt.conf", apt_configuration(folder_)}}) {
        const FileDescriptor file = open_file((folder_ / name).string(), O_WRONLY | O_CREAT | O_TRUNC);
        write_all(file.get(), text);
    }
}

CommandResult KernelFetcher::apt(const std::string& program, std::vector<std::string> arguments, const fs::path& directory) {
    ChildOptions options;
    options.directory = directory;
    options.environment = {"APT_CONFIG=" + (folder_ / "apt.conf").string(), "LC_ALL=C"};
    return run_command(program, arguments, options, std::chrono::minutes(20));
}

void KernelFetcher::update() {
    log_(fmt::format("reading Debian's package lists from {}", mirror_.archive));
    const CommandResult result = apt("apt-get", {"update", "-q"});
    complaint_ = result.status == 0 ? "" : errors_in(result.output + result.error);
    const FileDescriptor stamp = open_file((folder_ / "updated").string(), O_WRONLY | O_CREAT | O_TRUNC);
    write_all(stamp.get(), complaint_);
}

const std::vector<DebianPackage>& KernelFetcher::available(bool refresh) {
    const FileLock lock(folder_ / "lock");
    std::error_code failure;
    const auto updated = fs::last_write_time(folder_ / "updated", failure);
    const bool old = failure || fs::file_time_type::clock::now() - updated > std::chrono::hours(24);
    if (!available_.empty() && !refresh) return available_;
    if (old || refresh) update();
    const CommandResult names = apt("apt-cache", {"search", "--names-only", "^linux-image-[0-9].*-cloud-amd64$"});
    std::vector<std::string> show = {"show", "--no-all-versions"};
    std::istringstream lines(names.output);  // "name - description"
    for (std::string line; std::getline(lines, line);)
        if (const std::string name = line.substr(0, line.find(' ')); is_kernel_package(name)) show.push_back(name);
    if (show.size() == 2) throw Error(fmt::format("Debian's package lists hold no kernel: {}{}", mirror_.archive, complaint_));
    available_ = parse_packages(apt("apt-cache", show).output);
    return available_;
}

// Newer packages are split: the image depends on linux-binary-* and linux-modules-* of its own release.
std::vector<DebianPackage> KernelFetcher::parts_of(const DebianPackage& image) {
    std::vector<DebianPackage> parts = {image};
    const std::string release = release_of_package(image.name);
    for (const char* kind : {"linux-binary-", "linux-modules-"}) {
        const std::string name = kind + release;
        if (std::find(image.depends.begin(), image.depends.end(), name) != image.depends.end())
            parts.push_back({name, image.version, {}});
    }
    return parts;
}

KernelImage KernelFetcher::fetch(const std::string& series) {
    std::optional<DebianPackage> image = newest_of_series(available(), series);
    if (!image) image = newest_of_series(available(true), series);
    if (!image) {
        std::vector<std::string> have;
        for (const DebianPackage& package : newest_of_each_series(available())) have.push_back(series_of_version(package.version));
        throw Error(fmt::format("Debian has no kernel \"{}\"; it has {}{}", series, fmt::join(have, ", "), complaint_));
    }
    const std::string release = release_of_package(image->name);
    const FileLock lock(kernel_cache() / ".lock");
    for (KernelImage& kernel : kernels_in_cache(kernel_cache()))
        if (kernel.release == release) return kernel;
    unpack(parts_of(*image), release);
    return find_kernel(release);
}

void KernelFetcher::unpack(const std::vector<DebianPackage>& parts, const std::string& release) {
    const fs::path unfinished = kernel_cache() / (std::string(kUnfinished) + "-" + release);
    fs::remove_all(unfinished);  // left by a run that died
    fs::create_directories(unfinished / "packages");
    for (const DebianPackage& part : parts) {
        log_(fmt::format("fetching {} {}", part.name, part.version));
        const CommandResult result = apt("apt-get", {"download", "-q", part.name + "=" + part.version}, unfinished / "packages");
        if (result.status != 0)
            throw Error(fmt::format("apt-get download {}: {}", part.name, errors_in(result.output + result.error)));
    }
    for (const fs::directory_entry& package : fs::directory_iterator(unfinished / "packages"))
        unpack_deb(package.path(), [&](const std::string& path) {
            const fs::path place = place_for(path, release);
            return place.empty() ? place : unfinished / place;
        });
    fs::remove_all(unfinished / "packages");
    if (!fs::exists(unfinished / "vmlinuz")) throw Error(fmt::format("the packages of {} hold no vmlinuz", release));
    // What depmod would do after an installation, so that finding a module's dependencies need not open each of them.
    const std::string dependencies = ModuleIndex((unfinished / "modules").string()).dependency_file();
    const FileDescriptor file = open_file((unfinished / "modules/modules.dep").string(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    write_all(file.get(), dependencies);
    fs::rename(unfinished, kernel_cache() / release);
}

}  // namespace tcpwitness::guest
