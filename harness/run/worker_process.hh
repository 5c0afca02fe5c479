// WorkerProcess: this program executed again, in user (when not root), mount, PID and network namespaces of its own.
// It is process 1 of its PID namespace: when it dies, everything that it made dies with it. It dies with its parent.
#pragma once

#include <string>
#include <vector>

#include "base/file_descriptor.hh"
#include "control/channel.hh"

namespace tcpwitness {

// The descriptor on which a worker finds its end of the Channel.
constexpr int kWorkerChannel = 3;

class WorkerProcess {
  public:
    enum class Isolation {
        namespaces,  // a run on this machine's kernel
        none,        // a run in a guest: the worker only speaks with QEMU
    };

    // Executes `program` with `arguments`. Throws SystemError("clone3 ...") when the kernel refuses the namespaces.
    WorkerProcess(const std::string& program, const std::vector<std::string>& arguments, Isolation isolation);
    ~WorkerProcess();  // SIGKILL, and waits for the process
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    Channel& channel() { return channel_; }
    int pid() const { return pid_; }

    // Asks for nothing more and waits, at most for some seconds, until a worker that has answered has ended by itself: so it
    // can wait for its own child, a guest.
    void dismiss();

    // Waits for the end of the process: "exited with status 1", "was killed by SIGKILL". Call once its channel is closed.
    std::string wait();

  private:
    explicit WorkerProcess(std::pair<FileDescriptor, FileDescriptor> ends, const std::string& program,
                           const std::vector<std::string>& arguments, Isolation isolation);

    Channel channel_;
    int pid_ = -1;
};

}  // namespace tcpwitness
