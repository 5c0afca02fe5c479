#include "guest/machine_arguments.hh"

#include <fmt/format.h>

#include "guest/exchange.hh"

namespace tcpwitness::guest {
namespace {

// What a boot need not do here. Measured on 6.12 with a software CPU: the crypto self-tests cost 0.8 s, the jitter
// entropy test 0.1 s; the local APIC timer's calibration, which nolapic_timer avoids, 2.7 s.
constexpr const char* kQuickBoot =
    "cryptomgr.notests initcall_blacklist=jent_mod_init init_on_alloc=0 audit=0 apparmor=0 nowatchdog numa=off";
// What a run need not do: sample the use of memory 20 times a second (6.17 and later); have code translated again because
// another process has it at another address.
constexpr const char* kQuickRun = "damon_stat.enabled=n norandmaps";
// No random numbers from outside the seed. And not "fast" string instructions, which here take a step for each byte.
constexpr const char* kSoftwareProcessor = "max,-rdrand,-rdseed,-erms,-fsrm";

// Megabytes for translated code; when they are full, all of it is forgotten. A guest that has run all shipped cases takes
// 290 MB with it, and as long as with more.
constexpr const char* kTranslation = "tcg,tb-size=96";

std::vector<std::string> clock_arguments(const MachineSettings& settings) {
    if (settings.clock == GuestClock::virtual_time)
        return {"-accel", kTranslation, "-cpu", kSoftwareProcessor, "-icount", "shift=0,sleep=off",
                "-rtc", "base=2026-01-01T00:00:00,clock=vm", "-seed", "1",
                "-name", "debug-threads=on"};  // qemu_turns.cc knows the processor's thread by its name
    if (settings.kvm) return {"-accel", "kvm", "-cpu", "host,-arch-capabilities", "-rtc", "base=utc"};
    return {"-accel", "tcg", "-cpu", "max", "-rtc", "base=utc"};
}

void append(std::vector<std::string>& arguments, std::initializer_list<std::string> more) {
    arguments.insert(arguments.end(), more);
}

}  // namespace

std::string kernel_command_line(const MachineSettings& settings) {
    // memmap: the exchange range is there but not for the kernel to use.
    std::string line = fmt::format("console=ttyS0 quiet panic=-1 oops=panic nokaslr {} {} memmap={}M${:#x} TCPWITNESS_GUEST=1",
                                   kQuickBoot, kQuickRun, kExchangeBytes >> 20, kExchangeAddress);
    // One instruction is one nanosecond, so the TSC runs at exactly 1 GHz and the HPET gives the interrupts.
    if (settings.clock == GuestClock::virtual_time)
        line += " tsc=reliable tsc_early_khz=1000000 no_timer_check nolapic_timer";
    if (!settings.extra_command_line.empty()) line += " " + settings.extra_command_line;
    return line;
}

std::vector<std::string> qemu_arguments(const MachineSettings& settings, const MachineFiles& files, int monitor) {
    std::vector<std::string> arguments = clock_arguments(settings);
    append(arguments, {"-machine", "q35,hpet=on,usb=off,vmport=off", "-smp", "1"});
    append(arguments, {"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"});
    append(arguments, {"-m", fmt::format("{}M", (kGuestMemoryBytes + kExchangeBytes) >> 20)});
    // The exchange range is the memory of a second node, so it has a fixed address and needs no PCI device.
    append(arguments, {"-object", fmt::format("memory-backend-file,id=ram,size={}M,mem-path={},share={}",
                                              kGuestMemoryBytes >> 20, files.memory, files.memory_shared ? "on" : "off")});
    append(arguments, {"-object", fmt::format("memory-backend-file,id=exchange,size={}M,mem-path={},share=on",
                                              kExchangeBytes >> 20, files.exchange)});
    append(arguments, {"-numa", "node,nodeid=0,cpus=0,memdev=ram", "-numa", "node,nodeid=1,memdev=exchange"});
    append(arguments, {"-device", fmt::format("pvpanic,ioport={}", kStopPort), "-action", "panic=pause"});
    append(arguments, {"-device", fmt::format("isa-debug-exit,iobase={:#x},iosize=1", kEndPort)});
    append(arguments, {"-chardev", fmt::format("file,id=console,path={}", files.console), "-serial", "chardev:console"});
    append(arguments, {"-chardev", fmt::format("socket,id=monitor,fd={}", monitor), "-mon", "chardev=monitor,mode=control"});
    if (!settings.firmware.empty()) append(arguments, {"-bios", settings.firmware});
    arguments.push_back("-S");  // it stands until it is told to go on
    if (files.kernel.empty()) {
        append(arguments, {"-incoming", "defer"});
    } else {
        append(arguments, {"-kernel", files.kernel, "-initrd", files.initramfs});
        append(arguments, {"-append", kernel_command_line(settings)});
    }
    return arguments;
}

}  // namespace tcpwitness::guest
