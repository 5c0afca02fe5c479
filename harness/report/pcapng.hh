// A Timeline as a pcapng file (draft-ietf-opsawg-pcapng) for Wireshark and tshark: one interface for each place of
// capture, and what else happened as comments of the packets near it.
#pragma once

#include <string>

#include "record/record.hh"

namespace tcpwitness {

// The bytes of the file. Time stamps are nanoseconds since the run began, which Wireshark shows as a moment of
// 1 January 1970. Payloads are cut after kRawPayloadLimit bytes. Calls, state changes, faults and steps are comments of
// the next packet, with their own times; those after the last packet are comments of the last.
std::string pcapng(const Record& record);

}  // namespace tcpwitness
