// A guest kernel to run requests on: bytes in, bytes out. It is booted once, kept as a snapshot in the user's cache, and
// every request starts from there, so no request can tell which others were made.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "guest/file_set.hh"
#include "guest/guest_process.hh"
#include "guest/kernel_store.hh"
#include "guest/snapshot.hh"

namespace tcpwitness::guest {

struct GuestConfiguration {
    KernelImage kernel;
    FileSet files;                           // /init, and all else that runs there; see guest_files()
    GuestClock clock = GuestClock::virtual_time;
    std::string qemu = "qemu-system-x86_64";
    std::filesystem::path snapshots;         // empty: cache_directory()/snapshots
    std::chrono::seconds boot_limit{120};    // real time
    std::string probe_kind = "probe";        // asked once after the boot, see Guest::machine(); empty: nothing is asked
    std::optional<bool> kvm;                 // with real time: what Guest::kvm() said before; absent: it is tried out
    std::vector<std::string> extra_modules;  // loaded besides wanted_modules(), by name
    std::string extra_command_line;          // for the kernel
    std::function<void(const std::string&)> log;  // told what takes long; may be empty
};

struct GuestAnswer {
    std::string body;     // what the handler returned
    std::string console;  // what the guest printed, while it booted too when it was booted for this request
};

// The program `init` (this one: /proc/self/exe) as /init with its libraries, and the little that programs expect of a
// system (/etc/passwd, /etc/hosts…). Programs of cases are added to what this gives.
FileSet guest_files(const std::string& init);

class Guest {
  public:
    // Finds the snapshot for this configuration, or boots the kernel and makes it. Two that make the same one at once
    // make it once. Throws Error, GuestError, SystemError.
    explicit Guest(GuestConfiguration configuration);

    // Runs one request from the snapshot (with real time: from a boot) in a QEMU of its own. `limit` is real time. Safe to
    // call from several threads; the calling thread must live as long as the call. Throws GuestError.
    GuestAnswer run(const GuestRequest& request, std::chrono::milliseconds limit) const;
    // The same from a boot of its own.
    GuestAnswer run_cold(const GuestRequest& request, std::chrono::milliseconds limit) const;

    // The handler's answer to configuration.probe_kind: what this guest's kernel can do.
    const std::string& machine() const { return machine_; }
    const std::string& kernel_release() const { return configuration_.kernel.release; }
    // Modules that this kernel does not have as modules (built in, or not at all).
    const std::vector<std::string>& absent_modules() const { return absent_modules_; }
    // What names the snapshot: a digest of all that went into it.
    const std::string& key() const { return key_; }
    // With real time: whether KVM runs it, or a software processor in about real time.
    bool kvm() const { return settings_.kvm; }

    bool has_snapshot() const { return snapshot_.has_value(); }
    // A machine that stands at the snapshot. There must be one, so the clock is virtual. The calling thread must live as long
    // as it. Throws GuestError.
    std::unique_ptr<GuestProcess> resume(std::chrono::milliseconds limit) const;
    void log(const std::string& line) const;

  private:
    void add_modules();
    void try_kvm();
    std::string make_key() const;
    GuestRequest probe_request() const;
    void find_or_make_snapshot();
    void make_snapshot(const std::filesystem::path& directory);
    std::unique_ptr<GuestProcess> boot(int memory, bool memory_shared, Deadline deadline) const;
    std::unique_ptr<GuestProcess> resume_from(const Snapshot& snapshot, Deadline deadline) const;

    GuestConfiguration configuration_;
    MachineSettings settings_;
    std::vector<std::string> absent_modules_;
    std::string key_;
    std::optional<Snapshot> snapshot_;
    std::string machine_;
};

// Whether two runs agree: the first byte at which their bodies differ, or nothing when they are equal.
std::optional<size_t> first_difference(std::string_view left, std::string_view right);

}  // namespace tcpwitness::guest
