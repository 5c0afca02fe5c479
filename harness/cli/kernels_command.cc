// tcpwitness kernels: the kernels that guests can run; fetched, listed, removed.
#include <fmt/core.h>

#include <memory>

#include "base/error.hh"
#include "cli/commands.hh"
#include "guest/fetch.hh"
#include "guest/kernel_store.hh"

namespace tcpwitness {
namespace {

using guest::KernelImage;

void say(const std::string& line) { fmt::print(stderr, "{}\n", line); }

void list_kernels(bool available) {
    for (const KernelImage& kernel : guest::installed_kernels())
        fmt::print("{:<36} {:<8} {}{}\n", kernel.release, kernel.origin, kernel.image.string(),
                   kernel.modules.empty() ? "  (without modules)" : "");
    if (!available) return;
    guest::KernelFetcher fetcher(say);
    for (const guest::DebianPackage& package : guest::newest_of_each_series(fetcher.available()))
        fmt::print("{:<36} Debian   tcpwitness kernels fetch {}\n", guest::release_of_package(package.name),
                   guest::series_of_version(package.version));
}

void fetch_kernels(const std::vector<std::string>& series) {
    guest::KernelFetcher fetcher(say);
    for (const std::string& one : series) {
        const KernelImage kernel = fetcher.fetch(one);
        fmt::print("{:<8} {}  {}\n", one, kernel.release, kernel.image.string());
    }
}

void remove_kernels(const std::vector<std::string>& names) {
    for (const std::string& name : names)
        for (const std::string& release : guest::remove_kernels(name)) fmt::print("removed {}\n", release);
}

}  // namespace

void add_kernels_command(CLI::App& app, ExitStatus& status) {
    auto names = std::make_shared<std::vector<std::string>>();
    auto installed_only = std::make_shared<bool>(false);
    CLI::App* command = app.add_subcommand("kernels", "The kernels that guests can run");
    command->require_subcommand(1);
    CLI::App* list = command->add_subcommand("list", "What is here, and what Debian has");
    list->add_flag("--installed", *installed_only, "Only what is here; needs no network");
    list->callback([installed_only] { list_kernels(!*installed_only); });
    CLI::App* fetch = command->add_subcommand("fetch", "Get Debian's newest kernel of each series into the user's cache");
    fetch->add_option("series", *names, "6.1, 6.12.107, newest…")->required();
    fetch->callback([names] { fetch_kernels(*names); });
    CLI::App* remove = command->add_subcommand("remove", "Remove kernels from the user's cache");
    remove->add_option("name", *names, "A series or a release")->required();
    remove->callback([names] { remove_kernels(*names); });
    command->callback([&status] { status.value = ExitStatus::kPassed; });
}

}  // namespace tcpwitness
