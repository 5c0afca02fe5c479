// QEMU's machine protocol over a socket: commands with their answers, and events.
#pragma once

#include <deque>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_descriptor.hh"
#include "guest/deadline.hh"

namespace tcpwitness::guest {

class QmpClient {
  public:
    explicit QmpClient(FileDescriptor socket) : socket_(std::move(socket)) {}

    // Takes the greeting and leaves negotiation mode. False when QEMU closed the socket first or `deadline` passed.
    bool greet(Deadline deadline);
    // Sends a command and gives its answer. Throws Error naming the command when QEMU refuses it, goes away or is silent.
    nlohmann::json execute(std::string_view command, const nlohmann::json& arguments, Deadline deadline);
    // Sends a command and does not wait for its answer. Throws Error when QEMU has ended.
    void send(std::string_view command);
    // Gives QEMU a descriptor, which later commands call `name`. Throws Error.
    void give_descriptor(const std::string& name, int descriptor, Deadline deadline);
    // The next event with one of these names; nothing when QEMU closed the socket or `deadline` passed.
    std::optional<nlohmann::json> wait_event(std::initializer_list<std::string_view> names, Deadline deadline);
    // Those that came and were not waited for.
    void forget_events() { events_.clear(); }

  private:
    // Sends a command, with a descriptor beside it unless that is -1; exchange() gives its answer.
    void send(std::string_view command, const nlohmann::json& arguments, int descriptor);
    nlohmann::json exchange(std::string_view command, const nlohmann::json& arguments, int descriptor, Deadline deadline);
    std::optional<nlohmann::json> next_message(Deadline deadline);

    FileDescriptor socket_;
    std::string received_;
    std::deque<nlohmann::json> events_;
};

}  // namespace tcpwitness::guest
