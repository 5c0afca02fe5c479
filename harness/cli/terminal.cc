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

int terminal_width(int fallback) {
    if (const char* columns = std::getenv("COLUMNS")) {
        const int width = std::atoi(columns);
        if (width > 0) return width;
    }
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return fallback;
}

bool locale_is_utf8() {
    std::setlocale(LC_CTYPE, "");
    return std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

}  // namespace

Style output_style(const std::string& colour, int fallback) {
    const char* no_color = std::getenv("NO_COLOR");
    const bool wanted = output_is_terminal() && (no_color == nullptr || *no_color == '\0');
    return {.width = terminal_width(fallback),
            .colour = colour == "always" || (colour == "auto" && wanted),
            .utf8 = locale_is_utf8()};
}

bool output_is_terminal() {
    const char* terminal = std::getenv("TERM");
    return isatty(STDOUT_FILENO) && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

Sink standard_output() {
    return [](std::string_view text) { write_all(STDOUT_FILENO, text); };
}

Sink file_output(const std::string& path) {
    auto file = std::make_shared<FileDescriptor>(open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0666));
    return [file](std::string_view text) { write_all(file->get(), text); };
}

}  // namespace tcpwitness
