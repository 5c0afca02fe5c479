#include "report/capture_files.hh"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "record/record_file.hh"
#include "report/pcapng.hh"

namespace tcpwitness {

std::string capture_file_name(std::string_view plan_id) {
    const std::string name = record_file_name(plan_id);
    return name.substr(0, name.rfind('.')) + ".pcapng";
}

bool has_packets(const Timeline& timeline) {
    return std::any_of(timeline.events.begin(), timeline.events.end(), [](const Event& event) {
        const auto* segment = std::get_if<SegmentSeen>(&event.body);
        const auto* packet = std::get_if<PacketSeen>(&event.body);
        return (segment != nullptr && !segment->segment.raw.empty()) || (packet != nullptr && !packet->raw.empty());
    });
}

CaptureFiles::CaptureFiles(std::string folder) : folder_(std::move(folder)) {}

void CaptureFiles::case_ended(const Record& record) {
    if (!has_packets(record.timeline)) return;
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error) throw SystemError("mkdir", folder_, error.value());
    write_file(folder_ + "/" + capture_file_name(record.plan.id), pcapng(record));
}

}  // namespace tcpwitness
