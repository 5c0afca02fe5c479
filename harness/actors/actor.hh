// Actor: a program of the case, running in a namespace. tcp_actor takes calls over a Channel; any other program is
// started, watched and signalled only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/message.hh"

namespace tcpwitness {

struct ActorOptions {
    std::string name;
    std::vector<std::string> command;                // absolute or looked up on PATH; for a tcp_actor: its path only
    bool takes_calls = false;                        // a tcp_actor: gets one end of a Channel as descriptor 3
    int network_namespace = -1;                      // descriptor, entered with setns in the child before exec
    std::string folder;                              // the program's working folder, which exists
    std::map<std::string, std::string> environment;  // added to the harness's own
    std::optional<uint32_t> user;                    // uid to become before exec
};

struct ActorExit {
    int exit_status = 0;  // meaningful when signal is 0
    int signal = 0;
    Duration at{};  // CLOCK_MONOTONIC, when the harness learned of it
};

// What an actor tells the run. All are called from the io_context, never from inside a member function of Actor.
struct ActorEvents {
    std::function<void(const CallReply&)> reply;
    // The detached call with this id was made and blocks in the kernel; its reply comes later. Not told for a call that
    // returned at once. Until one of the two has come, another program's step could overtake it.
    std::function<void(uint64_t id)> begun;
    std::function<void(bool standard_error, std::string text)> output;
    std::function<void(const ActorExit&)> exited;  // last of all: output was read to its end before
    std::function<void(std::string why)> broken;   // the channel said what is no message, or the exit cannot be known
};

class Actor {
  public:
    // Starts the program. Throws SystemError naming the call that failed in the child ("execve /usr/sbin/nginx: ...").
    Actor(boost::asio::io_context& context, const ActorOptions& options, ActorEvents events);
    // Kills the program, its process group and all its descendants, and reaps it. Processes that have left its group
    // and lost their parent are killed with the last Actor, if the harness is process 1 or a subreaper.
    ~Actor();
    Actor(const Actor&) = delete;
    Actor& operator=(const Actor&) = delete;

    int pid() const;
    bool running() const;
    // Asks for a system call; the answer comes as ActorEvents::reply with the same id. That of exit() comes when the
    // process is gone and its sockets are closed. Throws SystemError (EPIPE) when the program has ended.
    void call(const CallRequest& request);
    // Sends a signal to the program (to its process group for programs that are not tcp_actor). Throws SystemError
    // (ESRCH) when there is nobody left to get it.
    void signal(int signal_number);

  private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace tcpwitness
