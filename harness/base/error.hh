// Errors that carry the call and the object it was made on. Thrown by every room that talks to the kernel,
// given context on the way up (per step, per case) and caught only in run_plan and main.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace tcpwitness {

// An error of the harness itself: something that should have worked did not.
class Error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// A failed system call: "setns /proc/7/ns/net: Operation not permitted".
class SystemError : public Error {
  public:
    // `call` and `object` say what was tried on what; `error_number` is an errno value.
    SystemError(std::string_view call, std::string_view object, int error_number);

    int error_number() const { return error_number_; }

  private:
    int error_number_;
};

// A refused netlink request: "RTM_NEWLINK veth client0: File exists (Name already taken)".
class NetlinkError : public Error {
  public:
    // `detail` is the kernel's extended-ack text, or empty.
    NetlinkError(std::string_view message, std::string_view object, int error_number, std::string_view detail = {});

    int error_number() const { return error_number_; }

  private:
    int error_number_;
};

// Something this kernel or user cannot do. A run that meets it ends as a skip that names it.
class Unsupported : public Error {
  public:
    using Error::Error;
};

// Throws SystemError with the current errno when `result` is negative, else returns it.
template <typename Result>
Result check_system(Result result, std::string_view call, std::string_view object);

// The name of an errno value ("ECONNREFUSED"), or "errno 4095" when it has none.
std::string errno_name(int error_number);

// The value of an errno name, or 0 when there is no such name.
int errno_value(std::string_view name);

[[noreturn]] void throw_system_error(std::string_view call, std::string_view object);

template <typename Result>
Result check_system(Result result, std::string_view call, std::string_view object) {
    if (result < 0) throw_system_error(call, object);
    return result;
}

}  // namespace tcpwitness
