#include "cli/terminal.hh"

#include <fcntl.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/file_descriptor.hh"

namespace tcpwitness {
namespace {

int terminal_width(int descriptor, int fallback) {
    if (const char* columns = std::getenv("COLUMNS")) {
        const int width = std::atoi(columns);
        if (width > 0) return width;
    }
    winsize size{};
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return fallback;
}

bool is_terminal(int descriptor) {
    const char* terminal = std::getenv("TERM");
    return isatty(descriptor) && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

Sink sink_of(int descriptor) {
    return [descriptor](std::string_view text) { write_all(descriptor, text); };
}

bool locale_is_utf8() {
    std::setlocale(LC_CTYPE, "");
    return std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

Style style_of(int descriptor, const std::string& colour, int fallback) {
    const char* no_color = std::getenv("NO_COLOR");
    const bool wanted = is_terminal(descriptor) && (no_color == nullptr || *no_color == '\0');
    return {.width = terminal_width(descriptor, fallback),
            .colour = colour == "always" || (colour == "auto" && wanted),
            .utf8 = locale_is_utf8()};
}

}  // namespace

Style output_style(const std::string& colour, int fallback) {
    return style_of(STDOUT_FILENO, colour, fallback);
}

Style error_style() {
    return style_of(STDERR_FILENO, "auto", Style{}.width);
}

bool output_is_terminal() {
    return is_terminal(STDOUT_FILENO);
}

bool error_is_terminal() {
    return is_terminal(STDERR_FILENO);
}

Sink standard_output() {
    return sink_of(STDOUT_FILENO);
}

Sink standard_error() {
    return sink_of(STDERR_FILENO);
}

Sink file_output(const std::string& path) {
    auto file = std::make_shared<FileDescriptor>(open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0666));
    return [file](std::string_view text) { write_all(file->get(), text); };
}

}  // namespace tcpwitness
