// Approved output: what a report must be, byte for byte, in tests/report/approved/.
#pragma once

#include <string>

namespace tcpwitness {

// Compares with the approved file of that name. With TCPWITNESS_APPROVE=1 in the environment the file is written
// instead, to be read before it is committed.
void expect_approved(const std::string& name, const std::string& text);

}  // namespace tcpwitness
