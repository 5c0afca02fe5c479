#include "report/try_account.hh"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "report/outcome_words.hh"
#include "report/paragraphs.hh"
#include "report/try_connections.hh"
#include "report/try_learning.hh"
#include "verdict/case_sockets.hh"

namespace tcpwitness {
namespace {

constexpr int kWords = 12;
constexpr size_t kMostShown = 4;  // of what is counted

class Account {
  public:
    Account(const TryWishes& wishes, const TryLearnt& learnt, const TryObserved& observed, const Record& record,
            const Style& style)
        : wishes_(wishes),
          learnt_(learnt),
          observed_(observed),
          timeline_(record.timeline),
          text_(style),
          again_(second_start(timeline_, wishes.server.name)) {}

    std::string text() {
        text_.put(0, "who closed first", Tone::bold);
        closing();
        text_.empty();
        text_.put(0, "in TIME_WAIT at the end", Tone::bold);
        for (const char* host : {"client", "server"}) time_wait(host);
        if (wishes_.client) client_end();
        if (!wishes_.restart.empty() && again_) restart();
        return text_.text();
    }

  private:
    void closing() {
        const std::vector<TryConnection> all = try_connections(timeline_);
        if (all.empty()) text_.put(kIndent, "nobody: there was no connection");
        std::vector<std::string> told;
        for (const TryConnection& each : all) {
            const std::string kind = kind_of_end(each);
            if (std::find(told.begin(), told.end(), kind) != told.end()) continue;
            told.push_back(kind);
            std::vector<std::string> ends;
            for (const TryConnection& other : all) {
                if (kind_of_end(other) == kind)
                    ends.push_back(fmt::format("{} to {}", to_string(other.client), to_string(other.server)));
            }
            text_.put(kIndent, kind);
            text_.put(kIndent + 2, listed(ends, "connection"), Tone::dim);
        }
        if (observed_.sockets.empty())
            text_.put(kIndent, fmt::format("This is a race: in several runs {}.", observed_.closing), Tone::warning);
    }

    static std::string kind_of_end(const TryConnection& connection) {
        return fmt::format("{}: client {}, server {}", closing_words(connection), to_string(connection.client_state),
                           to_string(connection.server_state));
    }

    // "2 connections: A, B"
    static std::string listed(std::vector<std::string> all, const std::string& noun) {
        const size_t count = all.size();
        if (count > kMostShown) all.resize(kMostShown);
        return fmt::format("{}: {}{}", counted(count, noun), fmt::join(all, ", "), count > kMostShown ? ", ..." : "");
    }

    void time_wait(const std::string& host) {
        std::vector<std::string> sockets;
        for (const SocketLeft& left : timeline_.sockets_left) {
            if (left.host != host || left.state != TcpState::time_wait || !is_of_the_case(timeline_, left)) continue;
            sockets.push_back(
                fmt::format("{} to {}", to_string(left.local), left.remote ? to_string(*left.remote) : "?"));
        }
        text_.put(kIndent, host, kWords, sockets.empty() ? "none" : listed(sockets, "socket"));
    }

    void client_end() {
        const std::string& client = wishes_.client->name;
        for (const Event& event : timeline_.events) {
            const auto* exited = std::get_if<ProgramExited>(&event.body);
            if (exited == nullptr || exited->program != client || exited->by_harness) continue;
            text_.empty();
            text_.put(0, exit_words(*exited), Tone::bold);
            if (exited->exit_status != 0 || exited->signal != 0) output(client, {});
        }
    }

    void output(const std::string& program, Instant since) {
        for (const std::string& line : last_output(timeline_, program, since)) text_.put(kIndent + 2, line, Tone::dim);
    }

    // Why a bind() came out as it did follows from what was on the port and from the rules that why-bind explains.
    void restart() {
        const std::string& server = wishes_.server.name;
        text_.empty();
        text_.put(0, "restart after " + wishes_.restart, Tone::bold);
        const std::vector<TcpState> held = states_on_port(timeline_, "server", learnt_.port, *again_);
        const bool waits = std::find(held.begin(), held.end(), TcpState::time_wait) != held.end();
        const bool others =
            std::any_of(held.begin(), held.end(), [](TcpState state) { return state != TcpState::time_wait; });
        text_.put(kIndent, "on port " + std::to_string(learnt_.port) + " then: " + held_words(held));
        session();
        if (learnt_.restart == TryRestart::ends) return failed_restart(waits, others);
        text_.put(kIndent, fmt::format("{} could bind and listened again{}.", server, after_how_long()), Tone::good);
        if (held.empty())
            text_.put(kIndent, "Nothing was in its way, so this says nothing of SO_REUSEADDR.");
        else
            text_.put(kIndent,
                      fmt::format("That works only with SO_REUSEADDR (or SO_REUSEPORT) on both its old sockets and the "
                                  "new one: {} sets it.",
                                  server));
    }

    // What became of a session that was open when the signal came.
    void session() {
        const std::string& server = wishes_.server.name;
        if (learnt_.awaits_client)
            text_.put(kIndent,
                      fmt::format("{} did not end {} while the connection was open: {} first.", wishes_.restart, server,
                                  wishes_.client ? wishes_.client->name + " was ended" : "the client closed it"));
        else if (learnt_.keeps_connection)
            text_.put(kIndent, fmt::format("{} did not make {} close the connection: it stayed open over the restart.",
                                           wishes_.restart, server));
        else if (learnt_.client_stays)
            text_.put(kIndent,
                      fmt::format("{} was still connected when {} came.", wishes_.client->name, wishes_.restart));
    }

    void failed_restart(bool waits, bool others) {
        const std::string& server = wishes_.server.name;
        std::string said;
        for (const std::string& line : last_output(timeline_, server, *again_)) said += line + "\n";
        const bool in_use = said.find("ddress already in use") != std::string::npos ||
                            said.find("ddress in use") != std::string::npos ||
                            said.find("EADDRINUSE") != std::string::npos;
        text_.put(kIndent,
                  fmt::format("{} did not listen again{}{}", server,
                              in_use ? ": EADDRINUSE (Address already in use)" : "", end_of_second()),
                  Tone::bad);
        output(server, *again_);
        if (others)
            text_.put(kIndent,
                      "Processes of the old server still have connections on the port. bind() can pass them only with "
                      "SO_REUSEADDR on all these sockets and on the new one.");
        else if (waits)
            text_.put(
                kIndent,
                fmt::format("TIME_WAIT is on the port and {} does not set SO_REUSEADDR. Set on its listener before "
                            "bind(), the next start works at once; without it, after 60 s.",
                            server));
        else
            text_.put(kIndent, "Nothing was on the port: the reason is another one.");
    }

    static std::string held_words(const std::vector<TcpState>& held) {
        std::map<TcpState, size_t> counts;
        for (const TcpState state : held) ++counts[state];
        std::vector<std::string> words;
        for (const auto& [state, count] : counts) words.push_back(fmt::format("{} {}", count, to_string(state)));
        return words.empty() ? "nothing" : fmt::format("{}", fmt::join(words, ", "));
    }

    std::string after_how_long() const {
        for (const Event& event : timeline_.events) {
            const auto* change = std::get_if<StateChange>(&event.body);
            if (change == nullptr || change->to != TcpState::listen || event.at < *again_) continue;
            return fmt::format(" after {}", format_duration(event.at - *again_));
        }
        return "";
    }

    std::string end_of_second() const {
        for (const Event& event : timeline_.events) {
            const auto* exited = std::get_if<ProgramExited>(&event.body);
            if (exited != nullptr && exited->program == wishes_.server.name && event.at >= *again_ &&
                !exited->by_harness)
                return "; " + exit_words(*exited);
        }
        return "";
    }

    const TryWishes& wishes_;
    const TryLearnt& learnt_;
    const TryObserved& observed_;
    const Timeline& timeline_;
    Paragraphs text_;
    std::optional<Instant> again_;
};

}  // namespace

std::string try_account(const TryWishes& wishes, const TryLearnt& learnt, const TryObserved& observed,
                        const Record& record, const Style& style) {
    return Account(wishes, learnt, observed, record, style).text();
}

}  // namespace tcpwitness
