#include "guest/guest_process.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <tuple>

#include "guest/qemu_preload_image.hh"
#include "guest/qemu_revert.hh"

namespace tcpwitness::guest {
namespace {

using nlohmann::json;

std::string path_of(int descriptor) { return descriptor < 0 ? std::string() : fmt::format("/proc/self/fd/{}", descriptor); }

std::string content_of(const FileDescriptor& file, size_t from = 0) {
    std::string content;
    char chunk[4096];
    for (ssize_t got; (got = pread(file.get(), chunk, sizeof chunk, static_cast<off_t>(from + content.size()))) > 0;)
        content.append(chunk, static_cast<size_t>(got));
    return content;
}

// What a process has used of the processors; nothing when it is gone.
std::chrono::nanoseconds processor_time_of(pid_t pid) {
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) return {};
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

// A deadline is for a guest that hangs, not for a machine that is slow: when it passes while the guest got less processor
// time than that, and got some since it was last looked at, there is more to wait.
class Patience {
  public:
    Patience(pid_t pid, Deadline deadline)
        : pid_(pid), deadline_(deadline), limit_(deadline - std::chrono::steady_clock::now()), began_(processor_time_of(pid)) {}

    Deadline deadline() const { return deadline_; }

    // False as well when it was something else that ended the waiting.
    bool more() {
        const Deadline now = std::chrono::steady_clock::now();
        const std::chrono::nanoseconds got = processor_time_of(pid_) - began_;
        if (now < deadline_ || got <= got_ || got >= limit_) return false;
        got_ = got;
        deadline_ = now + limit_ - got;
        return true;
    }

  private:
    pid_t pid_;
    Deadline deadline_;
    std::chrono::nanoseconds limit_;
    std::chrono::nanoseconds began_;
    std::chrono::nanoseconds got_{};
};

// The last `lines` lines of a console, without carriage returns.
std::string tail(std::string text, int lines) {
    std::erase(text, '\r');
    size_t from = text.size();
    while (from > 0 && lines >= 0)
        if (text[--from] == '\n') --lines;
    return text.substr(lines < 0 ? from + 1 : 0);
}

// What a console says of a kernel that died, or nothing.
std::string panic_in(const std::string& console) {
    const size_t at = console.find("Kernel panic");
    if (at == std::string::npos) return {};
    return console.substr(at, console.find_first_of("\r\n", at) - at);
}

}  // namespace

GuestError::GuestError(const std::string& reason, std::string console)
    : Error(console.empty() ? reason : fmt::format("{}\nthe guest's console ended with:\n{}", reason, tail(console, 30))),
      reason_(reason),
      console_(std::move(console)) {}

GuestProcess::GuestProcess(const GuestStart& start, Deadline deadline)
    : exchange_file_(anonymous_file("exchange", kExchangeBytes)),
      console_file_(anonymous_file("console")),
      messages_file_(anonymous_file("messages")),
      exchange_(exchange_file_.get(), kExchangeBytes, PROT_READ | PROT_WRITE, MAP_SHARED, 0, "exchange range") {
    auto [here, there] = socket_pair(SOCK_STREAM);
    const MachineFiles files{.memory = path_of(start.memory),
                             .memory_shared = start.memory_shared,
                             .exchange = path_of(exchange_file_.get()),
                             .console = path_of(console_file_.get()),
                             .kernel = path_of(start.kernel),
                             .initramfs = path_of(start.initramfs)};
    ChildOptions options{.standard_output = messages_file_.get(), .standard_error = messages_file_.get()};
    FileDescriptor preload;
    FileDescriptor revert_there;
    if (start.settings.clock == GuestClock::virtual_time) {
        preload = anonymous_file("preload");
        write_all(preload.get(), qemu_preload_image());
        options.environment.push_back("LD_PRELOAD=" + path_of(preload.get()));
    }
    if (start.state >= 0) {
        state_path_ = path_of(start.state);
        std::tie(revert_socket_, revert_there) = socket_pair(SOCK_SEQPACKET);
        options.environment.push_back(fmt::format("{}={} {}", kRevertVariable, revert_there.get(), start.memory));
    }
    for (const int descriptor : {there.get(), start.memory, exchange_file_.get(), console_file_.get(), start.kernel,
                                 start.initramfs, start.state, preload.get(), revert_there.get()})
        if (descriptor >= 0) options.inherited.push_back(descriptor);
    process_.emplace(start.qemu, qemu_arguments(start.settings, files, there.get()), options);
    there.reset();
    monitor_.emplace(std::move(here));
    if (!monitor_->greet(deadline)) fail_ended("starting");
    // The loader goes on without it, and runs would differ.
    if (content_of(messages_file_).find("cannot be preloaded") != std::string::npos)
        fail("QEMU does not load what makes its runs the same every time");
}

std::string GuestProcess::console() const { return content_of(console_file_, console_from_); }

void GuestProcess::fail(const std::string& what) {
    const std::string said = content_of(messages_file_);
    throw GuestError(said.empty() ? what : fmt::format("{}\nQEMU said: {}", what, said), console());
}

void GuestProcess::fail_ended(const std::string& instead_of) {
    const std::optional<int> status = process_->wait(std::chrono::steady_clock::now() + std::chrono::seconds(1));
    const std::string panic = panic_in(console());
    if (!panic.empty()) fail("guest: " + panic);
    if (!status)
        fail(fmt::format("guest: no end within the time limit (real time) instead of {}: it is still at work, or hung (idle "
                         "with no timer armed)", instead_of));
    if (*status == exit_status_for(kAgentGaveUp)) fail(fmt::format("guest: its agent gave up instead of {}", instead_of));
    fail(fmt::format("guest: the machine ended (QEMU exit status {}) instead of {}", *status, instead_of));
}

// False when it ended instead, or when the deadline passed.
bool GuestProcess::await_stop(Deadline deadline) {
    Patience patience(process_->pid(), deadline);
    const auto await = [&](std::initializer_list<std::string_view> names) {
        std::optional<json> event;
        do event = monitor_->wait_event(names, patience.deadline());
        while (!event && patience.more());
        return event;
    };
    const std::optional<json> event = await({"GUEST_PANICKED", "SHUTDOWN"});
    return event && event->at("event") != "SHUTDOWN" && await({"STOP"});
}

void GuestProcess::boot(Deadline deadline) {
    // Only now: while the processor is at work the main loop waits, and a monitor that is not open yet tells no events.
    monitor_->send("cont");  // the answer comes when the processor first rests
    if (!await_stop(deadline)) fail_ended("becoming ready");
}

void GuestProcess::share_memory_capability(Deadline deadline) {
    const auto on = [](const char* name) { return json{{"capability", name}, {"state", true}}; };
    monitor_->execute("migrate-set-capabilities", {{"capabilities", {on("events"), on("x-ignore-shared")}}}, deadline);
}

void GuestProcess::wait_migration(const char* what, Deadline deadline) {
    for (;;) {
        const auto event = monitor_->wait_event({"MIGRATION"}, deadline);
        if (!event) fail_ended(what);
        const std::string status = event->at("data").at("status");
        if (status == "completed") return;
        if (status == "failed") fail(fmt::format("guest: {} failed", what));
    }
}

void GuestProcess::save_state(int state, Deadline deadline) {
    share_memory_capability(deadline);
    monitor_->give_descriptor("state", state, deadline);
    monitor_->execute("migrate", {{"uri", "fd:state"}}, deadline);
    wait_migration("saving the machine's state", deadline);
}

void GuestProcess::load_state(int state, Deadline deadline) {
    share_memory_capability(deadline);
    // It has no network device to announce, and the timer for that would go by the host's clock.
    monitor_->execute("migrate-set-parameters", {{"announce-rounds", 0}}, deadline);
    monitor_->give_descriptor("state", state, deadline);
    monitor_->execute("migrate-incoming", {{"uri", "fd:state"}}, deadline);
    wait_migration("loading the machine's state", deadline);
}

std::string GuestProcess::answer(const GuestRequest& request, Deadline deadline) {
    write_request(exchange_.data(), request);
    monitor_->send("cont");  // the answer comes when the processor first rests
    if (!await_stop(deadline)) fail_ended("replying");
    std::optional<ExchangedReply> reply = read_reply(exchange_.data());
    if (!reply) fail("guest: ended without a whole reply");
    if (reply->status != ReplyStatus::handled) fail("guest: " + reply->body);
    return std::move(reply->body);
}

void GuestProcess::ask_preloaded(char request, Deadline deadline) {
    constexpr const char* kObject = "QEMU's preloaded library";
    check_system(send(revert_socket_.get(), &request, 1, MSG_NOSIGNAL), "send", kObject);
    if (!wait_readable(revert_socket_.get(), deadline, kObject)) throw Error("QEMU's preloaded library does not answer");
    char answer[256];
    const ssize_t size = check_system(recv(revert_socket_.get(), answer, sizeof answer, 0), "recv", kObject);
    const std::string said(answer, static_cast<size_t>(size));
    if (said != kRevertDone) throw Error(said.empty() ? "QEMU has ended" : said);
}

void GuestProcess::revert(Deadline deadline) try {
    if (state_path_.empty()) throw Error("this machine was not started to be reverted");
    const auto on_reset = [&](const char* action) { monitor_->execute("set-action", {{"reboot", action}}, deadline); };
    // Devices keep what is in no saved state until they are reset. What the guest itself does is a shutdown (-no-reboot).
    on_reset("reset");
    monitor_->execute("system_reset", json::object(), deadline);
    if (!monitor_->wait_event({"RESET"}, deadline)) fail_ended("resetting");
    on_reset("shutdown");
    ask_preloaded(kRevertMemory, deadline);
    monitor_->execute("xen-load-devices-state", {{"filename", state_path_}}, deadline);
    ask_preloaded(kReverted, deadline);
    monitor_->forget_events();
    check_system(fallocate(exchange_file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, kExchangeBytes),
                 "fallocate PUNCH_HOLE", "exchange range");
    console_from_ += console().size();
} catch (const GuestError&) {
    throw;
} catch (const Error& error) {
    fail(error.what());
}

}  // namespace tcpwitness::guest
