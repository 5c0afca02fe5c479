// This program as a guest's first process: it answers the requests of a guest worker with the same code as a worker on
// this machine's kernel does.
#pragma once

namespace tcpwitness {

// The kind of request that carries a WorkRequest; the reply is the last WorkReport.
constexpr const char* kRunKind = "run";

// Where a guest has tcp_actor.
constexpr const char* kGuestActor = "/usr/libexec/tcpwitness/tcp_actor";

[[noreturn]] void run_guest_agent();

}  // namespace tcpwitness
