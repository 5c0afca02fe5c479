// One pcapng file for each run, in a folder, for Wireshark.
#pragma once

#include <string>

#include "report/reporter.hh"

namespace tcpwitness {

// "teardown.four_way_close[ipv4].pcapng": the name of the run's record with another ending.
std::string capture_file_name(std::string_view plan_id);

// Whether anything was captured that a file could hold: at least one packet with its bytes.
bool has_packets(const Timeline& timeline);

// Writes a file as each run ends that has packets. The folder is made with the first.
class CaptureFiles : public Reporter {
  public:
    explicit CaptureFiles(std::string folder);
    void case_ended(const Record& record) override;

  private:
    std::string folder_;
};

}  // namespace tcpwitness
