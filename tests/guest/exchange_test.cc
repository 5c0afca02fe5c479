#include "guest/exchange.hh"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include "base/error.hh"
#include "guest/exec_program.hh"
#include "guest/machine_arguments.hh"
#include "guest/mapped_file.hh"

namespace tcpwitness::guest {
namespace {

Mapping exchange_range() {
    const FileDescriptor file = anonymous_file("test", kExchangeBytes);
    return Mapping(file.get(), kExchangeBytes, PROT_READ | PROT_WRITE, MAP_SHARED, 0, "test");
}

const GuestRequest kRequest{.kind = "run", .body = std::string("a\0b", 3), .files = "cpio", .seed = seed_from(3)};

TEST(Exchange, ARequestComesAcross) {
    const Mapping range = exchange_range();
    EXPECT_FALSE(read_request(range.data()));
    write_request(range.data(), kRequest);
    const auto read = read_request(range.data());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->kind, kRequest.kind);
    EXPECT_EQ(read->body, kRequest.body);
    EXPECT_EQ(read->files, kRequest.files);
    EXPECT_EQ(read->seed, kRequest.seed);
}

TEST(Exchange, AReplyComesAcross) {
    const Mapping range = exchange_range();
    EXPECT_FALSE(read_reply(range.data()));
    write_reply(range.data(), ReplyStatus::failed, "why");
    const auto read = read_reply(range.data());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->status, ReplyStatus::failed);
    EXPECT_EQ(read->body, "why");
}

TEST(Exchange, ADamagedFrameIsNoFrame) {
    const Mapping range = exchange_range();
    write_request(range.data(), kRequest);
    range.data()[4096 + 10] ^= 1;  // content
    EXPECT_FALSE(read_request(range.data()));
    write_request(range.data(), kRequest);
    range.data()[16] ^= 1;  // its length
    EXPECT_FALSE(read_request(range.data()));
}

TEST(Exchange, TooMuchIsAnError) {
    const Mapping range = exchange_range();
    EXPECT_THROW(write_reply(range.data(), ReplyStatus::handled, std::string(kRequestLimit + 1, 'x')), Error);
}

TEST(Exchange, FieldsKeepTheirBytes) {
    const std::vector<std::string> fields = {"", std::string("\0\n", 2), "last"};
    EXPECT_EQ(unpack_fields(pack_fields({fields.begin(), fields.end()})), fields);
    EXPECT_THROW(unpack_fields("short"), Error);
    EXPECT_THROW(unpack_fields(pack_fields({"field"}).substr(0, 10)), Error);
}

TEST(Exchange, SeedsDiffer) {
    EXPECT_EQ(seed_from(1), seed_from(1));
    EXPECT_NE(seed_from(1), seed_from(2));
}

TEST(Exec, RunsAProgramAndReportsItsEnd) {
    const auto run = [](ExecRequest request) { return exec_result_from_bytes(exec_program(exec_request_to_bytes(request))); };
    const ExecResult result = run({{"sh", "-c", "cat; echo $WORD >&2; exit 7"}, {"WORD=said"}, "given"});
    EXPECT_EQ(result.status, 7);
    EXPECT_EQ(result.output, "given");
    EXPECT_EQ(result.error, "said\n");
    EXPECT_EQ(run({{"sh", "-c", "kill -9 $$"}, {}, ""}).status, 137);
    const ExecResult missing = run({{"/no/such/program"}, {}, ""});
    EXPECT_EQ(missing.status, 127);
    EXPECT_NE(missing.error.find("/no/such/program"), std::string::npos);
    EXPECT_THROW(run({{}, {}, ""}), Error);
}

TEST(MachineArguments, NothingThatAnswersOnHostTimeIsInTheMachine) {
    const MachineFiles files{.memory = "/m", .exchange = "/x", .console = "/c", .kernel = "/k", .initramfs = "/i"};
    std::string line;
    for (const std::string& argument : qemu_arguments({}, files, 5)) line += argument + " ";
    for (const char* present : {"shift=0,sleep=off", "clock=vm", "max,-rdrand,-rdseed", "-nodefaults", "share=off", "-kernel /k"})
        EXPECT_NE(line.find(present), std::string::npos) << present;
    for (const char* absent : {"-drive", "-netdev", "virtio", "-incoming", "stdio"})
        EXPECT_EQ(line.find(absent), std::string::npos) << absent;
    EXPECT_NE(kernel_command_line({}).find("memmap=128M$0x10000000"), std::string::npos);
}

TEST(MachineArguments, AResumedMachineGetsNoKernel) {
    std::string line;
    for (const std::string& argument : qemu_arguments({}, {.memory = "/m", .exchange = "/x", .console = "/c"}, 5)) line += argument + " ";
    EXPECT_NE(line.find("-incoming defer"), std::string::npos);
    EXPECT_EQ(line.find("-append"), std::string::npos);
}

}  // namespace
}  // namespace tcpwitness::guest
