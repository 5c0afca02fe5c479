#include "base/json.hh"

#include <gtest/gtest.h>

#include "base/error.hh"
#include "base/value.hh"

namespace tcpwitness {
namespace {

TEST(Json, Base64SurvivesEveryLength) {
    std::string bytes;
    for (int length = 0; length < 20; ++length) {
        EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
        bytes += static_cast<char>(251 * length);
    }
    EXPECT_EQ(base64_encode("ab"), "YWI=");
    EXPECT_THROW(base64_decode("a*b"), Error);
}

TEST(Json, ValuesOfEveryKindSurvive) {
    Value list{.kind = Value::Kind::list};
    list.items.push_back({.kind = Value::Kind::symbol, .text = "on"});
    list.items.push_back({.kind = Value::Kind::duration, .duration = std::chrono::seconds(2)});
    list.items.push_back({.kind = Value::Kind::address, .address = SocketAddress::parse("[::1]:7")});
    list.items.push_back({.integer = -3});
    list.items.push_back({.kind = Value::Kind::field, .text = "rnext", .items = {{.integer = 2}}});
    EXPECT_EQ(nlohmann::json(list).get<Value>(), list);
    EXPECT_THROW(nlohmann::json({{"what", 1}}).get<Value>(), Error);
    EXPECT_THROW(nlohmann::json({{"field", 1}}).get<Value>(), Error);
}

}  // namespace
}  // namespace tcpwitness
