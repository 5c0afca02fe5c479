// For tests: a network namespace of the test's own, with loopback up. Without root, in a user namespace.
#pragma once

namespace tcpwitness {

// Whether the test program began with all of root's rights.
bool is_real_root();

class PrivateNetwork {
  public:
    // The calling thread, and what it starts, is in the new namespace from now on.
    PrivateNetwork();
};

}  // namespace tcpwitness
