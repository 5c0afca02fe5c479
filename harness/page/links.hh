// The files that lie beside a page and belong to a run, as links relative to the page.
#pragma once

#include <string>

#include "page/page_data.hh"
#include "record/record.hh"

namespace tcpwitness {

// Those of the folder that `run --out` writes: "records/NAME.json" and, when packets were captured, "pcap/NAME.pcapng".
CaseLinks links_in_out_folder(const Record& record);

// The record's file, and its capture in ../pcap when there is one, for a page in the same folder or above; else none.
CaseLinks links_beside(const std::string& page_path, const std::string& record_path);

}  // namespace tcpwitness
