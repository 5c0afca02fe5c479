#include "base/value.hh"

#include "base/json.hh"

namespace tcpwitness {

void to_json(nlohmann::json& json, const Value& value) {
    switch (value.kind) {
        case Value::Kind::integer: json = {{"integer", value.integer}}; break;
        case Value::Kind::symbol: json = {{"symbol", value.text}}; break;
        case Value::Kind::socket: json = {{"socket", value.text}}; break;
        case Value::Kind::address: json = {{"address", value.address}}; break;
        case Value::Kind::text: json = {{"text", value.text}}; break;
        case Value::Kind::duration: json = {{"duration", value.duration}}; break;
        case Value::Kind::list: json = {{"list", value.items}}; break;
        case Value::Kind::field: json = {{"field", {{value.text, value.items.at(0)}}}}; break;
    }
}

void from_json(const nlohmann::json& json, Value& value) {
    if (!json.is_object() || json.size() != 1) throw Error("not a value: " + json.dump());
    const std::string kind = json.begin().key();
    const nlohmann::json& content = json.begin().value();
    value = Value{};
    if (kind == "integer") {
        value.integer = content.get<int64_t>();
    } else if (kind == "symbol" || kind == "socket" || kind == "text") {
        value.kind = kind == "symbol" ? Value::Kind::symbol : kind == "socket" ? Value::Kind::socket : Value::Kind::text;
        value.text = content.get<std::string>();
    } else if (kind == "address") {
        value.kind = Value::Kind::address;
        value.address = content.get<SocketAddress>();
    } else if (kind == "duration") {
        value.kind = Value::Kind::duration;
        value.duration = content.get<Duration>();
    } else if (kind == "list") {
        value.kind = Value::Kind::list;
        value.items = content.get<std::vector<Value>>();
    } else if (kind == "field" && content.is_object() && content.size() == 1) {
        value.kind = Value::Kind::field;
        value.text = content.begin().key();
        value.items.push_back(content.begin().value().get<Value>());
    } else {
        throw Error("unknown kind of value '" + kind + "'");
    }
}

}  // namespace tcpwitness
