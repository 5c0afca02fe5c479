// Keeps a guest's QEMU on one processor, so that its threads take turns.
#pragma once

#include <sys/types.h>

#include "base/file_descriptor.hh"

namespace tcpwitness::guest {

// A processor that this process may use and that no other guest of this machine has claimed, or any when all are claimed.
class Processor {
  public:
    Processor();
    int number() const { return number_; }

  private:
    FileDescriptor claim_;
    int number_ = 0;
};

// Puts every thread of `qemu` on one processor, and lets none of them interrupt the one that runs the guest, `vcpu`.
//
// When the guest's processor goes to sleep, QEMU's main loop moves the virtual clock on to the next timer. It may see the
// sleep a moment before the instructions that led to it are counted; the clock then goes too far by as many nanoseconds
// (QEMU 7.2: halted is set in cpu_exec(), icount_process_data() comes after it, icount_start_warp_timer() of the main loop
// asks for both). On two processors, or when the main loop interrupts the other thread, that happened in one of 300 runs.
// A thread of SCHED_BATCH interrupts nobody when it wakes up (sched(7)). Throws SystemError.
void keep_on_one_processor(pid_t qemu, pid_t vcpu, const Processor& processor);

}  // namespace tcpwitness::guest
