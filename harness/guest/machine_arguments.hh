// The machine that a guest kernel runs on: QEMU's arguments and the kernel's command line, as pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tcpwitness::guest {

// What the guest's clock follows: the instructions it executes, jumping over idle time, or the host's clock.
enum class GuestClock { virtual_time, real_time };

constexpr uint64_t kGuestMemoryBytes = 256ull << 20;  // ends where the exchange range begins

// I/O ports by which the guest tells the host where it is.
constexpr unsigned kStopPort = 0x505;  // pvpanic: any event stops the machine at this instruction: ready, or done
constexpr unsigned kEndPort = 0x501;   // isa-debug-exit: ends QEMU with status (value << 1) | 1
constexpr unsigned kAgentGaveUp = 0x2b;
constexpr int exit_status_for(unsigned value) { return static_cast<int>((value << 1) | 1); }

struct MachineFiles {
    std::string memory;         // file that is the guest's RAM
    bool memory_shared = false; // the guest's writes reach the file; else they stay private to this guest
    std::string exchange;       // file of the range that host and guest share
    std::string console;        // file that takes what the guest prints
    std::string kernel;         // empty when the machine is resumed from a snapshot
    std::string initramfs;
};

struct MachineSettings {
    GuestClock clock = GuestClock::virtual_time;
    bool kvm = false;            // only with real time
    std::string firmware;        // qboot.rom where QEMU has it, else empty: QEMU's default, which is slower
    std::string extra_command_line;
};

std::string kernel_command_line(const MachineSettings& settings);

// `monitor` is the descriptor of the QMP socket.
std::vector<std::string> qemu_arguments(const MachineSettings& settings, const MachineFiles& files, int monitor);

}  // namespace tcpwitness::guest
