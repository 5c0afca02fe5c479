#include "record/record_file.hh"

#include <fmt/core.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/error.hh"
#include "base/file_descriptor.hh"

namespace tcpwitness {
namespace {

// NAME_MAX is 255; what is left is for the temporary name and the ending.
constexpr size_t kLongestName = 200;

bool stands_for_itself(char character) {
    const bool letter = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
    const bool digit = character >= '0' && character <= '9';
    return letter || digit || std::string_view("_-=,:@[]").find(character) != std::string_view::npos;
}

uint64_t fnv1a(std::string_view bytes) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char byte : bytes) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
    return hash;
}

}  // namespace

std::string record_file_name(std::string_view plan_id) {
    std::string name;
    for (const char character : plan_id) {
        if (character == '/') {
            name += '.';
        } else if (character == ' ') {
            name += '+';
        } else if (stands_for_itself(character)) {
            name += character;
        } else {
            name += fmt::format("%{:02X}", static_cast<uint8_t>(character));
        }
    }
    if (name.size() >= kLongestName)
        name = fmt::format("{}~{:016x}", name.substr(0, kLongestName - 17), fnv1a(plan_id));
    return name + ".json";
}

std::string write_record(const std::string& folder, const Record& record) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw SystemError("mkdir", folder, error.value());
    const std::string name = record_file_name(record.plan.id);
    const std::string path = folder + "/" + name;
    const std::string temporary = folder + "/." + name + ".partial";
    write_file(temporary, record_to_json(record));
    if (std::rename(temporary.c_str(), path.c_str()) != 0) {
        const int rename_error = errno;
        std::remove(temporary.c_str());
        throw SystemError("rename", path, rename_error);
    }
    return path;
}

Record read_record(const std::string& path) {
    return record_from_json(read_file(path), path);
}

}  // namespace tcpwitness
