#include "observers/kernel_layout.hh"

#include <fcntl.h>
#include <linux/btf.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "base/error.hh"
#include "base/file_descriptor.hh"

namespace tcpwitness {
namespace {

// One field that is wanted: `member` of `type`, its offset stored at `offset`.
struct Wanted {
    std::string_view type;
    std::string_view member;
    __u32 kernel_layout::*offset;
};

constexpr std::array kWanted{
    Wanted{"sock_common", "skc_daddr", &kernel_layout::skc_daddr},
    Wanted{"sock_common", "skc_rcv_saddr", &kernel_layout::skc_rcv_saddr},
    Wanted{"sock_common", "skc_dport", &kernel_layout::skc_dport},
    Wanted{"sock_common", "skc_num", &kernel_layout::skc_num},
    Wanted{"sock_common", "skc_family", &kernel_layout::skc_family},
    Wanted{"sock_common", "skc_state", &kernel_layout::skc_state},
    Wanted{"sock_common", "skc_prot", &kernel_layout::skc_prot},
    Wanted{"sock_common", "skc_net", &kernel_layout::skc_net},
    Wanted{"sock_common", "skc_v6_daddr", &kernel_layout::skc_v6_daddr},
    Wanted{"sock_common", "skc_v6_rcv_saddr", &kernel_layout::skc_v6_rcv_saddr},
    Wanted{"sock_common", "skc_cookie", &kernel_layout::skc_cookie},
    Wanted{"sock_common", "skc_flags", &kernel_layout::skc_flags},
    Wanted{"sock", "sk_protocol", &kernel_layout::sk_protocol},
    Wanted{"inet_timewait_sock", "tw_substate", &kernel_layout::tw_substate},
    Wanted{"inet_timewait_sock", "tw_timer", &kernel_layout::tw_timer},
    Wanted{"request_sock", "rsk_timer", &kernel_layout::rsk_timer},
    Wanted{"timer_list", "expires", &kernel_layout::timer_expires},
    Wanted{"net", "ns", &kernel_layout::net_inode},
    Wanted{"ns_common", "inum", &kernel_layout::net_inode},
    Wanted{"sk_buff", "dev", &kernel_layout::skb_dev},
    Wanted{"sk_buff", "head", &kernel_layout::skb_head},
    Wanted{"sk_buff", "transport_header", &kernel_layout::skb_transport_header},
    Wanted{"sk_buff", "network_header", &kernel_layout::skb_network_header},
    Wanted{"net_device", "nd_net", &kernel_layout::dev_net},
};
constexpr std::string_view kFlagEnum = "sock_flags";
constexpr std::string_view kFlag = "SOCK_RCU_FREE";

// How many bytes of BTF follow a btf_type (include/uapi/linux/btf.h).
size_t trailing_size(unsigned kind, unsigned count) {
    switch (kind) {
        case BTF_KIND_INT:
        case BTF_KIND_VAR:
        case 17:  // BTF_KIND_DECL_TAG
            return 4;
        case BTF_KIND_ARRAY:
            return sizeof(btf_array);
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
            return count * sizeof(btf_member);
        case BTF_KIND_ENUM:
            return count * sizeof(btf_enum);
        case BTF_KIND_FUNC_PROTO:
            return count * sizeof(btf_param);
        case BTF_KIND_DATASEC:
            return count * sizeof(btf_var_secinfo);
        case 19:  // BTF_KIND_ENUM64
            return count * 12;
        default:
            return 0;
    }
}

class BtfReader {
  public:
    explicit BtfReader(std::string_view btf);

    kernel_layout layout() const;

  private:
    const btf_type* type(uint32_t id) const { return reinterpret_cast<const btf_type*>(types_.data() + starts_.at(id)); }
    std::string_view name(uint32_t offset) const { return strings_.substr(offset).data(); }
    // Offset in bytes of a member, also of one inside an anonymous struct or union; nothing when there is none.
    std::optional<uint32_t> member_offset(const btf_type& structure, std::string_view member) const;
    std::optional<uint32_t> find_member(std::string_view structure, std::string_view member) const;
    std::optional<uint32_t> find_enumerator(std::string_view enumeration, std::string_view enumerator) const;
    bool is_wanted(std::string_view type_name) const;

    std::string_view types_;
    std::string_view strings_;
    std::vector<uint32_t> starts_{0};  // of every type, by its id; 0 is void
    std::vector<uint32_t> wanted_;     // ids of structures and enumerations that are asked for
};

bool BtfReader::is_wanted(std::string_view type_name) const {
    for (const Wanted& wanted : kWanted) {
        if (wanted.type == type_name) return true;
    }
    return type_name == kFlagEnum;
}

BtfReader::BtfReader(std::string_view btf) {
    btf_header header{};
    if (btf.size() < sizeof header) throw Unsupported("the kernel's BTF is too short");
    std::memcpy(&header, btf.data(), sizeof header);
    const uint64_t end = uint64_t{header.hdr_len} + std::max(header.type_off + header.type_len, header.str_off + header.str_len);
    if (header.magic != BTF_MAGIC || end > btf.size()) throw Unsupported("the kernel's BTF is not understood");
    types_ = btf.substr(header.hdr_len + header.type_off, header.type_len);
    strings_ = btf.substr(header.hdr_len + header.str_off, header.str_len);
    starts_.reserve(types_.size() / 24);
    for (size_t at = 0; at + sizeof(btf_type) <= types_.size();) {
        const auto* entry = reinterpret_cast<const btf_type*>(types_.data() + at);
        const unsigned kind = BTF_INFO_KIND(entry->info);
        if ((kind == BTF_KIND_STRUCT || kind == BTF_KIND_ENUM) && is_wanted(name(entry->name_off))) {
            wanted_.push_back(static_cast<uint32_t>(starts_.size()));
        }
        starts_.push_back(static_cast<uint32_t>(at));
        at += sizeof(btf_type) + trailing_size(kind, BTF_INFO_VLEN(entry->info));
    }
}

std::optional<uint32_t> BtfReader::member_offset(const btf_type& structure, std::string_view member) const {
    const auto* members = reinterpret_cast<const btf_member*>(&structure + 1);
    for (unsigned i = 0; i < BTF_INFO_VLEN(structure.info); ++i) {
        const bool has_bit_fields = BTF_INFO_KFLAG(structure.info) != 0;
        const uint32_t bits = has_bit_fields ? BTF_MEMBER_BIT_OFFSET(members[i].offset) : members[i].offset;
        if (members[i].name_off != 0) {
            if (name(members[i].name_off) == member) return bits / 8;
            continue;
        }
        const btf_type* inner = type(members[i].type);
        const unsigned kind = BTF_INFO_KIND(inner->info);
        if (kind != BTF_KIND_STRUCT && kind != BTF_KIND_UNION) continue;
        if (const auto offset = member_offset(*inner, member)) return bits / 8 + *offset;
    }
    return std::nullopt;
}

std::optional<uint32_t> BtfReader::find_member(std::string_view structure, std::string_view member) const {
    for (const uint32_t id : wanted_) {
        const btf_type* candidate = type(id);
        if (BTF_INFO_KIND(candidate->info) != BTF_KIND_STRUCT || name(candidate->name_off) != structure) continue;
        if (const auto offset = member_offset(*candidate, member)) return offset;
    }
    return std::nullopt;
}

std::optional<uint32_t> BtfReader::find_enumerator(std::string_view enumeration, std::string_view enumerator) const {
    for (const uint32_t id : wanted_) {
        const btf_type* candidate = type(id);
        if (BTF_INFO_KIND(candidate->info) != BTF_KIND_ENUM || name(candidate->name_off) != enumeration) continue;
        const auto* values = reinterpret_cast<const btf_enum*>(candidate + 1);
        for (unsigned i = 0; i < BTF_INFO_VLEN(candidate->info); ++i) {
            if (name(values[i].name_off) == enumerator) return static_cast<uint32_t>(values[i].val);
        }
    }
    return std::nullopt;
}

kernel_layout BtfReader::layout() const {
    kernel_layout result{};
    for (const Wanted& wanted : kWanted) {
        const auto offset = find_member(wanted.type, wanted.member);
        if (!offset) {
            throw Unsupported("this kernel's struct " + std::string(wanted.type) + " has no " + std::string(wanted.member));
        }
        result.*wanted.offset += *offset;  // a sum where the field lies in a structure within the structure
    }
    const auto bit = find_enumerator(kFlagEnum, kFlag);
    if (!bit) throw Unsupported("this kernel has no " + std::string(kFlag));
    result.rcu_free_bit = *bit;
    return result;
}

}  // namespace

kernel_layout kernel_layout_from_btf(std::string_view btf) {
    return BtfReader(btf).layout();
}

kernel_layout read_kernel_layout() {
    static const std::string kPath = "/sys/kernel/btf/vmlinux";
    const FileDescriptor file = open_file(kPath, O_RDONLY);
    struct stat status {};
    check_system(fstat(file.get(), &status), "fstat", kPath);
    const auto size = static_cast<size_t>(status.st_size);
    // Since 6.15 this file can be mapped; before, mmap() says ENODEV.
    void* mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.get(), 0);
    if (mapped == MAP_FAILED) return kernel_layout_from_btf(read_all(file.get()));
    const auto unmap = [size](void* address) { munmap(address, size); };
    const std::unique_ptr<void, decltype(unmap)> mapping(mapped, unmap);
    return kernel_layout_from_btf({static_cast<const char*>(mapped), size});
}

}  // namespace tcpwitness
