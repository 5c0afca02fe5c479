#include "guest/debian_packages.hh"

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

#include "guest/kernel_store.hh"

namespace tcpwitness::guest {
namespace {

constexpr std::string_view kImagePrefix = "linux-image-";
constexpr std::string_view kImageSuffix = "-cloud-amd64";
constexpr std::array<std::string_view, 10> kSuites = {"bullseye", "bookworm", "trixie",  "forky",     "sid",         "stable",
                                                      "oldstable", "testing", "unstable", "oldoldstable"};

bool digit(char character) { return character >= '0' && character <= '9'; }

// deb-version(7): "~" sorts before the end of the text, that before letters, those before all else.
int character_order(std::string_view text) {
    if (text.empty() || digit(text[0])) return 0;
    if (text[0] == '~') return -1;
    const bool letter = (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z');
    return letter ? text[0] : text[0] + 256;
}

std::string_view take_digits(std::string_view& text) {
    size_t end = 0;
    while (end < text.size() && digit(text[end])) ++end;
    std::string_view digits = text.substr(0, end);
    text.remove_prefix(end);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return digits;
}

int compare_part(std::string_view left, std::string_view right) {
    while (!left.empty() || !right.empty()) {
        while ((!left.empty() && !digit(left[0])) || (!right.empty() && !digit(right[0]))) {
            const int difference = character_order(left) - character_order(right);
            if (difference != 0) return difference < 0 ? -1 : 1;
            if (!left.empty()) left.remove_prefix(1);
            if (!right.empty()) right.remove_prefix(1);
        }
        const std::string_view left_digits = take_digits(left), right_digits = take_digits(right);
        if (left_digits.size() != right_digits.size()) return left_digits.size() < right_digits.size() ? -1 : 1;
        if (left_digits != right_digits) return left_digits < right_digits ? -1 : 1;
    }
    return 0;
}

std::vector<std::string> words_of(std::string_view text) {
    std::istringstream stream{std::string(text)};
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

// The stanzas of a deb822 text as field → value, field names in lower case; continued lines are joined by a blank.
std::vector<std::map<std::string, std::string>> stanzas_of(std::string_view text) {
    std::vector<std::map<std::string, std::string>> stanzas(1);
    std::istringstream stream{std::string(text)};
    std::string field;
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with('#')) continue;
        const size_t colon = line.find(':');
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            if (!stanzas.back().empty()) stanzas.emplace_back();
        } else if (line[0] == ' ' || line[0] == '\t') {
            if (!field.empty()) stanzas.back()[field] += " " + line.substr(1);
        } else if (colon != std::string::npos) {
            field = line.substr(0, colon);
            std::transform(field.begin(), field.end(), field.begin(), [](unsigned char c) { return std::tolower(c); });
            const size_t from = line.find_first_not_of(" \t", colon + 1);
            stanzas.back()[field] = from == std::string::npos ? "" : line.substr(from);
        }
    }
    return stanzas;
}

std::vector<std::string> dependency_names(const std::string& field) {
    std::vector<std::string> names;
    std::istringstream stream(field);
    for (std::string dependency; std::getline(stream, dependency, ',');)
        if (const auto words = words_of(dependency); !words.empty()) names.push_back(words[0]);
    return names;
}

// One entry of a sources file. Others than Debian use the names of its suites too, so the folder's name decides.
void consider(DebianMirror& mirror, std::string uri, const std::string& suite) {
    while (uri.ends_with('/')) uri.pop_back();
    const std::string codename = suite.substr(0, suite.find_first_of("-/"));
    if (std::find(kSuites.begin(), kSuites.end(), codename) == kSuites.end()) return;
    const std::string folder = uri.substr(uri.rfind('/') + 1);
    if (folder == "debian" && mirror.archive.empty()) mirror.archive = uri;
    if (folder == "debian-security" && mirror.security.empty()) mirror.security = uri;
}

void consider_line(DebianMirror& mirror, std::string line) {
    line.erase(std::min(line.find('#'), line.size()));
    const size_t options = line.find('[');
    if (options != std::string::npos) line.erase(options, line.find(']', options) - options + 1);
    const std::vector<std::string> words = words_of(line);
    const bool main = std::find(words.begin() + std::min<size_t>(3, words.size()), words.end(), "main") != words.end();
    if (main && words[0] == "deb") consider(mirror, words[1], words[2]);
}

}  // namespace

int compare_debian_versions(std::string_view left, std::string_view right) {
    const auto epoch = [](std::string_view& version) {
        const size_t colon = version.find(':');
        const std::string_view number = colon == std::string_view::npos ? "0" : version.substr(0, colon);
        if (colon != std::string_view::npos) version.remove_prefix(colon + 1);
        return number;
    };
    const std::string_view left_epoch = epoch(left), right_epoch = epoch(right);
    if (const int difference = compare_part(left_epoch, right_epoch); difference != 0) return difference;
    const auto upstream = [](std::string_view version) { return version.substr(0, version.rfind('-')); };
    const auto revision = [](std::string_view version) {
        return version.rfind('-') == std::string_view::npos ? std::string_view() : version.substr(version.rfind('-') + 1);
    };
    if (const int difference = compare_part(upstream(left), upstream(right)); difference != 0) return difference;
    return compare_part(revision(left), revision(right));
}

std::vector<DebianPackage> parse_packages(std::string_view text) {
    std::vector<DebianPackage> packages;
    for (auto& stanza : stanzas_of(text))
        if (stanza.contains("package") && stanza.contains("version"))
            packages.push_back({stanza["package"], stanza["version"], dependency_names(stanza["depends"])});
    return packages;
}

bool is_kernel_package(std::string_view name) {
    if (!name.starts_with(kImagePrefix) || !name.ends_with(kImageSuffix)) return false;
    if (name.size() <= kImagePrefix.size() + kImageSuffix.size()) return false;
    const std::string_view version = name.substr(kImagePrefix.size(), name.size() - kImagePrefix.size() - kImageSuffix.size());
    // A metapackage has a series at most ("6.1"), a kernel's release three numbers.
    return digit(version[0]) && std::count(version.begin(), version.end(), '.') >= 2;
}

std::string release_of_package(std::string_view name) {
    return std::string(name.starts_with(kImagePrefix) ? name.substr(kImagePrefix.size()) : name);
}

std::string series_of_version(std::string_view version) {
    const size_t first = version.find('.');
    if (first == std::string_view::npos) return std::string(version);
    size_t end = first + 1;
    while (end < version.size() && digit(version[end])) ++end;
    return std::string(version.substr(0, end));
}

std::optional<DebianPackage> newest_of_series(const std::vector<DebianPackage>& packages, std::string_view series) {
    std::optional<DebianPackage> newest;
    for (const DebianPackage& package : packages) {
        const bool wanted = series == "newest" || release_matches(package.version, series) ||
                            release_matches(release_of_package(package.name), series);
        if (!is_kernel_package(package.name) || !wanted) continue;
        if (!newest || compare_debian_versions(package.version, newest->version) > 0) newest = package;
    }
    return newest;
}

std::vector<DebianPackage> newest_of_each_series(const std::vector<DebianPackage>& packages) {
    std::vector<std::string> series;
    for (const DebianPackage& package : packages)
        if (is_kernel_package(package.name)) series.push_back(series_of_version(package.version));
    std::sort(series.begin(), series.end(), [](const auto& left, const auto& right) { return compare_releases(left, right) < 0; });
    series.erase(std::unique(series.begin(), series.end()), series.end());
    std::vector<DebianPackage> newest;
    for (const std::string& one : series) newest.push_back(*newest_of_series(packages, one));
    return newest;
}

DebianMirror find_mirror(const std::vector<std::string>& deb822_files, const std::vector<std::string>& list_files) {
    DebianMirror mirror;
    for (const std::string& file : deb822_files) {
        for (auto& stanza : stanzas_of(file)) {
            const std::vector<std::string> types = words_of(stanza["types"]), components = words_of(stanza["components"]);
            if (std::find(types.begin(), types.end(), "deb") == types.end() || stanza["enabled"] == "no") continue;
            if (std::find(components.begin(), components.end(), "main") == components.end()) continue;
            for (const std::string& uri : words_of(stanza["uris"]))
                for (const std::string& suite : words_of(stanza["suites"])) consider(mirror, uri, suite);
        }
    }
    for (const std::string& file : list_files) {
        std::istringstream stream(file);
        for (std::string line; std::getline(stream, line);) consider_line(mirror, line);
    }
    return mirror;
}

}  // namespace tcpwitness::guest
