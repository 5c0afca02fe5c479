// Getting Debian's kernels: apt-get in folders of its own in the user's cache, from the mirror that this machine is set
// up to use, verified by apt against Debian's keyring. Needs no root and changes nothing of the system's apt.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "guest/child_process.hh"
#include "guest/debian_packages.hh"
#include "guest/kernel_store.hh"

namespace tcpwitness::guest {

using FetchLog = std::function<void(const std::string&)>;

// Environment variables that say where Debian is when the machine's apt does not: the archive's URI, that of its
// security updates (may be unset).
constexpr const char* kMirrorVariable = "TCPWITNESS_DEBIAN_MIRROR";
constexpr const char* kSecurityMirrorVariable = "TCPWITNESS_DEBIAN_SECURITY_MIRROR";

class KernelFetcher {
  public:
    // Prepares the folders. Throws Error when there is no apt-get, no keyring or no mirror; says which.
    explicit KernelFetcher(FetchLog log);

    // The kernel packages that Debian has. Package lists older than a day are brought up to date first; `refresh` does
    // so in any case. Throws Error with apt's own words when not one list could be had.
    const std::vector<DebianPackage>& available(bool refresh = false);

    // Downloads, verifies and unpacks the newest kernel of a series ("6.12"), a release, or "newest", into the cache.
    // One that is there already is not fetched again. Throws Error, SystemError.
    KernelImage fetch(const std::string& series);

  private:
    CommandResult apt(const std::string& program, std::vector<std::string> arguments,
                      const std::filesystem::path& directory = {});
    void update();
    std::vector<DebianPackage> parts_of(const DebianPackage& image);
    void unpack(const std::vector<DebianPackage>& parts, const std::string& release);

    FetchLog log_;
    std::filesystem::path folder_;
    DebianMirror mirror_;
    std::vector<DebianPackage> available_;
    std::string complaint_;  // what apt-get update said when it failed in part
};

}  // namespace tcpwitness::guest
