// One running guest: QEMU as a child process, its monitor, its console and the range shared with it. Nothing of it has
// a name in the file system, and it dies with this process.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/error.hh"
#include "guest/child_process.hh"
#include "guest/exchange.hh"
#include "guest/machine_arguments.hh"
#include "guest/mapped_file.hh"
#include "guest/qmp_client.hh"

namespace tcpwitness::guest {

// A guest that did not do what it had to: it panicked, hung, ended without a reply, or could not start. The text says
// which, and ends with the last lines of the guest's console.
class GuestError : public Error {
  public:
    GuestError(const std::string& reason, std::string console);
    const std::string& reason() const { return reason_; }  // without the console
    const std::string& console() const { return console_; }

  private:
    std::string reason_;
    std::string console_;
};

struct GuestStart {
    std::string qemu = "qemu-system-x86_64";
    MachineSettings settings;
    int memory = -1;             // descriptor of the file that is its RAM
    int state = -1;              // and of its snapshot's state, which revert() loads again; -1 where that is not wanted
    bool memory_shared = false;  // its writes reach that file
    int kernel = -1;             // descriptors; -1 to resume from a snapshot
    int initramfs = -1;
};

class GuestProcess {
  public:
    // Starts QEMU. Throws Error when it cannot be started, GuestError when it refuses.
    GuestProcess(const GuestStart& start, Deadline deadline);

    // Boots the machine until its agent says that it is ready; it stands still then. Throws GuestError.
    void boot(Deadline deadline);
    // Writes the state of the standing machine, without its RAM, to the file `state`. Throws GuestError.
    void save_state(int state, Deadline deadline);
    // Loads such a state from the file `state`. Throws GuestError.
    void load_state(int state, Deadline deadline);
    // Gives the standing machine a request, lets it go on and waits until it stands again. Throws GuestError unless that
    // was with a whole reply.
    std::string answer(const GuestRequest& request, Deadline deadline);
    // Takes the machine, which has answered, back to the snapshot that it was loaded from. Throws Error when this QEMU
    // cannot do that.
    void revert(Deadline deadline);

    // What it printed since it was started or reverted.
    std::string console() const;

  private:
    [[noreturn]] void fail(const std::string& what);
    [[noreturn]] void fail_ended(const std::string& instead_of);
    bool await_stop(Deadline deadline);
    void share_memory_capability(Deadline deadline);
    void ask_preloaded(char request, Deadline deadline);
    void wait_migration(const char* what, Deadline deadline);

    FileDescriptor exchange_file_;
    FileDescriptor console_file_;
    FileDescriptor messages_file_;  // what QEMU itself says
    Mapping exchange_;
    std::string state_path_;        // as QEMU knows it; empty when it cannot be reverted
    FileDescriptor revert_socket_;  // of qemu_revert.hh
    size_t console_from_ = 0;
    std::optional<QmpClient> monitor_;
    std::optional<ChildProcess> process_;
};

}  // namespace tcpwitness::guest
