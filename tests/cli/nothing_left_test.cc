// Whoever is killed and whenever: nothing is left of a run. Every test works in a sandbox, where whatever is found was
// made by tcpwitness.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include "sandbox.hh"
#include "tool.hh"

namespace tcpwitness::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Three cases of which each ends in a fraction of a second, two programs each.
// A second is promised, on a machine with nothing else to do. Runs that did not heed the signal would wait for 2MSL.
constexpr auto kEndLimit = 10s;
const std::vector<std::string> kShort{"run", "--kernel", "host", "cases/handshake/three_way.yaml", "cases/handshake/refused.yaml",
                                      "cases/teardown/linger_zero.yaml"};

enum class Victim { runner, worker, actor };

constexpr auto kLimit = 10s;  // for the kernel to take everything down on a machine that has much else to do

std::string check_nothing_left(const Traces& before, const std::string& when) {
    if (!all_gone_within(kLimit)) return when + ": processes are left:\n" + difference(before, traces());
    const std::string left = difference(before, traces());
    return left.empty() ? "" : when + ":\n" + left;
}

std::vector<int> processes_of(Victim victim, const Tool& tool) {
    if (victim == Victim::runner) return {tool.pid()};
    if (victim == Victim::actor) return processes_with("tcp_actor");
    // What a worker has forked is named like it until it becomes a tcp_actor.
    std::vector<int> workers = processes_with("tcpwitness worker");
    std::erase_if(workers, [&tool](int process) { return parent_of(process) != tool.pid(); });
    return workers;
}

// What must be so after the blow besides that nothing is left.
std::string check_story(Victim victim, int signal, bool hit, const ToolRun& run, Clock::duration since) {
    if (victim == Victim::runner) {
        if (run.status != 128 + signal && run.status != 0) return fmt::format("exit status {}", run.status);
        if (signal != SIGKILL && since > kEndLimit) return fmt::format("took {} ms to end", since / 1ms);
        return {};
    }
    if (run.status == 0) return {};  // nobody was hit, or one who was done
    const std::string all = run.output + run.error;
    const std::string why = victim == Victim::worker ? "was killed by SIGKILL before it answered" : "SIGKILL";
    const bool named = all.find(why) != std::string::npos || all.find("Broken pipe") != std::string::npos ||
                       all.find("was killed by SIGKILL") != std::string::npos;
    if (!hit || run.status != 3 || !named) return fmt::format("exit status {}:\n{}", run.status, all);
    return {};
}

class Blows {
  public:
    // Every blow falls at a random moment of a run; how long one takes here is measured first.
    explicit Blows(std::vector<std::string> arguments) : arguments_(std::move(arguments)), before_(traces()) {
        length_ = run_tool(arguments_).wall;
        all_gone_within(kLimit);
    }

    std::string strike(Victim victim, int signal) {
        const auto at = std::chrono::nanoseconds(std::uniform_int_distribution<int64_t>(0, length_.count())(random_));
        Tool tool(arguments_);
        std::this_thread::sleep_until(Clock::now() + at);
        const std::vector<int> targets = processes_of(victim, tool);
        const bool hit = !targets.empty();
        if (hit) kill(targets[random_() % targets.size()], signal);
        hits_ += hit ? 1 : 0;
        const Clock::time_point struck = Clock::now();
        const ToolRun run = tool.wait();
        const std::string when = fmt::format("signal {} {} ms after the start", signal, at / 1ms);
        const std::string wrong = check_story(victim, signal, hit, run, Clock::now() - struck);
        if (!wrong.empty()) return when + ": " + wrong + "\n" + check_nothing_left(before_, when);
        return check_nothing_left(before_, when);
    }

    // At least `times`, and until a quarter of that many hit: a victim may live for a small part of the run only.
    std::string strike_often(Victim victim, int signal, int times) {
        std::string wrong;
        for (int i = 0; (i < times || hits_ < times / 4) && wrong.empty(); ++i) {
            if (i == 20 * times) return fmt::format("only {} of {} blows hit", hits_, i);
            wrong = strike(victim, signal);
        }
        return wrong;
    }

  private:
    std::vector<std::string> arguments_;
    Traces before_;
    std::chrono::nanoseconds length_{};
    std::mt19937 random_{7};
    int hits_ = 0;
};

std::string strike_in_sandbox(Victim victim, int signal, int times) {
    return in_sandbox([&] {
        return Blows(kShort).strike_often(victim, signal, times);
    });
}

TEST(NothingLeft, AfterARunThatEnds) {
    EXPECT_EQ(in_sandbox([] {
                  const Traces before = traces();
                  const ToolRun run = run_tool(kShort);
                  if (run.status != 0) return run.output + run.error;
                  return check_nothing_left(before, "at the end");
              }),
              "");
}

// The sandbox sees what there is to see: else the tests below prove nothing.
TEST(NothingLeft, IsNotSaidWhileARunGoesOn) {
    const std::string seen = in_sandbox([] {
        const Traces before = traces();
        Tool tool({"run", "--kernel", "host", "cases/time_wait/length.yaml", "--family", "ipv4"});
        while (processes_with("tcp_actor").empty()) std::this_thread::yield();
        return difference(before, traces());
    });
    EXPECT_NE(seen.find("tcpwitness worker"), std::string::npos) << seen;
    EXPECT_NE(seen.find("network namespace is left: net:["), std::string::npos) << seen;
}

TEST(NothingLeft, WhenTheRunnerIsKilled) {
    EXPECT_EQ(strike_in_sandbox(Victim::runner, SIGKILL, 20), "");
}

TEST(NothingLeft, WhenAWorkerIsKilled) {
    EXPECT_EQ(strike_in_sandbox(Victim::worker, SIGKILL, 15), "");
}

TEST(NothingLeft, WhenAnActorIsKilled) {
    EXPECT_EQ(strike_in_sandbox(Victim::actor, SIGKILL, 15), "");
}

TEST(NothingLeft, WhenTheRunnerIsInterrupted) {
    EXPECT_EQ(strike_in_sandbox(Victim::runner, SIGINT, 6), "");
    EXPECT_EQ(strike_in_sandbox(Victim::runner, SIGTERM, 4), "");
}

// --- during the wait for 2MSL ---

// Until some process of the sandbox lives in a network namespace with a socket in TIME_WAIT.
bool await_time_wait(Clock::time_point deadline) {
    while (Clock::now() < deadline) {
        for (const int process : processes_with("tcp_actor")) {
            try {
                if (read_file(fmt::format("/proc/{}/net/tcp", process)).find(" 06 ") != std::string::npos) return true;
            } catch (const std::exception&) {  // it has just ended
            }
        }
        std::this_thread::sleep_for(5ms);
    }
    return false;
}

std::string strike_in_wait(Victim victim, int signal) {
    return in_sandbox([&]() -> std::string {
        const Traces before = traces();
        Tool tool({"run", "--kernel", "host", "cases/time_wait/length.yaml", "cases/handshake/three_way.yaml", "--family", "ipv4"});
        if (!await_time_wait(Clock::now() + 30s)) return "no TIME_WAIT was seen\n" + tool.output_so_far();
        const std::vector<int> targets = processes_of(victim, tool);
        if (targets.empty()) return "nobody to strike";
        for (const int target : targets) kill(target, signal);
        const Clock::time_point struck = Clock::now();
        const ToolRun run = tool.wait();
        const std::string wrong = check_story(victim, signal, true, run, Clock::now() - struck);
        if (!wrong.empty()) return wrong;
        if (run.status == 0) return "the run passed";
        if (signal == SIGINT && run.output.find("stopped by SIGINT: ") == std::string::npos) return run.output;
        return check_nothing_left(before, "after the blow");
    });
}

TEST(NothingLeftIn2Msl, WhenTheRunnerIsKilled) {
    EXPECT_EQ(strike_in_wait(Victim::runner, SIGKILL), "");
}

TEST(NothingLeftIn2Msl, WhenTheRunnerIsInterrupted) {
    EXPECT_EQ(strike_in_wait(Victim::runner, SIGINT), "");
}

TEST(NothingLeftIn2Msl, WhenTheWorkersAreKilled) {
    EXPECT_EQ(strike_in_wait(Victim::worker, SIGKILL), "");
}

TEST(NothingLeftIn2Msl, WhenTheActorsAreKilled) {
    EXPECT_EQ(strike_in_wait(Victim::actor, SIGKILL), "");
}

// --- the others go on ---

TEST(AKilledWorker, IsOneErrorAndTheOthersGoOn) {
    EXPECT_EQ(in_sandbox([]() -> std::string {
                  const std::vector<std::string> arguments{"run", "--kernel", "host", "cases/time_wait/length.yaml",
                                                           "cases/handshake/three_way.yaml", "--family", "ipv4"};
                  Tool tool(arguments);
                  if (!await_time_wait(Clock::now() + 30s)) return "no TIME_WAIT was seen";
                  // The last that is left is the one that waits.
                  const auto deadline = Clock::now() + 30s;
                  while (tool.output_so_far().find("three segments open a connection") == std::string::npos) {
                      if (Clock::now() > deadline) return "the other case does not end";
                      std::this_thread::sleep_for(5ms);
                  }
                  for (const int worker : processes_with("tcpwitness worker")) kill(worker, SIGKILL);
                  const ToolRun run = tool.wait();
                  const bool told =
                      run.output.find("the worker was killed by SIGKILL before it answered") != std::string::npos &&
                      run.output.find("1 passed, 0 failed, 0 skipped, 1 error") != std::string::npos;
                  return run.status == 3 && told ? "" : run.output;
              }),
              "");
}

}  // namespace
}  // namespace tcpwitness::test
