// The worker's own view of the file system: what programs of a run write is seen by nobody else and goes with the worker.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.hh"

namespace tcpwitness {

// Needs a mount namespace of this process's own (worker_process.hh).
class PrivateFilesystem {
  public:
    // A tmpfs with a folder for each program, holding its files; and, when a program is not a tcp_actor, a private
    // copy of /var, /run and /tmp (overlayfs) so that log, pid and data files stay in the run, and an /etc/hosts that
    // has `host_names` behind what this machine's has. Throws SystemError naming the mount.
    explicit PrivateFilesystem(const std::vector<PlanProgram>& programs, const std::string& host_names = {});

    // The folder that the program starts in.
    std::string working_folder(const PlanProgram& program) const;
};

}  // namespace tcpwitness
