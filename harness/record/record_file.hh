// Where records stand: one file for each run in a folder, whole or not there at all.
#pragma once

#include <string>
#include <string_view>

#include "record/record.hh"

namespace tcpwitness {

// The file of a plan's id: "teardown/four_way_close[ipv6]" is "teardown.four_way_close[ipv6].json". Two ids never have
// the same name; names of 200 bytes and more are cut and end in a hash of the id.
std::string record_file_name(std::string_view plan_id);

// Writes `record` into `folder`, which is made if need be, under a temporary name first, and renames it. Returns the
// path. Throws SystemError. A writer that was killed leaves at most the temporary file, which the next one writes over.
std::string write_record(const std::string& folder, const Record& record);

// Throws SystemError when the file cannot be read, Error when it is not a whole record of this version.
Record read_record(const std::string& path);

}  // namespace tcpwitness
