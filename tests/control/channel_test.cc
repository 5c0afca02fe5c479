#include "control/channel.hh"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <thread>

#include "base/error.hh"

namespace tcpwitness {
namespace {

std::string frame(const std::string& content) {
    const uint32_t length = htonl(static_cast<uint32_t>(content.size()));
    return std::string(reinterpret_cast<const char*>(&length), sizeof length) + content;
}

class ChannelTest : public testing::Test {
  protected:
    ChannelTest() : ChannelTest(socket_pair(SOCK_STREAM)) {}
    explicit ChannelTest(std::pair<FileDescriptor, FileDescriptor> ends)
        : channel_(std::move(ends.first)), other_(std::move(ends.second)) {}

    Channel channel_;
    FileDescriptor other_;
};

TEST_F(ChannelTest, GivesFramesInOrderHoweverTheyAreCut) {
    const std::string stream = frame("first") + frame("") + frame(std::string(300, 'x'));
    for (const char byte : stream.substr(0, stream.size() - 1)) {
        write_all(other_.get(), {&byte, 1});
        const auto got = channel_.try_receive();
        EXPECT_TRUE(!got || *got == "first" || got->empty());
    }
    EXPECT_FALSE(channel_.try_receive());
    EXPECT_FALSE(channel_.closed());
    write_all(other_.get(), stream.substr(stream.size() - 1));
    EXPECT_EQ(channel_.receive(), std::string(300, 'x'));
}

TEST_F(ChannelTest, GivesManyFramesOfOneRead) {
    write_all(other_.get(), frame("a") + frame("b") + frame("c"));
    other_.reset();
    EXPECT_EQ(channel_.try_receive(), "a");
    EXPECT_EQ(channel_.receive(), "b");
    EXPECT_FALSE(channel_.closed());
    EXPECT_EQ(channel_.try_receive(), "c");
    EXPECT_FALSE(channel_.try_receive());
    EXPECT_TRUE(channel_.closed());
    EXPECT_FALSE(channel_.receive());
}

TEST_F(ChannelTest, CarriesMoreThanTheSocketHoldsAlsoWhenNonBlocking) {
    fcntl(channel_.descriptor(), F_SETFL, O_NONBLOCK);
    Channel other(std::move(other_));
    const std::string big(5 << 20, 'y');
    std::thread sender([&] { channel_.send(big); });
    EXPECT_EQ(other.receive(), big);
    sender.join();
    other.send("back");
    EXPECT_EQ(channel_.receive(), "back");
}

TEST_F(ChannelTest, RefusesAHugeFrameBeforeItsBytesCome) {
    write_all(other_.get(), "{\"id\": 1}");  // text read as a header: 2 GB
    EXPECT_THROW(channel_.try_receive(), Error);
    EXPECT_THROW(channel_.send(std::string(Channel::kLongestFrame + 1, 'x')), Error);
}

TEST_F(ChannelTest, AnEndInsideAFrameIsAnError) {
    write_all(other_.get(), frame("whole") + frame("cut").substr(0, 6));
    other_.reset();
    EXPECT_EQ(channel_.receive(), "whole");
    EXPECT_THROW(channel_.receive(), Error);
    EXPECT_TRUE(channel_.closed());
}

TEST_F(ChannelTest, TheOtherEndClosingWithUnreadMessagesIsAnEnd) {
    channel_.send("never read");
    write_all(other_.get(), frame("last words"));
    other_.reset();
    EXPECT_EQ(channel_.receive(), "last words");
    EXPECT_FALSE(channel_.receive());
    EXPECT_TRUE(channel_.closed());
}

TEST_F(ChannelTest, SendingToAClosedEndIsAnErrorAndNoSignal) {
    other_.reset();
    try {
        channel_.send("x");
        FAIL() << "send did not throw";
    } catch (const SystemError& error) {
        EXPECT_EQ(error.error_number(), EPIPE);
    }
}

}  // namespace
}  // namespace tcpwitness
