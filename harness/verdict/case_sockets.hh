// Which of the sockets that were left belong to the case.
#pragma once

#include "timeline/timeline.hh"

namespace tcpwitness {

// A socket belongs to the case when a program of the case has it, or the observers followed it through the story.
bool is_of_the_case(const Timeline& timeline, const SocketLeft& left);

}  // namespace tcpwitness
