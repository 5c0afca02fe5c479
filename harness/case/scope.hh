// What the steps of one story may name: hosts, programs, and the sockets that earlier steps made.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "case/case.hh"
#include "case/case_text.hh"

namespace tcpwitness {

// A call that was begun with "= ..." and whose return no step has shown yet.
struct OpenCall {
    std::string program;
    std::string function;
    std::string socket;
};

class Scope {
  public:
    Scope(const std::vector<CaseProgram>& programs, bool direct, Diagnostics& diagnostics)
        : programs_(programs), direct_(direct), diagnostics_(diagnostics) {}

    Diagnostics& diagnostics() { return diagnostics_; }
    const std::vector<CaseProgram>& programs() const { return programs_; }
    std::vector<std::string> host_names() const;  // those that the topology has
    std::vector<std::string> program_names() const;
    const CaseProgram* find_program(const std::string& name) const;
    bool has_host(const std::string& name) const;

    // The program or its absence as a mistake.
    const CaseProgram* program(const CaseText& name);
    // The host itself, or the host of a program of that name; a mistake when it is neither.
    std::optional<std::string> host(const CaseText& name);
    // Whether an earlier step of the program made the socket; a mistake when not.
    bool socket(const std::string& program, const CaseText& name);
    // Whether any program has made a socket of that name.
    bool some_socket(const std::string& name) const;
    // "client c", "server :7000"; a mistake when it is neither or names what does not exist.
    std::optional<SocketReference> socket_reference(const CaseText& text);

    // False when the program has an open socket of that name.
    bool make_socket(const std::string& program, const std::string& name);
    void close_socket(const std::string& program, const std::string& name) { open_[program].erase(name); }
    // The program has ended: its names can be given again.
    void forget_open_sockets(const std::string& program) { open_.erase(program); }
    void begin_call(OpenCall call) { open_calls_.push_back(std::move(call)); }
    // What follows are expectations.
    void end_steps() { in_steps_ = false; }
    // Takes the begun call off the list; false when there is none.
    bool finish_call(const OpenCall& call);

  private:
    const std::vector<CaseProgram>& programs_;
    bool direct_;
    bool in_steps_ = true;
    Diagnostics& diagnostics_;
    std::map<std::string, std::vector<std::string>> sockets_;  // of each program, open or closed
    std::map<std::string, std::set<std::string>> open_;
    std::vector<OpenCall> open_calls_;
};

}  // namespace tcpwitness
