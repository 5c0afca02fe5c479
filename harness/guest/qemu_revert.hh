// The part of the preloaded library that takes QEMU's machine back to its snapshot.
#pragma once

namespace tcpwitness::guest {

// What the library finds in its environment: "DESCRIPTOR DESCRIPTOR", a SOCK_SEQPACKET socket and the file that is
// mapped as the guest's RAM.
constexpr const char* kRevertVariable = "TCPWITNESS_REVERT";

// Requests on that socket. The answer to each is kRevertDone, or why it cannot be done.
constexpr char kRevertMemory = 'm';  // RAM as in the file; from here on QEMU keeps its translated code
constexpr char kReverted = 'r';      // from here on QEMU may drop it again

constexpr const char* kRevertDone = "done";

// The socket; -1 when there is none.
int revert_socket();

// Answers one request. In the thread of QEMU's main loop, while the machine stands.
void answer_revert_request();

}  // namespace tcpwitness::guest
