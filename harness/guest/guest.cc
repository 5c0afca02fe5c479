#include "guest/guest.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "guest/agent.hh"
#include "guest/boot_image.hh"
#include "guest/digest.hh"
#include "guest/file_lock.hh"
#include "guest/guest_modules.hh"
#include "guest/kernel_modules.hh"
#include "guest/library_search.hh"
#include "guest/qemu_preload_image.hh"
#include "guest/snapshot_cache.hh"

namespace tcpwitness::guest {
namespace {

namespace fs = std::filesystem;

std::string qemu_firmware() {
    for (const char* directory : {"/usr/share/qemu", "/usr/local/share/qemu"})
        if (const fs::path rom = fs::path(directory) / "qboot.rom"; fs::exists(rom)) return rom.string();
    return {};
}

Deadline after(std::chrono::milliseconds limit) { return std::chrono::steady_clock::now() + limit; }

FileDescriptor file_with(const std::string& name, const std::string& content) {
    FileDescriptor file = anonymous_file(name);
    write_all(file.get(), content);
    return file;
}

// A file by what tells versions of it apart, without reading it.
void add_identity(Digest& digest, const std::string& path) {
    struct stat status {};
    check_system(stat(path.c_str(), &status), "stat", path);
    digest.add(path);
    digest.add_number(static_cast<uint64_t>(status.st_size));
    digest.add_number(static_cast<uint64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(status.st_mtim.tv_nsec));
}

}  // namespace

Guest::Guest(GuestConfiguration configuration) : configuration_(std::move(configuration)) {
    const char* search_path = getenv("PATH");
    const std::string qemu = find_program(configuration_.qemu, search_path != nullptr ? search_path : kDefaultSearchPath);
    if (qemu.empty())
        throw Error(fmt::format("a guest kernel needs QEMU: there is no {} (Debian: qemu-system-x86)", configuration_.qemu));
    configuration_.qemu = qemu;
    settings_.clock = configuration_.clock;
    settings_.firmware = qemu_firmware();
    settings_.extra_command_line = configuration_.extra_command_line;
    if (configuration_.snapshots.empty()) configuration_.snapshots = cache_directory() / "snapshots";
    add_modules();
    key_ = make_key();
    // A clock that follows the host's does not stand still while a machine is on disk: then each request boots its own.
    if (settings_.clock == GuestClock::virtual_time)
        find_or_make_snapshot();
    else if (configuration_.kvm)
        settings_.kvm = *configuration_.kvm;
    else
        try_kvm();
}

// That /dev/kvm is there does not mean that a kernel starts on it (nested, or made by software).
void Guest::try_kvm() {
    constexpr std::chrono::seconds kBootLimit{10};
    const auto ask = [this](std::chrono::seconds limit) {
        const FileDescriptor memory = anonymous_file("memory", kGuestMemoryBytes);
        const std::unique_ptr<GuestProcess> guest = boot(memory.get(), true, after(limit));
        if (!configuration_.probe_kind.empty()) machine_ = guest->answer(probe_request(), after(limit));
    };
    settings_.kvm = access("/dev/kvm", R_OK | W_OK) == 0;
    try {
        if (settings_.kvm) return ask(std::min(kBootLimit, configuration_.boot_limit));
    } catch (const GuestError& error) {
        settings_.kvm = false;
        log(fmt::format("KVM does not run {} here, a software processor does: {}", kernel_release(), error.what()));
    }
    ask(configuration_.boot_limit);
}

void Guest::log(const std::string& line) const {
    if (configuration_.log) configuration_.log(line);
}

void Guest::add_modules() {
    std::string list;
    if (!configuration_.kernel.modules.empty()) {
        ModuleIndex index(configuration_.kernel.modules.string());
        std::vector<std::string> names = wanted_modules();
        names.insert(names.end(), configuration_.extra_modules.begin(), configuration_.extra_modules.end());
        for (const KernelModule& module : index.resolve(names, absent_modules_)) {
            const std::string target = "/modules/" + module_name(module.path) + ".ko";
            configuration_.files.add_module(module.path, target);
            list += target + "\n";
        }
    }
    configuration_.files.add_content(kModuleList, 0644, list);
}

GuestRequest Guest::probe_request() const {
    return {.kind = configuration_.probe_kind, .body = {}, .files = {}, .seed = seed_from(1)};
}

std::string Guest::make_key() const {
    Digest digest;
    digest.add("snapshot format 1");
    digest.add_file(configuration_.kernel.image.string());
    digest.add(configuration_.files.digest());
    digest.add(configuration_.probe_kind);
    add_identity(digest, configuration_.qemu);
    digest.add(qemu_preload_image());
    if (!settings_.firmware.empty()) add_identity(digest, settings_.firmware);
    const MachineFiles files{.memory = "m", .exchange = "x", .console = "c", .kernel = "k", .initramfs = "i"};
    for (const std::string& argument : qemu_arguments(settings_, files, 0)) digest.add(argument);
    return digest.hex();
}

void Guest::find_or_make_snapshot() {
    SnapshotCache cache(configuration_.snapshots);
    std::string why;
    snapshot_ = cache.find(key_, why);
    if (!snapshot_) {
        const FileLock lock(cache.lock_path(key_));
        snapshot_ = cache.find(key_, why);  // another run may have made it while this one waited
        if (!snapshot_) {
            log(fmt::format("booting {} for a snapshot ({})", configuration_.kernel.release, why));
            snapshot_ = cache.make(key_, [this](const fs::path& directory) { make_snapshot(directory); });
        }
    }
    machine_ = snapshot_->machine();
}

std::unique_ptr<GuestProcess> Guest::boot(int memory, bool memory_shared, Deadline deadline) const {
    const FileDescriptor kernel = file_with("kernel", bootable_kernel(configuration_.kernel.image.string()));
    const FileDescriptor initramfs = file_with("initramfs", configuration_.files.to_cpio());
    GuestStart start{.qemu = configuration_.qemu, .settings = settings_, .memory = memory, .memory_shared = memory_shared,
                     .kernel = kernel.get(), .initramfs = initramfs.get()};
    auto guest = std::make_unique<GuestProcess>(start, deadline);
    guest->boot(deadline);
    return guest;
}

void Guest::make_snapshot(const fs::path& directory) {
    const FileDescriptor memory = create_memory_file(directory / kMemoryFile, kGuestMemoryBytes);
    const FileDescriptor state = open_file((directory / kStateFile).string(), O_RDWR | O_CREAT | O_EXCL);
    boot(memory.get(), true, after(configuration_.boot_limit))->save_state(state.get(), after(configuration_.boot_limit));
    release_zero_pages(memory, kGuestMemoryBytes);
    write_file((directory / kMachineFile).string(), "");
    write_manifest(directory);
    if (configuration_.probe_kind.empty()) return;
    std::string why;
    const std::optional<Snapshot> snapshot = Snapshot::open(directory, why);
    if (!snapshot) throw Error(fmt::format("the snapshot in {} cannot be used: {}", directory.string(), why));
    const Deadline deadline = after(configuration_.boot_limit);
    write_file((directory / kMachineFile).string(), resume_from(*snapshot, deadline)->answer(probe_request(), deadline));
    write_manifest(directory);
}

std::unique_ptr<GuestProcess> Guest::resume_from(const Snapshot& snapshot, Deadline deadline) const {
    const FileDescriptor state = snapshot.state();
    const GuestStart start{.qemu = configuration_.qemu, .settings = settings_, .memory = snapshot.memory(), .state = state.get()};
    auto guest = std::make_unique<GuestProcess>(start, deadline);
    guest->load_state(state.get(), deadline);
    return guest;
}

std::unique_ptr<GuestProcess> Guest::resume(std::chrono::milliseconds limit) const {
    return resume_from(snapshot_.value(), after(limit));
}

GuestAnswer Guest::run(const GuestRequest& request, std::chrono::milliseconds limit) const {
    if (!snapshot_) return run_cold(request, limit);
    const std::unique_ptr<GuestProcess> guest = resume(limit);
    std::string body = guest->answer(request, after(limit));
    return {std::move(body), guest->console()};
}

GuestAnswer Guest::run_cold(const GuestRequest& request, std::chrono::milliseconds limit) const {
    const FileDescriptor memory = anonymous_file("memory", kGuestMemoryBytes);
    const std::unique_ptr<GuestProcess> guest = boot(memory.get(), true, after(configuration_.boot_limit));
    std::string body = guest->answer(request, after(limit));
    return {std::move(body), guest->console()};
}

std::optional<size_t> first_difference(std::string_view left, std::string_view right) {
    if (left == right) return std::nullopt;
    return static_cast<size_t>(std::mismatch(left.begin(), left.end(), right.begin(), right.end()).first - left.begin());
}

}  // namespace tcpwitness::guest
