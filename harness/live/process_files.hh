// The sockets among the open files of the machine's processes, as /proc shows them to this user.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "bind/bind_question.hh"

namespace tcpwitness {

struct ProcessSurvey {
    size_t processes = 0;  // looked at
    size_t closed = 0;     // whose files this user may not look at
};

// Gives every descriptor of every process that is a socket, with its inode. Threads that share no files with their
// process are not looked at. Processes that end meanwhile are passed over. Throws SystemError when /proc cannot be
// read.
ProcessSurvey for_each_socket(const std::function<void(const SocketOwner& owner, uint64_t inode)>& take);

}  // namespace tcpwitness
