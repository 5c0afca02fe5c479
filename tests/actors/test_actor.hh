// For tests: an Actor whose events are kept, its calls made one after the other, and a check that nothing is left.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/actor.hh"

namespace tcpwitness {

Value socket_value(const std::string& name);
Value symbol(const std::string& text);
Value integer(int64_t number);
Value text(const std::string& characters);
Value duration(Duration length);
Value address(const std::string& text);
Value list(std::vector<Value> items);

// At the end of its life: as many descriptors as at its beginning and no child, running or zombie.
class NothingLeft {
  public:
    NothingLeft();
    ~NothingLeft();

  private:
    size_t descriptors_;
};

// Runs the loop until the condition holds; fails the test after ten seconds.
void run_until(boost::asio::io_context& context, const std::function<bool()>& condition, const std::string& what);

class TestActor {
  public:
    TestActor(boost::asio::io_context& context, ActorOptions options);

    // Makes a call and waits for its reply.
    CallReply call(const std::string& function, std::vector<Value> arguments, const std::string& makes = "");
    // Starts a call on a thread of the program's own, and waits until it blocks or has returned.
    uint64_t begin(const std::string& function, std::vector<Value> arguments, const std::string& makes = "");
    CallReply reply_to(uint64_t id);
    bool has_replied(uint64_t id) const { return replies_.contains(id); }
    const ActorExit& exit();

    Actor& actor() { return *actor_; }
    void destroy() { actor_.reset(); }

    std::string output;
    std::string error;
    std::string broken;
    std::vector<std::string> order;  // of events: "reply 3", "output", "error", "exited", "broken"
    std::function<void()> on_event;

  private:
    void happened(const std::string& what);

    boost::asio::io_context& context_;
    uint64_t next_id_ = 1;
    std::map<uint64_t, CallReply> replies_;
    std::set<uint64_t> begun_;
    std::optional<ActorExit> exit_;
    std::unique_ptr<Actor> actor_;
};

ActorOptions tcp_actor_options(const std::string& name);
ActorOptions program_options(std::vector<std::string> command);

}  // namespace tcpwitness
