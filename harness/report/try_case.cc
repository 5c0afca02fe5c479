#include "report/try_case.hh"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tcpwitness {
namespace {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

// As YAML has it between quotes; '$' would begin a variable of the case.
std::string quoted(const std::string& text) {
    std::string escaped = replaced(replaced(text, "\\", "\\\\"), "\"", "\\\"");
    escaped = replaced(replaced(escaped, "\n", "\\n"), "\t", "\\t");
    return "\"" + replaced(escaped, "$", "$$") + "\"";
}

// Without quotes when YAML takes it for the same text.
std::string yaml_word(const std::string& word) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    static const std::vector<std::string> kOther{"-", "no", "yes", "on", "off", "true", "false", "null"};
    const bool plain = !word.empty() && word.find_first_not_of(kPlain) == std::string::npos &&
                       (word[0] < '0' || word[0] > '9') &&
                       std::find(kOther.begin(), kOther.end(), word) == kOther.end();
    return plain ? word : quoted(word);
}

class CaseWriter {
  public:
    CaseWriter(const TryWishes& wishes, const TryLearnt& learnt, const TryObserved* observed)
        : wishes_(wishes), learnt_(learnt), observed_(observed), server_(wishes.server.name) {}

    std::string text() {
        steps();
        std::string text = fmt::format("case: {}\n", quoted(try_title(wishes_)));
        if (observed_ != nullptr) text += fmt::format("about: {}\ntags: [try]\n", quoted(about()));
        if (wishes_.family == Family::ipv6) text += "network: {family: ipv6}\n";
        text += "programs:\n" + program(wishes_.server, "server");
        if (wishes_.client && learnt_.port != 0) text += program(*wishes_.client, "client");
        text += "steps:\n";
        for (const std::string& step : steps_) text += "  - " + step + "\n";
        if (observed_ != nullptr) text += expectations();
        return text;
    }

  private:
    std::string program(const TryProgram& program, const std::string& host) const {
        std::vector<std::string> words, files;
        for (const std::string& word : program.words)
            words.push_back(yaml_word(
                replaced(replaced(word, "{server}", wishes_.server_address), "{port}", std::to_string(learnt_.port))));
        for (const auto& [name, path] : program.files)
            files.push_back(fmt::format("{}: {}", yaml_word(name), yaml_word(path)));
        std::string text =
            fmt::format("  {}:\n    on: {}\n    run: [{}]\n", program.name, host, fmt::join(words, ", "));
        if (!files.empty()) text += fmt::format("    files: {{{}}}\n", fmt::join(files, ", "));
        if (program.user) text += fmt::format("    user: {}\n", *program.user);
        return text;
    }

    std::string about() const {
        const std::string restarted = observed_->restarted.empty() ? "" : "; " + observed_->restarted;
        return fmt::format("Written by tcpwitness try on {}: {}{}.", observed_->where, observed_->closing, restarted);
    }

    void step(std::string text) { steps_.push_back(std::move(text)); }

    void await_port(const std::string& state, const std::string& within) {
        step(fmt::format("await: server :{} {}{}", learnt_.port, state, within));
    }

    // With what the programs did there when that is known.
    void await_end(const std::string& name, const std::string& how, int seconds) {
        step(fmt::format("await: {} exit{} within {}s", name, how.empty() ? "" : " = " + how, seconds));
    }

    // A server that ends instead should not be waited for long.
    std::string until_listening() const { return learnt_.slow || observed_ != nullptr ? " within 20s" : " within 2s"; }

    void steps() {
        if (learnt_.port == 0) return find_port();
        if (!wishes_.netem.empty()) step(fmt::format("path: netem(both, {})", wishes_.netem));
        step(server_ + ": start");
        await_port("LISTEN", until_listening());
        wishes_.client ? own_client() : plain_client();
        if (!wishes_.restart.empty()) restart();
        if (wishes_.restart.empty() && observed_ != nullptr && observed_->server_time_wait) await_port("TIME_WAIT", "");
        // What is lost comes again, and ends without an acknowledgment give up.
        if (!wishes_.netem.empty())
            step("wait: 5s");
        else if (observed_ == nullptr)
            step("wait: 500ms");
    }

    void find_port() {
        step(server_ + ": start");
        step("await: server :* LISTEN" + until_listening());
        step("wait: 300ms");
    }

    void own_client() {
        const std::string& name = wishes_.client->name;
        step(name + ": start");
        if (learnt_.client_stays) {
            await_port("ESTABLISHED", "");
            step("wait: 1s");  // for what the two have to say to each other at first
        } else {
            await_end(name, observed_ != nullptr ? observed_->client_end : "", wishes_.netem.empty() ? 30 : 120);
        }
        if (wishes_.restart.empty()) return;
        step(fmt::format("{}: kill({})", server_, wishes_.restart));
        if (learnt_.awaits_client) step(name + ": kill(SIGTERM)");
    }

    // The client of the harness is still connected when the server is started again.
    bool stays_connected() const { return !wishes_.client && learnt_.keeps_connection && !learnt_.awaits_client; }

    void plain_client() {
        step("client: c = socket()");
        step(fmt::format("client: connect(c, server:{})", learnt_.port));
        if (learnt_.speaks_first)
            step("client: recv(c) >= 1");
        else if (observed_ == nullptr)
            step("client: poll(c, POLLIN, 300ms) = any");
        if (!wishes_.restart.empty()) {
            await_port("ESTABLISHED", "");
            step(fmt::format("{}: kill({})", server_, wishes_.restart));
            if (!learnt_.keeps_connection) step("client: recv(c, all) = any");
        }
        if (!stays_connected()) close_client();
    }

    void close_client() {
        step("client: close(c)");
        if (observed_ != nullptr && observed_->client_state == TcpState::time_wait) step("await: client c TIME_WAIT");
    }

    void restart() {
        await_end(server_, observed_ != nullptr ? observed_->server_end : "", 10);
        if (observed_ != nullptr && observed_->time_wait_before_restart)
            await_port("TIME_WAIT", "");
        else
            step("wait: 300ms");
        step(server_ + ": start");
        if (learnt_.restart == TryRestart::ends)
            await_end(server_, observed_ != nullptr ? observed_->second_end : "", 10);
        else
            await_port("LISTEN", until_listening());
        if (stays_connected()) close_client();
    }

    std::string expectations() const {
        std::string text = "expect:\n";
        if (observed_->client_state && *observed_->client_state != TcpState::closed)
            text += fmt::format("  states:\n    client c: SYN_SENT -> ESTABLISHED -> ... -> {}\n",
                                to_string(*observed_->client_state));
        if (!observed_->wire.empty()) {
            text += "  wire:\n    - ...\n";
            for (const std::string& line : observed_->wire) text += fmt::format("    - {}\n    - ...\n", line);
        }
        if (!observed_->sockets.empty()) text += "  sockets:\n";
        for (const auto& [host, left] : observed_->sockets) text += fmt::format("    {}: {}\n", host, left);
        return text == "expect:\n" ? "" : text;
    }

    const TryWishes& wishes_;
    const TryLearnt& learnt_;
    const TryObserved* observed_;
    const std::string& server_;
    std::vector<std::string> steps_;
};

}  // namespace

std::string try_title(const TryWishes& wishes) {
    const std::string client = wishes.client            ? wishes.client->name
                               : wishes.restart.empty() ? "a client that connects and closes"
                                                        : "a client that stays connected";
    const std::string restart = wishes.restart.empty() ? "" : fmt::format(", restarted by {}", wishes.restart);
    return fmt::format("{} and {}{}", wishes.server.name, client, restart);
}

std::string try_case(const TryWishes& wishes, const TryLearnt& learnt, const TryObserved* observed) {
    return CaseWriter(wishes, learnt, observed).text();
}

}  // namespace tcpwitness
