// A stage that is watched: what the kernel tests of observers/ share.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "observers/observers.hh"
#include "stage.hh"

namespace tcpwitness {

constexpr Duration kLimit = std::chrono::seconds(30);

class ObservedStage {
  public:
    explicit ObservedStage(ObserverOptions options = {}, std::unique_ptr<StateTracer> tracer = nullptr);

    // Waits for the observers' descriptors until `done` or `limit`; returns what `done` said last. The limit
    // is long because softirqs wait for the CPU like everyone else on a busy machine.
    bool wait(const std::function<bool()>& done, Duration limit = kLimit);
    bool wait_for(const std::string& host, const std::string& name, TcpState state,
                  Duration limit = kLimit);

    // Sockets that the observers are told of, as the run does after each call.
    FileDescriptor socket(const std::string& host, const std::string& name, Family family);
    FileDescriptor accept(const FileDescriptor& listener, const std::string& name);
    void tell(const std::string& host, const std::string& name, int socket);

    FileDescriptor listen(const std::string& name, Family family, uint16_t port = 7000);
    int connect(const FileDescriptor& socket, Family family, uint16_t port = 7000);  // errno, or 0

    // "SYN_SENT ESTABLISHED"; with the sources: "SYN_SENT(tracepoint)".
    std::string states(const std::string& host, const std::string& name) const;
    std::string states(int socket) const;
    std::string sources(int socket) const;
    std::string causes(const std::string& host, const std::string& name) const;
    int index(const std::string& host, const std::string& name) const;
    std::vector<Event> changes(int socket) const;
    int restarts(int socket) const;
    int64_t lost() const;

    TestStage stage;
    std::vector<Event> events;
    Duration origin;
    std::unique_ptr<Observers> observers;
    std::map<std::string, int> names;

  private:
    const NetworkNamespace& host(const std::string& name) const { return name == "client" ? stage.client : stage.server; }
};

}  // namespace tcpwitness
