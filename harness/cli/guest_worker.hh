// A worker for runs in a guest, one after the other: a process that speaks with QEMU. It takes the same requests and gives
// the same answers as a worker on this machine's kernel.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "guest/kernel_store.hh"
#include "guest/machine_arguments.hh"

namespace tcpwitness {

// Whether a run is made twice and its Timelines compared, and where the second starts.
enum class Verify { no, snapshot, cold };

struct GuestOrder {
    guest::KernelImage kernel;
    guest::GuestClock clock = guest::GuestClock::virtual_time;
    Verify verify = Verify::no;
    std::optional<bool> kvm;          // with real time, once it is known
    std::chrono::seconds limit{120};  // real time for one run
};

// The feature of a guest's Machine that says whether KVM runs it.
constexpr const char* kKvmFeature = "KVM";

// The words after `tcpwitness guest-worker` that say the order, and back. Throws Error.
std::vector<std::string> to_words(const GuestOrder& order);
GuestOrder guest_order_from_words(const std::vector<std::string>& words);

// The main function of such a process: requests from descriptor 3, reports to it, until that is closed. Returns the exit
// status.
int guest_worker_main(const std::vector<std::string>& words);

}  // namespace tcpwitness
