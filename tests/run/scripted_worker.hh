// Workers that are shell scripts, with the channel as descriptor 3: they say what a test wants to hear.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "run/worker_process.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

inline std::function<std::unique_ptr<WorkerProcess>()> scripted_worker(const std::string& script) {
    return [script] {
        return std::make_unique<WorkerProcess>("/bin/sh", std::vector<std::string>{"-c", script},
                                               WorkerProcess::Isolation::none);
    };
}

// The shell command that sends one frame: four bytes of length and the text.
inline std::string frame(const std::string& text) {
    const size_t length = text.size();
    char header[64];
    snprintf(header, sizeof header, "printf '\\0\\0\\%03o\\%03o%%s' ", static_cast<unsigned>(length >> 8),
             static_cast<unsigned>(length & 255));
    return std::string(header) + "'" + text + "' >&3; ";
}

inline std::string timeline_frame(const Timeline& timeline) {
    return frame("T" + timeline_to_json(timeline));
}

}  // namespace tcpwitness
