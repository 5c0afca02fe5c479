// LiveRun: one run while it happens: the stage, the observers, the programs and the one event loop that all of them share.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/actor.hh"
#include "faults/path_tricks.hh"
#include "observers/observers.hh"
#include "plan/plan.hh"
#include "run/private_filesystem.hh"
#include "run/run_plan.hh"
#include "run/stage.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

SocketQuery query_of(const SocketReference& reference);

class LiveRun {
  public:
    // Builds everything in order: stage, observers, programs. Throws when the kernel refuses.
    LiveRun(const Plan& plan, const RunOptions& options, Timeline& timeline);
    ~LiveRun();

    // Plays the steps, up to the first that does not come out as the plan says, and marks the end of the story.
    void play();
    // Ends the programs, drains the observers and fills in what the timeline says of the whole run.
    void finish();

  private:
    struct PendingCall {
        int step = 0;                    // that began it
        const CallStep* call = nullptr;
        Instant asked{};
        bool begun = false;              // it blocks in the kernel
        std::optional<CallReply> reply;
    };
    struct Program {
        const PlanProgram* plan = nullptr;
        std::unique_ptr<Actor> actor;
        std::map<uint64_t, PendingCall> calls;
        std::optional<ActorExit> exit;   // of its latest process
        bool may_end = false;            // a step has told it to exit or sent it a signal
        bool stuck = false;              // its last call has not returned: it takes no other
        std::string broken;
        std::map<std::string, DataFlow> flows;  // socket name -> what went through it
    };
    struct StepResult {
        StepOutcome outcome = StepOutcome::done;
        std::string observed;
    };

    // live_run.cc: the loop
    Instant now() const;
    void record(EventBody body);
    void record_at(Instant at, EventBody body);
    void tell_last_event() const;
    // Runs the loop until `done` holds; false when `deadline` passed first.
    bool wait_until(const std::function<bool()>& done, Instant deadline);
    // Calls `work` whenever the descriptor is readable.
    void watch(int descriptor, void (LiveRun::*work)());
    void wait_for(boost::asio::posix::stream_descriptor& descriptor, void (LiveRun::*work)());
    void drain_observers();
    void work_on_path();
    void do_what_is_due();
    std::optional<Instant> next_due() const;
    void start_program(Program& program, int step);
    void end_program(Program& program);
    void end_programs();
    Program& program(const std::string& name);
    void on_reply(Program& program, const CallReply& reply);
    void on_exit(Program& program, const ActorExit& exit);
    void note_data(Program& program, const CallStep& call, const CallReply& reply);
    void give_up_unfinished_calls();
    void account_for_faults();

    // live_run_steps.cc: one function per kind of step
    bool play_step(int index);
    StepResult perform(int step, const CallStep& call, Instant deadline);
    StepResult perform(int step, const StartStep& start, Instant deadline);
    StepResult perform(int step, const SignalStep& signal, Instant deadline);
    StepResult perform(int step, const AwaitStep& await, Instant deadline);
    StepResult perform(int step, const CheckStep& check, Instant deadline);
    StepResult perform(int step, const WaitStep& wait, Instant deadline);
    StepResult perform(int step, const SysctlStep& sysctl, Instant deadline);
    StepResult perform(int step, const PathStep& path, Instant deadline);
    StepResult begin_call(int step, const CallStep& call, Instant deadline);
    StepResult finish_call(const CallStep& call, Instant deadline);
    StepResult outcome_of(Program& caller, uint64_t id, const ExpectedResult& expected, Instant deadline);
    void wait_for_accept(const std::string& host, Instant deadline);
    uint64_t ask(int step, const CallStep& call);
    bool holds(const Condition& condition);
    bool has_held(const Condition& condition, Instant since);
    bool has_fired(const FaultCondition& condition, Instant since) const;
    std::string describe(const Condition& condition);

    // settle.cc: after the last step
    void settle();
    bool settled();
    bool chance_decides() const;
    bool nothing_on_its_way();
    bool final_states_reached();
    bool sockets_as_expected();

    const Plan& plan_;
    const RunOptions& options_;
    Timeline& timeline_;
    Duration origin_;
    PreparedRun prepared_;
    Stage stage_;
    PrivateFilesystem filesystem_;
    boost::asio::io_context context_;
    std::unique_ptr<Observers> observers_;
    std::unique_ptr<PathTricks> path_;
    std::vector<std::unique_ptr<boost::asio::posix::stream_descriptor>> watched_;  // copies of the observers' and path's
    std::map<std::string, Program> programs_;
    uint64_t next_call_ = 1;
    Instant last_action_{};  // when the last step that was not an await began
    bool played_whole_ = false;  // every step came out as the plan says
    bool ending_ = false;    // the harness itself ends the programs now
    std::exception_ptr failure_;  // thrown in a handler, rethrown by wait_until
};

}  // namespace tcpwitness
