#include "observers/kernel_layout.hh"

#include <gtest/gtest.h>
#include <linux/btf.h>

#include <cstring>
#include <vector>

#include "base/error.hh"

namespace tcpwitness {
namespace {

// Writes BTF: structures whose members all have type 1, a 32 bit integer, and what stands between.
class BtfWriter {
  public:
    BtfWriter() {
        put(btf_type{name("int"), BTF_KIND_INT << 24, {4}});
        put(uint32_t{32});
    }
    struct Member {
        std::string name;
        uint32_t byte = 0;
        uint32_t type = 1;
    };
    uint32_t structure(const std::string& type_name, const std::vector<Member>& members) {
        put(btf_type{name(type_name), BTF_KIND_STRUCT << 24 | static_cast<uint32_t>(members.size()), {64}});
        for (const Member& member : members) put(btf_member{name(member.name), member.type, member.byte * 8});
        return ++last_;
    }
    void enumeration(const std::string& type_name, const std::string& enumerator, int value) {
        put(btf_type{name(type_name), BTF_KIND_ENUM << 24 | 1, {4}});
        put(btf_enum{name(enumerator), value});
        ++last_;
    }
    std::string finish() const {
        btf_header header{};
        header.magic = BTF_MAGIC;
        header.version = 1;
        header.hdr_len = sizeof header;
        header.type_len = static_cast<uint32_t>(types_.size());
        header.str_off = header.type_len;
        header.str_len = static_cast<uint32_t>(strings_.size());
        return std::string(reinterpret_cast<const char*>(&header), sizeof header) + types_ + strings_;
    }

  private:
    uint32_t name(const std::string& text) {
        if (text.empty()) return 0;
        strings_ += text + '\0';
        return static_cast<uint32_t>(strings_.size() - text.size() - 1);
    }
    template <typename Value>
    void put(const Value& value) {
        types_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }

    std::string types_;
    std::string strings_ = std::string(1, '\0');
    uint32_t last_ = 1;
};

std::string kernel(bool with_timer) {
    BtfWriter btf;
    const uint32_t inner = btf.structure("", {{"skc_dport", 2}, {"skc_num", 4}});
    btf.structure("sock_common", {{"skc_daddr", 0}, {"skc_rcv_saddr", 4}, {"", 8, inner}, {"skc_family", 16},
                                  {"skc_state", 18}, {"skc_prot", 24}, {"skc_net", 32}, {"skc_v6_daddr", 40},
                                  {"skc_v6_rcv_saddr", 56}, {"skc_cookie", 72}, {"skc_flags", 80}});
    btf.structure("sock", {{"sk_protocol", 90}});
    btf.enumeration("sock_flags", "SOCK_RCU_FREE", 19);
    btf.structure("inet_timewait_sock", {{"tw_substate", 92}, {"tw_timer", 96}});
    if (with_timer) btf.structure("request_sock", {{"rsk_timer", 100}});
    btf.structure("timer_list", {{"expires", 16}});
    btf.structure("net", {{"ns", 120}});
    btf.structure("ns_common", {{"inum", 12}});
    btf.structure("sk_buff", {{"dev", 16}, {"head", 24}, {"transport_header", 32}, {"network_header", 34}});
    btf.structure("net_device", {{"nd_net", 40}});
    return btf.finish();
}

TEST(KernelLayout, FindsFieldsInStructuresAndWithin) {
    const kernel_layout layout = kernel_layout_from_btf(kernel(true));
    EXPECT_EQ(layout.skc_dport, 10U);  // of an anonymous structure
    EXPECT_EQ(layout.skc_num, 12U);
    EXPECT_EQ(layout.skc_cookie, 72U);
    EXPECT_EQ(layout.rsk_timer, 100U);
    EXPECT_EQ(layout.net_inode, 132U);  // of ns_common within net
    EXPECT_EQ(layout.rcu_free_bit, 19U);
}

TEST(KernelLayout, SaysWhatIsMissing) {
    try {
        kernel_layout_from_btf(kernel(false));
        FAIL();
    } catch (const Unsupported& error) {
        EXPECT_STREQ(error.what(), "this kernel's struct request_sock has no rsk_timer");
    }
}

TEST(KernelLayout, RefusesWhatIsNoBtf) {
    EXPECT_THROW(kernel_layout_from_btf(""), Unsupported);
    EXPECT_THROW(kernel_layout_from_btf(std::string(100, 'x')), Unsupported);
    const std::string good = kernel(true);
    EXPECT_THROW(kernel_layout_from_btf(good.substr(0, good.size() - 10)), Unsupported);
}

}  // namespace
}  // namespace tcpwitness
