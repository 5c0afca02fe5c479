// What observers lose they say.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/error.hh"
#include "observed_stage.hh"
#include "observers/packet_capture.hh"

namespace tcpwitness {
namespace {

class LossTest : public KernelTest {};

TEST_F(LossTest, FullRingIsTold) {
    std::unique_ptr<StateTracer> small;
    try {
        small = std::make_unique<StateTracer>(4096);
    } catch (const Unsupported& error) {
        GTEST_SKIP() << error.what();
    }
    ObservedStage stage({}, std::move(small));
    const FileDescriptor l = listening_socket(stage.stage.server, TestStage::server_address(Family::ipv4), 7000);
    for (int i = 0; i < 20; ++i) {
        const FileDescriptor c = connected_socket(stage.stage.client, TestStage::server_address(Family::ipv4), 7000);
        const FileDescriptor s = accepted_socket(l);
    }
    stage.observers->drain();
    EXPECT_GT(stage.lost(), 0);
    const int64_t before = stage.lost();
    stage.observers->drain();
    EXPECT_EQ(stage.lost(), before);  // told once
}

TEST_F(LossTest, RingThatIsLargeEnoughLosesNothing) {
    ObservedStage stage;
    const FileDescriptor l = listening_socket(stage.stage.server, TestStage::server_address(Family::ipv4), 7000);
    for (int i = 0; i < 20; ++i) {
        const FileDescriptor c = connected_socket(stage.stage.client, TestStage::server_address(Family::ipv4), 7000);
        const FileDescriptor s = accepted_socket(l);
    }
    stage.observers->drain();
    EXPECT_EQ(stage.lost(), 0);
}

TEST_F(LossTest, FullPacketBufferIsTold) {
    const TestStage stage;
    PacketCapture capture(stage.client, {"client0"}, 1);
    const NamespaceGuard inside(stage.client);
    const FileDescriptor udp(check_system(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket", "UDP"));
    sockaddr_storage storage{};
    const socklen_t size = SocketAddress{TestStage::server_address(Family::ipv4), 9}.to_kernel(storage);
    for (int i = 0; i < 100; ++i) {
        sendto(udp.get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&storage), size);
    }
    EXPECT_GT(capture.take_lost(), 0);
    EXPECT_EQ(capture.take_lost(), 0);
}

}  // namespace
}  // namespace tcpwitness
