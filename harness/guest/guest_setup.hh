// The agent's work on its own machine: file systems, modules, the exchange range, randomness, ports.
#pragma once

#include <string>
#include <vector>

#include "base/kernel_version.hh"
#include "guest/exchange.hh"
#include "guest/mapped_file.hh"

namespace tcpwitness::guest {

// Mounts /proc, /sys, /dev and what programs expect below them. The root is in memory, /tmp and /run with it,
// so that nothing hides files that were packed there. Throws SystemError.
void mount_file_systems();

// Makes the console standard input, output and error. Throws SystemError.
void open_console();

// Loads the modules named in `list_path`, in that order. Throws Error naming the module that did not load.
void load_modules(const std::string& list_path);

// Stops the periodic work of memory management, which would wake an idle machine. Throws SystemError.
void quiet_memory_management();

// Maps the range that host and guest share. Throws SystemError.
Mapping map_exchange();

// Brings up the loopback interface of the guest's first network namespace, for programs that run there.
void bring_up_loopback();

// Asks the kernel for access to the I/O ports; writes to one. Throws SystemError.
void allow_ports();
void write_port(unsigned port, unsigned char value);

// Kernels before this keep a generator of their own for netem and others (lib/random32.c).
constexpr KernelVersion kNoPrandom{5, 19, 0};

// Makes all of the kernel's randomness a function of `seed`. Throws SystemError.
void seed_randomness(const Seed& seed);

}  // namespace tcpwitness::guest
