// Debian's kernel packages as apt lists them: which there are, which is the newest of a series, what one consists of;
// and where the machine's own apt configuration gets Debian from. All of it pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness::guest {

struct DebianPackage {
    std::string name;                  // "linux-image-6.12.107+deb13-cloud-amd64"
    std::string version;               // "6.12.107-1"
    std::vector<std::string> depends;  // names, the first of alternatives
};

// Orders two package versions by Debian's rule (deb-version(7)): "~" before the end, digits by value.
int compare_debian_versions(std::string_view left, std::string_view right);

// Reads what `apt-cache show` writes.
std::vector<DebianPackage> parse_packages(std::string_view text);

// Whether a name is a kernel image that guests can run: linux-image-*-cloud-amd64 with a version in it (no metapackage).
bool is_kernel_package(std::string_view name);
// "6.12.107+deb13-cloud-amd64" from the name.
std::string release_of_package(std::string_view name);

// The newest kernel package of a series ("6.1": versions 6.1 and 6.1.*); nothing when there is none.
std::optional<DebianPackage> newest_of_series(const std::vector<DebianPackage>& packages, std::string_view series);
// One package for each series, oldest series first.
std::vector<DebianPackage> newest_of_each_series(const std::vector<DebianPackage>& packages);
// "6.12" from "6.12.107-1".
std::string series_of_version(std::string_view version);

// Where this machine gets Debian and Debian's security updates from; empty when its configuration does not say.
struct DebianMirror {
    std::string archive;
    std::string security;
};
// From the contents of its sources files: those named *.sources (deb822) and *.list (one line each).
DebianMirror find_mirror(const std::vector<std::string>& deb822_files, const std::vector<std::string>& list_files);

}  // namespace tcpwitness::guest
