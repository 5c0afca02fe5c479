// Where a command line says that something is to be written, looked at before anything is run.
#pragma once

#include <string>

#include "base/error.hh"

namespace tcpwitness {

// Names the call, the path and the kernel's message. main makes a mistake of usage of it.
class OutputRefused : public SystemError {
  public:
    using SystemError::SystemError;
};

// Throws OutputRefused where the file can neither be written nor made. Makes nothing.
void check_output_file(const std::string& path);

// Makes the folder and those above it where they are missing. Throws OutputRefused where that is not to be had or no
// file can be made in it.
void make_output_folder(const std::string& path);

}  // namespace tcpwitness
