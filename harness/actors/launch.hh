// Starts a program inside a namespace: everything that must happen between fork and execve.
#pragma once

#include <sys/types.h>

#include "actors/actor.hh"
#include "base/file_descriptor.hh"

namespace tcpwitness {

// What the program gets as descriptors 1, 2 and 3. Its 0 is /dev/null; it gets no other.
struct LaunchDescriptors {
    FileDescriptor output;
    FileDescriptor error;
    FileDescriptor channel;  // may be absent
};

// Returns the new process's number once its execve has succeeded. It leads a process group of its own, has every
// signal at its default and unblocked, and dies with the thread that called this (SIGKILL).
// Throws SystemError naming the call that failed in the child; the child is gone by then.
pid_t launch(const ActorOptions& options, LaunchDescriptors descriptors);

}  // namespace tcpwitness
