#include "guest/guest_modules.hh"

#include "guest/guest.hh"

namespace tcpwitness::guest {

const std::vector<std::string>& wanted_modules() {
    static const std::vector<std::string> names = {
        // links and queues
        "veth", "tun", "sch_netem", "sch_tbf", "sch_ingress",
        // what observers ask
        "inet_diag", "tcp_diag", "unix_diag", "af_packet",
        // congestion control that cases may choose
        "tcp_bbr", "tcp_dctcp",
        // private copies of folders, IPv6 where it is a module
        "overlay", "ipv6"};
    return names;
}

FileSet guest_files(const std::string& init) {
    FileSet files;
    for (const char* directory : {"dev", "proc", "sys", "run", "root", "var/log", "var/lib", "etc"})
        files.add_directory(directory);
    files.add_directory("tmp", 01777);
    // Where /bin is a link to usr/bin, programs that call /bin/sh need it whatever path sh came by.
    for (const std::string name : {"bin", "sbin", "lib", "lib64"}) {
        if (std::filesystem::is_symlink("/" + name)) files.add_link(name, std::filesystem::read_symlink("/" + name).string());
        files.add_directory("usr/" + name);
    }
    files.add_content("etc/passwd", 0644,
                      "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"
                      "redis:x:100:100::/var/lib/redis:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n");
    files.add_content("etc/group", 0644, "root:x:0:\nadm:x:4:\nwww-data:x:33:\nredis:x:100:\nnogroup:x:65534:\n");
    files.add_content("etc/hosts", 0644, "127.0.0.1 localhost\n::1 localhost\n");
    files.add_content("etc/nsswitch.conf", 0644, "passwd: files\ngroup: files\nhosts: files\n");
    files.add_device("dev/console", 5, 1);
    files.add_program_as(init, "/init", GuestFile::Form::loadable_part);
    return files;
}

}  // namespace tcpwitness::guest
