// TryCase: the case that `tcpwitness try` makes of a user's programs, first to find out what they do, then to keep.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.hh"
#include "base/tcp_state.hh"

namespace tcpwitness {

struct TryProgram {
    std::string name;                // in the case
    std::vector<std::string> words;  // program and arguments; {server} and {port} stand for the server's
    std::vector<std::pair<std::string, std::string>> files;  // name in its folder, path from the case
    std::optional<uint32_t> user;
};

// What the command line asks for.
struct TryWishes {
    TryProgram server;
    std::optional<TryProgram> client;  // absent: one that only connects
    std::string restart;               // the signal's name; empty: no restart
    std::string netem;                 // "loss=5%, delay=20ms"; empty: a good line
    Family family = Family::ipv4;
    std::string server_address;  // of `family`
};

enum class TryRestart : uint8_t {
    unknown,  // taken to listen again
    listens,
    ends,  // the server ends instead of listening
};

// What earlier runs taught about the story: it decides the steps.
struct TryLearnt {
    uint16_t port = 0;              // 0: still to be found out
    bool slow = false;              // the server needs more than a moment until it listens
    bool speaks_first = false;      // the server sends before it is asked
    bool keeps_connection = false;  // the signal does not make it close
    bool awaits_client = false;     // nor does it end while the connection is open
    bool client_stays = false;      // the user's own client does not end by itself
    TryRestart restart = TryRestart::unknown;
};

// What the run that went through showed: it makes waits exact, and expectations.
struct TryObserved {
    std::string where;       // "kernel 6.18.44, root"
    std::string closing;     // "the server closed first"
    std::string restarted;   // "started again after SIGTERM, nginx listened again"; empty: it was not
    std::string server_end;  // "0", "SIGTERM"; empty: it did not end
    std::string client_end;
    std::string second_end;                      // of the server when it was started again
    std::optional<TcpState> client_state;        // of the built-in client's socket
    bool time_wait_before_restart = false;       // at the server, on its port
    bool server_time_wait = false;               // the same, at the end
    std::map<std::string, std::string> sockets;  // host -> "{TIME_WAIT: 1}" or "none"
    std::vector<std::string> wire;               // lines
};

// The text of the case. Without `observed` it expects nothing and waits for whatever comes.
std::string try_case(const TryWishes& wishes, const TryLearnt& learnt, const TryObserved* observed);

// "nginx and curl, restarted by SIGTERM"
std::string try_title(const TryWishes& wishes);

}  // namespace tcpwitness
