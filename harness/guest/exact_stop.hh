// Stopping the guest's machine so that it goes on the same way each time.
#pragma once

namespace tcpwitness::guest {

// Tells the host that the guest is ready, which stops the machine at this instruction; returns some time after the host
// lets it go on. Needs allow_ports(). Throws SystemError.
//
// QEMU may or may not move the virtual clock on to the next timer while the processor stands still but the machine is
// not yet said to be stopped: a race inside QEMU. Whoever runs on after the stop would see one of two times. So the
// instruction after the stop jumps to itself until a timer's signal takes it out of there: the timer's interrupt comes
// at the same virtual time, at the same instruction and with the same registers, whether the time before it was spent
// jumping or was skipped. Without this, two boots gave different random numbers in one of three cases.
void stop_until_continued();

}  // namespace tcpwitness::guest
