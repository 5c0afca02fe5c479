#include "page/links.hh"

#include <fmt/core.h>

#include <filesystem>

#include "record/record_file.hh"
#include "report/capture_files.hh"

namespace tcpwitness {
namespace {

namespace fs = std::filesystem;

// What has a meaning of its own in a URL, escaped.
std::string in_link(const std::string& path) {
    std::string text;
    for (const char byte : path) {
        const bool special = std::string_view("%#? \"'<>").find(byte) != std::string_view::npos;
        text += special ? fmt::format("%{:02X}", static_cast<uint8_t>(byte)) : std::string(1, byte);
    }
    return text;
}

// Empty when `path` is not in the folder or below.
std::string below(const fs::path& folder, const fs::path& path) {
    const std::string relative = fs::absolute(path).lexically_normal().lexically_relative(folder).string();
    return relative.starts_with("..") ? "" : in_link(relative);
}

}  // namespace

CaseLinks links_in_out_folder(const Record& record) {
    const std::string& id = record.plan.id;
    return {.record = in_link("records/" + record_file_name(id)),
            .capture = has_packets(record.timeline) ? in_link("pcap/" + capture_file_name(id)) : ""};
}

CaseLinks links_beside(const std::string& page_path, const std::string& record_path) {
    const fs::path folder = fs::absolute(page_path).lexically_normal().parent_path();
    const fs::path record(record_path);
    const fs::path capture = fs::absolute(record).parent_path() / ".." / "pcap" / (record.stem().string() + ".pcapng");
    return {.record = below(folder, record), .capture = fs::exists(capture) ? below(folder, capture) : ""};
}

}  // namespace tcpwitness
