#include "observers/packet_capture.hh"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/error.hh"

namespace tcpwitness {
namespace {

constexpr size_t kPacketsAtOnce = 16;
constexpr size_t kLongestPacket = 65536 + 256;  // the loopback interface's MTU

void set_option(int descriptor, int level, int option, const char* name) {
    const int on = 1;
    check_system(setsockopt(descriptor, level, option, &on, sizeof on), "setsockopt", name);
}

Duration stamp_of(const cmsghdr* header) {
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(header), sizeof stamp);
    return std::chrono::seconds(stamp.tv_sec) + std::chrono::nanoseconds(stamp.tv_nsec);
}

}  // namespace

// The buffers of one recvmmsg().
class PacketCapture::Batch {
  public:
    Batch() : bytes_(new char[kPacketsAtOnce * kLongestPacket]) {
        for (size_t i = 0; i < kPacketsAtOnce; ++i) {
            parts_[i] = {bytes_.get() + i * kLongestPacket, kLongestPacket};
            msghdr& header = messages_[i].msg_hdr;
            header.msg_iov = &parts_[i];
            header.msg_iovlen = 1;
        }
    }

    // How many packets were read; 0: there are no more.
    size_t read(int descriptor, const std::string& host) {
        for (size_t i = 0; i < kPacketsAtOnce; ++i) {
            msghdr& header = messages_[i].msg_hdr;
            header.msg_name = &addresses_[i];
            header.msg_namelen = sizeof addresses_[i];
            header.msg_control = controls_[i].bytes;
            header.msg_controllen = sizeof controls_[i].bytes;
        }
        int count = 0;
        do {
            count = recvmmsg(descriptor, messages_.data(), kPacketsAtOnce, MSG_DONTWAIT, nullptr);
        } while (count < 0 && errno == EINTR);
        // ENETDOWN tells once that an interface went down; its packets are still to be read.
        if (count < 0 && (errno == EAGAIN || errno == ENETDOWN)) return 0;
        return static_cast<size_t>(check_system(count, "recvmmsg", "packets of " + host));
    }

    const sockaddr_ll& address(size_t i) const { return addresses_[i]; }
    std::string_view bytes(size_t i) const {
        return {bytes_.get() + i * kLongestPacket, std::min<size_t>(messages_[i].msg_len, kLongestPacket)};
    }

    // The kernel's stamp, and whether the checksum was left to the device.
    std::pair<Duration, bool> told(size_t i) {
        std::pair<Duration, bool> result{};
        msghdr& header = messages_[i].msg_hdr;
        for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr; control = CMSG_NXTHDR(&header, control)) {
            if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_TIMESTAMPNS) result.first = stamp_of(control);
            if (control->cmsg_level != SOL_PACKET || control->cmsg_type != PACKET_AUXDATA) continue;
            tpacket_auxdata auxiliary{};
            std::memcpy(&auxiliary, CMSG_DATA(control), sizeof auxiliary);
            result.second = (auxiliary.tp_status & TP_STATUS_CSUMNOTREADY) != 0;
        }
        return result;
    }

  private:
    struct Control {
        alignas(cmsghdr) char bytes[CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(tpacket_auxdata))];
    };

    std::unique_ptr<char[]> bytes_;
    std::array<iovec, kPacketsAtOnce> parts_{};
    std::array<mmsghdr, kPacketsAtOnce> messages_{};
    std::array<sockaddr_ll, kPacketsAtOnce> addresses_{};
    std::array<Control, kPacketsAtOnce> controls_{};
};

PacketCapture::PacketCapture(const NetworkNamespace& network_namespace, const std::vector<std::string>& interfaces,
                             int buffer_bytes)
    : host_(network_namespace.name()) {
    const NamespaceGuard inside(network_namespace);
    open(interfaces, buffer_bytes);
}

PacketCapture::PacketCapture(PacketCapture&&) noexcept = default;
PacketCapture::~PacketCapture() = default;

void PacketCapture::open(const std::vector<std::string>& interfaces, int buffer_bytes) {
    // Protocol 0: nothing is captured before bind(), when all options are set.
    socket_ = FileDescriptor(
        check_system(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket AF_PACKET", host_));
    set_buffer(buffer_bytes);
    set_option(socket_.get(), SOL_SOCKET, SO_TIMESTAMPNS, "SO_TIMESTAMPNS");
    set_option(socket_.get(), SOL_PACKET, PACKET_AUXDATA, "PACKET_AUXDATA");
    for (const std::string& name : interfaces) {
        const unsigned index = if_nametoindex(name.c_str());
        if (index == 0) throw_system_error("if_nametoindex", host_ + " " + name);
        interfaces_[static_cast<int>(index)] = name;
    }
    loopback_ = static_cast<int>(if_nametoindex("lo"));
    interfaces_[loopback_] = "lo";
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    check_system(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind AF_PACKET", host_);
    last_drain_ = read_monotonic_clock();
}

void PacketCapture::set_buffer(int bytes) {
    if (setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) == 0) return;
    check_system(setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes), "setsockopt", "SO_RCVBUF");
}

void PacketCapture::drain(const std::function<void(const CapturedPacket&)>& take) {
    if (!batch_) batch_ = std::make_unique<Batch>();
    const Duration since = last_drain_;
    last_drain_ = read_monotonic_clock();
    clock_.measure();
    while (const size_t count = batch_->read(socket_.get(), host_)) {
        for (size_t i = 0; i < count; ++i) {
            const sockaddr_ll& address = batch_->address(i);
            const auto interface = interfaces_.find(address.sll_ifindex);
            const bool sent = address.sll_pkttype == PACKET_OUTGOING;
            if (interface == interfaces_.end() || address.sll_pkttype == PACKET_OTHERHOST) continue;
            if (address.sll_ifindex == loopback_ && !sent) continue;
            const auto [stamp, unfinished] = batch_->told(i);
            CapturedPacket packet{clock_.convert(stamp, since), interface->second,
                                  sent ? Direction::sent : Direction::arrived, unfinished, batch_->bytes(i)};
            take(packet);
            if (address.sll_ifindex != loopback_) continue;
            packet.direction = Direction::arrived;
            take(packet);
        }
    }
}

int64_t PacketCapture::take_lost() {
    tpacket_stats statistics{};
    socklen_t size = sizeof statistics;
    check_system(getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &statistics, &size), "getsockopt",
                 "PACKET_STATISTICS of " + host_);
    return statistics.tp_drops;
}

}  // namespace tcpwitness
