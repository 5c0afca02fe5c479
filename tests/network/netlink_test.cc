#include "network/netlink.hh"

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <cstring>

#include "base/error.hh"

namespace tcpwitness {
namespace {

// An NLMSG_ERROR answer to a request of `request_size` bytes, with `text` as its extended ack.
NetlinkMessage answer(uint16_t flags, size_t request_size, const std::string& text) {
    NetlinkMessage message(NLMSG_ERROR, flags, "answer", "");
    nlmsgerr error{};
    error.error = -EINVAL;
    error.msg.nlmsg_len = static_cast<uint32_t>(sizeof(nlmsghdr) + request_size);
    message.append(error);
    const std::string request(request_size, 'x');
    if ((flags & NLM_F_CAPPED) == 0) message.append_bytes(request.data(), request.size());
    if (!text.empty()) message.put(NLMSGERR_ATTR_MSG, text);
    return message;
}

TEST(Netlink, ReadsTheKernelsWords) {
    EXPECT_EQ(extended_ack_text(*nlmsg_hdr(answer(NLM_F_CAPPED | NLM_F_ACK_TLVS, 32, "bad value").get())), "bad value");
    EXPECT_EQ(extended_ack_text(*nlmsg_hdr(answer(NLM_F_ACK_TLVS, 32, "bad value").get())), "bad value");
    EXPECT_EQ(extended_ack_text(*nlmsg_hdr(answer(NLM_F_CAPPED, 32, "").get())), "");
    EXPECT_EQ(extended_ack_text(*nlmsg_hdr(answer(NLM_F_CAPPED | NLM_F_ACK_TLVS, 32, "").get())), "");
}

TEST(Netlink, ReadsNoWordsBehindATruncatedAnswer) {
    NetlinkMessage message = answer(NLM_F_ACK_TLVS, 32, "");
    auto* error = static_cast<nlmsgerr*>(nlmsg_data(nlmsg_hdr(message.get())));
    error->msg.nlmsg_len = 4000;  // more than came
    EXPECT_EQ(extended_ack_text(*nlmsg_hdr(message.get())), "");
}

TEST(Netlink, NestsAttributes) {
    NetlinkMessage message(16, 0, "test", "");
    message.nest(5, [&] {
        message.put(1, uint32_t{7});
        message.put(2, std::string("abc"));
    });
    nlattr* nest = nlmsg_find_attr(nlmsg_hdr(message.get()), 0, 5);
    ASSERT_NE(nest, nullptr);
    EXPECT_EQ(nla_get_u32(nla_find(static_cast<nlattr*>(nla_data(nest)), nla_len(nest), 1)), 7U);
    EXPECT_STREQ(nla_get_string(nla_find(static_cast<nlattr*>(nla_data(nest)), nla_len(nest), 2)), "abc");
}

TEST(Netlink, SaysThatAMessageIsFull) {
    NetlinkMessage message(16, 0, "RTM_TEST", "thing");
    const std::string large(60000, 'x');
    EXPECT_THROW(
        {
            message.put(1, large);
            message.put(1, large);
        },
        NetlinkError);
}

}  // namespace
}  // namespace tcpwitness
