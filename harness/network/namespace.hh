// Network namespaces as resources: anonymous, held by a descriptor only, gone when the last holder is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/file_descriptor.hh"

namespace tcpwitness {

class NetlinkSocket;

class NetworkNamespace {
  public:
    // Makes a new network namespace; the calling thread stays where it was. `name` is for messages only.
    // Throws SystemError("unshare CLONE_NEWNET", name).
    explicit NetworkNamespace(std::string name);
    ~NetworkNamespace();
    NetworkNamespace(NetworkNamespace&&) noexcept;
    NetworkNamespace& operator=(NetworkNamespace&&) noexcept;

    void rename(std::string name) { name_ = std::move(name); }

    int descriptor() const { return descriptor_.get(); }
    uint64_t inode() const { return inode_; }  // net.ns.inum, as BPF programs and /proc see it
    const std::string& name() const { return name_; }

    // A NETLINK_ROUTE socket that was opened inside the namespace: using it needs no setns. For one thread at a time.
    NetlinkSocket& route_socket() const { return *route_socket_; }

  private:
    std::string name_;
    FileDescriptor descriptor_;
    uint64_t inode_ = 0;
    std::unique_ptr<NetlinkSocket> route_socket_;
};

// Moves the calling thread into a namespace and, at the end of its scope, back. A thread that cannot go back ends the
// process: what it would do next would hit the wrong namespace.
class NamespaceGuard {
  public:
    explicit NamespaceGuard(int namespace_descriptor);
    explicit NamespaceGuard(const NetworkNamespace& network_namespace)
        : NamespaceGuard(network_namespace.descriptor()) {}
    ~NamespaceGuard();
    NamespaceGuard(const NamespaceGuard&) = delete;
    NamespaceGuard& operator=(const NamespaceGuard&) = delete;

  private:
    FileDescriptor before_;
};

// The namespaces of the worker process itself: user (when not root), mount, PID and network.
// Called once, before any thread is made. Writes the id maps: the caller becomes root of the user namespace.
// Throws SystemError naming the call.
// With a PID namespace the caller must fork afterwards: the child is process 1 of it.
void enter_private_namespaces(bool make_user_namespace);

// For process 1 of a new PID namespace that has its own mount namespace: a /proc that shows this namespace's processes
// by the numbers that they themselves know. False, and nothing is changed, where the kernel refuses that: in a
// container that hides parts of /proc. Throws SystemError.
bool mount_private_proc();

}  // namespace tcpwitness
